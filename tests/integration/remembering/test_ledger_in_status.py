"""``migrator status`` on a database with a ledger: who applied what, what was edited, what is half applied."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ledgers import Remembered
from projects import EXECUTABLE, TinyProject, clean_environment

from migrator.database.connecting import connect
from migrator.profiles.model import Profile

WAITING = 'open("at-work", "w").close()\n__import__("os").read(0, 1)'
"""In a revision: it says that it runs, and goes on when the test closes the process's stdin."""


def status(project: TinyProject, *arguments: str) -> tuple[int, dict[str, Any]]:
    done = project.run("status", "--format", "json", *arguments)
    return done.returncode, done.json["databases"][0]


@contextmanager
def at_work(project: TinyProject) -> Iterator[subprocess.Popen[bytes]]:
    """An upgrade that is in the middle of a revision with `WAITING` in it."""
    process = subprocess.Popen(
        [str(EXECUTABLE), "upgrade"],
        cwd=project.root,
        env=clean_environment(project.home),
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    )
    try:
        while not (project.root / "at-work").exists():
            assert process.poll() is None, process.communicate()[1]
        yield process
    finally:
        process.kill()
        process.communicate()
        (project.root / "at-work").unlink(missing_ok=True)


def runs(project: TinyProject) -> list[tuple[str, str]]:
    found = project.run("log", "--runs", "--format", "json").json["databases"][0]["runs"]
    return [(each["command"], each["outcome"]) for each in found]


def test_applied_last_says_when_how_long_and_by_whom(remembered: Remembered) -> None:
    project = remembered.upgraded()
    assert project.run("downgrade", "-1").returncode == 0
    code, found = status(project)
    assert (code, found["ledger"]) == (1, True)
    assert [(each["revision"], each["direction"]) for each in found["applied_last"]] == [
        ("r002", "upgrade"),
        ("r001", "upgrade"),
    ]
    line = next(line for line in project.run("status").stdout.splitlines() if line.startswith("Applied last"))
    assert line.startswith("Applied last r002  create r002  (2")
    assert " UTC, " in line
    assert " ms, by " in line


def test_what_was_edited_since_it_was_applied_is_named_and_what_was_only_formatted_is_not(
    remembered: Remembered,
) -> None:
    project = remembered.upgraded()
    first, second, third = remembered.files
    first.write_text(first.read_text().replace("Integer", "BigInteger"))
    second.write_text("# nothing that counts\n" + second.read_text())
    code, found = status(project)
    assert (code, [each["revision"] for each in found["edited"]]) == (0, ["r001"])
    assert f"Edited since r001  create r001  (migrations/versions/{first.name})" in project.run("status").stdout
    assert project.run("downgrade", "r002").returncode == 0
    third.write_text(third.read_text().replace("Integer", "BigInteger"))
    assert [each["revision"] for each in status(project)[1]["edited"]] == ["r001"], "r003 is not applied any more"


def test_what_alembic_has_taken_back_meanwhile_is_not_applied(remembered: Remembered) -> None:
    project = remembered.upgraded()
    third = remembered.files[2]
    third.write_text(third.read_text().replace("Integer", "BigInteger"))
    remembered.execute("UPDATE alembic_version SET version_num = 'r002'")
    assert status(project)[1]["edited"] == []


def test_a_half_applied_revision_is_told_with_its_statements_and_the_commands(
    project: TinyProject, postgres_database: Profile
) -> None:
    project.use(postgres_database)
    project.revision("r1")
    project.revision(
        "r2",
        """with op.get_context().autocommit_block():
    op.execute("CREATE TABLE outside (id int)")
op.execute("SELECT 1 / (SELECT count(*) FROM r1)")""",
        "pass",
    )
    assert project.run("upgrade").returncode == 8
    code, found = status(project)
    assert (code, found["state"]) == (8, "half applied")
    (cut,) = found["half_applied"]
    assert (cut["revision"], cut["direction"], len(cut["done"]), cut["in_doubt"]) == ("r2", "upgrade", 1, [])
    shown = project.run("status").stdout
    assert "State        half applied: r2" in shown
    assert "done: CREATE TABLE outside" in shown
    for command in ("migrator upgrade r2", "migrator resolve r2 --applied", "migrator resolve r2 --reverted"):
        assert command in found["next"]
    finding = project.run("check", "--env", "local", "--format", "json")
    assert finding.returncode == 1
    assert "applied-by-half" in [each["rule"] for each in finding.json["findings"]]
    with connect(postgres_database) as connection:
        connection.execute("INSERT INTO r1 VALUES (1)")
    assert project.run("upgrade").returncode == 0
    assert status(project)[0] == 0


