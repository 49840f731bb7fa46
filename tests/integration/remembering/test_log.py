"""``migrator log``: what a database remembers."""

from __future__ import annotations

import getpass
import socket
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ledgers import Remembered
from projects import TinyProject

import migrator
from migrator.profiles.model import Profile


def entries(project: TinyProject, *arguments: str) -> list[dict[str, Any]]:
    done = project.run("log", "--format", "json", *arguments)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = done.json["databases"][0]["entries"]
    return found


def short(found: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    return [(each["revision"], each["direction"], each["outcome"]) for each in found]


def test_without_a_ledger_it_says_so_and_creates_nothing(remembered: Remembered) -> None:
    before = remembered.tables() if remembered.profile.dialect != "sqlite" else []
    for arguments in (["log"], ["log", "--runs"], ["log", "r001"]):
        done = remembered.project.run(*arguments)
        assert (done.returncode, done.stdout[:13]) == (0, "No ledger yet"), done.stderr
    assert remembered.project.run("log", "--format", "json").json["databases"][0]["ledger"] is False
    assert remembered.tables() == before


def test_it_tells_what_happened_when_by_whom_newest_first(remembered: Remembered) -> None:
    project = remembered.upgraded()
    assert project.run("downgrade", "-1").returncode == 0
    found = entries(project)
    assert short(found) == [
        ("r003", "downgrade", "reverted"),
        ("r003", "upgrade", "applied"),
        ("r002", "upgrade", "applied"),
        ("r001", "upgrade", "applied"),
    ]
    newest = found[0]
    assert abs(datetime.fromisoformat(newest["at"]) - datetime.now(UTC)) < timedelta(minutes=2)
    assert 0 < newest["seconds"] < 60
    assert (newest["doc"], newest["detail"], newest["db_user"]) == ("create r003", None, remembered.profile.user)
    assert (newest["os_user"], newest["host"]) == (getpass.getuser(), socket.gethostname())
    assert newest["tool_version"] == migrator.__version__
    lines = project.run("log").stdout.splitlines()
    assert len(lines) == 4
    for part in ("UTC  downgrade reverted  r003", " ms", socket.gethostname(), "create r003"):
        assert part in lines[0]


def test_it_is_narrowed_down_by_revision_outcome_direction_time_and_number(remembered: Remembered) -> None:
    project = remembered.upgraded()
    assert project.run("downgrade", "-1").returncode == 0
    up, down = ("r003", "upgrade", "applied"), ("r003", "downgrade", "reverted")
    assert short(entries(project, "r003")) == [down, up]
    assert short(entries(project, "head")) == [down, up]
    assert short(entries(project, "--outcome", "reverted")) == [down]
    assert short(entries(project, "--direction", "upgrade", "--limit", "1")) == [up]
    assert short(entries(project, "--since", "1h", "--until", "30min")) == []
    assert len(entries(project, "--since", "1h")) == 4
    assert len(entries(project, "--since", datetime.now(UTC).date().isoformat(), "--limit", "0")) == 4
    assert len(entries(project, "--until", datetime.now(UTC).date().isoformat())) == 4
    assert entries(project, "--until", "2020-01-01") == []
    assert "--limit 0" in project.run("log", "--limit", "2").stdout
    assert "--limit 0" not in project.run("log", "--limit", "4").stdout


def test_the_beginning_of_an_id_is_enough_also_for_one_that_this_code_does_not_have(
    project: TinyProject, local_database: Profile
) -> None:
    project.use(local_database)
    files = [project.revision(name) for name in ("ab12cd", "ab12ef", "cc34ab")]
    assert project.run("upgrade").returncode == 0
    files[2].unlink()
    assert short(entries(project, "cc34")) == [("cc34ab", "upgrade", "applied")]
    ambiguous = project.run("log", "ab12")
    assert (ambiguous.returncode, "beginning of 2 revisions" in ambiguous.stderr) == (2, True)
    assert project.run("log", "zz99").returncode == 2


def test_a_failure_tells_its_reason(remembered: Remembered) -> None:
    remembered.project.revision("r004", 'op.execute("SELECT no_such_column FROM r001")', "pass")
    assert remembered.project.run("upgrade").returncode in (7, 8)
    (failed,) = entries(remembered.project, "--outcome", "failed")
    assert (failed["revision"], failed["direction"]) == ("r004", "upgrade")
    assert "no_such_column" in failed["detail"]
    assert "upgrade FAILED" in remembered.project.run("log").stdout.splitlines()[0]
    assert "no_such_column" in remembered.project.run("log", "r004").stdout


def test_runs_tell_how_they_ended(remembered: Remembered) -> None:
    project = remembered.upgraded()
    assert project.run("stamp", "r001").returncode == 0
    runs = project.run("log", "--runs", "--format", "json").json["databases"][0]["runs"]
    assert [(each["command"], each["outcome"]) for each in runs] == [("stamp", "done"), ("upgrade", "done")]
    assert all(each["started"] <= each["ended"] for each in runs)
    assert project.run("log", "--runs").stdout.count(" done ") == 2


@pytest.mark.parametrize(
    "arguments", [["--since", "soon"], ["--runs", "--outcome", "failed"], ["--diff"]], ids=" ".join
)
def test_what_makes_no_sense_is_refused(project: TinyProject, arguments: list[str]) -> None:
    assert project.run("log", *arguments).returncode == 2


def test_the_difference_between_what_was_applied_and_the_file(remembered: Remembered) -> None:
    project, file = remembered.upgraded(), remembered.files[1]

    def compared() -> tuple[str, str]:
        done = project.run("log", "--diff", "r002", "--format", "json")
        assert done.returncode == 0, done.stderr
        return done.json["compared"], done.json["diff"]

    assert compared() == ("identical", "")
    source = file.read_text()
    file.write_text(source.replace('"""create r002', '"""made r002') + "\n# a comment\n")
    sameness, diff = compared()
    assert sameness == "same meaning"
    assert '-"""create r002\n+"""made r002\n' in diff
    file.write_text(source.replace("sa.Integer", "sa.BigInteger"))
    assert compared()[0] == "edited"
    shown = project.run("log", "--diff", "r002").stdout
    assert shown.startswith(
        "r002: the file means something else than what was applied.\n--- r002 as applied\n+++ migra"
    )
    file.unlink()
    sameness, diff = compared()
    assert (sameness, "+++ /dev/null" in diff) == ("file gone", True)
    remembered.execute(f"UPDATE {remembered.ledger()} SET source = NULL WHERE revision = 'r002'")
    file.write_text(source)
    assert compared() == ("not stored", "")
    unknown = project.run("log", "--diff", "head")
    assert unknown.returncode == 0, "r003 is the head, and was applied"
