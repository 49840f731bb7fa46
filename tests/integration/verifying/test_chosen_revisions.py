"""Only some revisions make a round trip; what is older is applied, or taken from where an earlier run has kept it."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from projects import TinyProject
from servers import SERVERS_FOLDER, Servers

from migrator.database.connecting import connect
from migrator.errors import UsageError
from migrator.profiles.model import Profile
from migrator.project import Project
from migrator.verification import copies
from migrator.verification.kept import PREFIX
from migrator.verification.roundtrips import Outcome, VerifyRequest, journey, verify

Opened = Callable[[TinyProject], Project]


def git(project: TinyProject, *arguments: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"]
    subprocess.run(["git", *identity, *arguments], cwd=project.root, check=True, capture_output=True)


def test_revisions_that_are_new_or_edited_against_a_git_ref(history: TinyProject, opened: Opened) -> None:
    history.revision("one")
    two = history.revision("two")
    git(history, "init", "-b", "main")
    git(history, "add", ".")
    git(history, "commit", "-m", "start")
    request = VerifyRequest(since="main", with_data=False)
    nothing = verify(opened(history), request)
    assert (nothing.verdicts, nothing.revisions, nothing.exit_code) == ((), 2, 0)
    history.revision("three")
    two.write_text(two.read_text().replace('"id", sa.Integer', '"id", sa.BigInteger'))
    assert [each.revision for each in verify(opened(history), request).verdicts] == ["two", "three"]
    with pytest.raises(UsageError, match="does not exist"):
        verify(opened(history), VerifyRequest(since="nowhere"))


def test_a_broken_revision_below_is_told_although_it_was_not_chosen(history: TinyProject, opened: Opened) -> None:
    history.revision("one")
    history.revision("broken", 'op.drop_table("nowhere")', "pass")
    history.revision("above")
    history.revision("beside", parent="one")
    report = verify(opened(history), VerifyRequest(only=("above", "beside"), with_data=False))
    assert {each.revision: each.outcome for each in report.verdicts} == {
        "above": Outcome.NOT_REACHED,
        "beside": Outcome.EXACT,
    }
    assert [(each.rule, each.revision) for each in report.beside] == [("upgrade-fails", "broken")]
    assert report.exit_code == 9


@pytest.fixture
def embedded(servers: Servers) -> Profile:
    return servers.profile("embedded-18")


def kept_on(server: Profile) -> set[str]:
    with connect(replace(server, database="postgres")) as connection:
        names = connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE ?", f"{PREFIX}%")
    return {str(name) for (name,) in names}


def test_what_is_older_is_kept_for_the_next_run(
    history: TinyProject, opened: Opened, embedded: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(journey, "_WORTH_A_COPY", 2)
    on_tests_server(monkeypatch)
    history.use(
        Profile(
            name="local",
            source="process",
            driver="psycopg",
            migration_driver="psycopg",
            host="x",
            database="x",
            user="x",
        )
    )
    for number in range(4):
        history.revision(f"r{number}")
    before = kept_on(embedded)
    request = VerifyRequest(last=1, with_data=False)
    first = verify(opened(history), request)
    (name,) = kept_on(embedded) - before
    try:
        _spoil_what_is_older(history)
        project = opened(history)
        monkeypatch.setattr(journey, "name_for", lambda *_: name)
        second = verify(project, request)
    finally:
        with connect(replace(embedded, database="postgres")) as connection:
            connection.execute(f"DROP DATABASE {name}")
    for report in (first, second):
        assert [(each.revision, each.outcome) for each in report.verdicts] == [("r3", Outcome.EXACT)]


def _spoil_what_is_older(history: TinyProject) -> None:
    """Applied again, this revision would fail: it can only come out of the database that was kept."""
    (path,) = history.versions.glob("r1_*.py")
    path.write_text(path.read_text().replace("op.create_table", "op.no_such_operation"))


def on_tests_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the embedded server of the tests stand for that of the project."""
    ours = copies.scratch_database
    monkeypatch.setattr(copies, "scratch_database", lambda profile, **rest: ours(profile, **{**rest, **_ROOT}))


_ROOT: dict[str, Path] = {"root": SERVERS_FOLDER}


@pytest.mark.parametrize("limit", [0, 1000], ids=["with copies", "without copies"])
def test_the_state_is_built_anew_after_each_defect(
    history: TinyProject, opened: Opened, monkeypatch: pytest.MonkeyPatch, limit: int
) -> None:
    monkeypatch.setattr(journey, "_WORTH_A_COPY", limit)
    history.revision("one")
    for number in range(2):
        spoiled = f'op.execute("CREATE TABLE s{number} ()")\nop.execute("COMMIT")\nop.execute("SELECT 1 / 0")'
        history.revision(f"bad{number}", f'op.execute("CREATE TABLE b{number} ()")', spoiled)
        history.revision(f"good{number}")
    report = verify(opened(history), VerifyRequest(with_data=False))
    outcomes = {each.revision: each.outcome for each in report.verdicts}
    assert outcomes == {name: Outcome.FAULTY if "bad" in name else Outcome.EXACT for name in outcomes}
    assert len(outcomes) == 5
    assert report.rebuilt == 2
    assert all([finding.rule for finding in each.findings] in ([], ["downgrade-fails"]) for each in report.verdicts)