def test_a_run_at_work_is_no_half_applied_revision_and_a_killed_one_is(
    project: TinyProject, postgres_database: Profile
) -> None:
    project.use(postgres_database)
    project.revision("r1")
    project.revision(
        "r2", f'with op.get_context().autocommit_block():\n    op.execute("CREATE TABLE t (id int)")\n{WAITING}', "pass"
    )
    with at_work(project) as process:
        code, found = status(project)
        assert (code, found["state"], found["half_applied"]) == (1, "behind", [])
        assert found["migrating"]["session"].startswith("PostgreSQL process ")
        assert "Migrating    now, by PostgreSQL process " in project.run("status").stdout
        assert runs(project) == [("upgrade", "running")]
        process.send_signal(signal.SIGKILL)
        process.wait()
        wait_for_the_lock(postgres_database)
    code, found = status(project)
    assert (code, found["state"], found["migrating"]) == (8, "half applied", None)
    assert runs(project) == [("upgrade", "killed")]


def wait_for_the_lock(profile: Profile) -> None:
    """Until the server has noticed that its holder is gone."""
    with connect(profile) as connection:
        while connection.fetch(
            "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND database = "
            "(SELECT oid FROM pg_database WHERE datname = current_database())"
        ):
            connection.fetch("SELECT pg_sleep(0.05)")


@pytest.mark.parametrize("kind", ["mariadb_database", "sqlite_database"])
def test_running_and_killed_are_told_apart_on_other_databases(
    project: TinyProject, request: pytest.FixtureRequest, kind: str
) -> None:
    profile: Profile = request.getfixturevalue(kind)
    project.use(profile)
    project.revision("r1")
    project.revision("r2", WAITING, "pass")
    with at_work(project) as process:
        migrating = status(project)[1]["migrating"]
        assert migrating["session"].startswith("connection " if kind.startswith("maria") else f"process {process.pid}")
        assert runs(project) == [("upgrade", "running")]
        process.send_signal(signal.SIGKILL)
        process.wait()
        if kind.startswith("maria"):
            with connect(profile) as connection:
                while status(project)[1]["migrating"] is not None:
                    connection.fetch("SELECT SLEEP(0.05)")
    assert status(project)[1]["migrating"] is None
    assert runs(project) == [("upgrade", "killed")]


def test_a_user_who_may_not_read_the_ledger_is_told_what_there_is_without_it(
    project: TinyProject, local_database: Profile, tmp_path: Path
) -> None:
    project.use(local_database)
    project.revision("r1")
    assert project.run("upgrade").returncode == 0
    role = f"reader_{local_database.database}"[:60]
    with connect(local_database) as connection:
        connection.execute(f'CREATE ROLE "{role}" LOGIN')
        connection.execute(f'GRANT SELECT ON alembic_version TO "{role}"')
    try:
        project.use(local_database, env="reader", DB_USER=role)
        code, found = status(project, "--env", "reader")
        assert (code, found["ledger"], found["applied_last"]) == (0, False, [{"revision": "r1", "doc": "create r1"}])
        assert project.run("log", "--env", "reader").stdout.startswith("No ledger")
    finally:
        with connect(local_database) as connection:
            connection.execute(f'DROP OWNED BY "{role}"')
            connection.execute(f'DROP ROLE "{role}"')
