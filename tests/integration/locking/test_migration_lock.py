"""The lock as the command uses it: who has it, how long one waits, and that it is given back in every case."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

import pytest
from processes import SLOW, end, eventually, kill, lock_held, lock_sessions, rows, running, start, version
from projects import TinyProject

from migrator.database.connecting import connect
from migrator.errors import LockNotObtained, PartlyApplied
from migrator.profiles.model import Profile


def test_with_nothing_to_do_no_lock_is_wanted(project: TinyProject, database: Profile) -> None:
    project.use(database)
    project.revision("r1")
    assert project.run("upgrade").returncode == 0
    with lock_held(database):
        began = time.monotonic()
        done = project.run("upgrade", "--lock-wait", "30")
        assert (done.returncode, done.stdout) == (0, "Nothing to do: the database is at r1.\n"), done.stderr
        assert time.monotonic() - began < 5


def test_a_lock_that_is_not_obtained_names_its_holder(project: TinyProject, database: Profile) -> None:
    project.use(database, MIGRATOR_LOCK_WAIT="1")
    project.revision("r1")
    with lock_held(database):
        refused = project.run("upgrade")
    assert refused.returncode == 5
    assert "the lock is held by" in refused.stderr
    assert "waited 1 s for it" in refused.stderr
    assert "Waiting for the migration lock (0 of 1 s): held by" in refused.stderr
    if database.dialect == "postgresql":
        assert f"migrator lock {socket.gethostname()}:{os.getpid()}"[:60] in refused.stderr
        assert "SELECT pg_terminate_backend(" in refused.stderr
    assert project.run("upgrade").returncode == 0


def test_without_patience_the_lock_is_tried_once_and_quiet_is_quiet(
    project: TinyProject, local_database: Profile
) -> None:
    project.use(local_database)
    project.revision("r1")
    with lock_held(local_database):
        refused = project.run("upgrade", "--lock-wait", "0", "--quiet", "--format", "json")
    assert refused.returncode == 5
    assert json.loads(refused.stderr)["kind"] == "LockNotObtained"


def test_downgrade_and_stamp_want_the_lock_too(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    assert project.run("upgrade").returncode == 0
    with lock_held(local_database):
        assert project.run("downgrade", "base", "--lock-wait", "0").returncode == 5
        assert project.run("stamp", "base", "--lock-wait", "0").returncode == 5
        assert project.run("downgrade", "base", "--dry-run", "--lock-wait", "0").returncode == 0
    assert version(local_database) == ["r1"]
    assert project.run("stamp", "base").returncode == 0


def test_another_version_table_has_another_lock(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    with lock_held(local_database, "other_version"):
        assert project.run("upgrade", "--lock-wait", "0").returncode == 0


def test_who_waits_finds_that_another_did_it(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1", SLOW.format(seconds=2), "pass")
    with running(project, "upgrade") as first:
        eventually(lambda: bool(lock_sessions(local_database)))
        sessions = lock_sessions(local_database)
        second = project.run("upgrade", "--format", "json")
        assert end(first).returncode == 0
    assert second.returncode == 0
    assert second.json["by_another"] is True
    assert second.json["steps"] == []
    told = [json.loads(line) for line in second.stderr.splitlines()]
    assert [each["event"] for each in told] == ["lock_awaited"] * (len(told) - 1) + ["lock_obtained"]
    assert told[0]["holder"]["session_id"] in sessions


@pytest.mark.parametrize("server", ["local", "mariadb"])
def test_who_waits_is_told_how_long_the_run_goes_on_and_which_revision_it_is_on(
    project: TinyProject, server: str, request: pytest.FixtureRequest
) -> None:
    database: Profile = request.getfixturevalue(f"{server}_database")
    project.use(database)
    project.revision("r1", SLOW.format(seconds=4), "pass")
    with running(project, "upgrade") as first, running(project, "upgrade") as second:
        ended = [end(first), end(second)]
    assert [each.returncode for each in ended] == [0, 0]
    told = "".join(each.stderr for each in ended)
    assert "migrating for" in told
    assert ", at r1\n" in told


def test_who_waits_with_a_relative_target_is_asked_again(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    project.revision("r2", "pass", SLOW.format(seconds=2))
    assert project.run("upgrade").returncode == 0
    with running(project, "downgrade", "-1") as first:
        eventually(lambda: bool(lock_sessions(local_database)))
        second = project.run("downgrade", "-1")
        assert end(first).returncode == 0
    assert second.returncode == 6
    assert "from r2 to r1 meanwhile: -1 means something else" in second.stderr
    assert version(local_database) == ["r1"]


def test_a_failing_revision_gives_the_lock_back(project: TinyProject, database: Profile) -> None:
    project.use(database)
    project.revision("r1", "raise RuntimeError('no')", "pass")
    assert project.run("upgrade").returncode == 7
    with lock_held(database):
        pass


@pytest.mark.parametrize("server", ["local", "mariadb", "sqlite"])
def test_a_killed_holder_loses_the_lock(
    project: TinyProject, server: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    database: Profile = request.getfixturevalue(f"{server}_database")
    project.use(database)
    mark = tmp_path / "running"
    pause = f"import time\nopen({str(mark)!r}, 'w').close()\ntime.sleep(60)\n"
    project.revision("r1", f'{pause}op.create_table("r1", sa.Column("id", sa.Integer))', "pass")
    with running(project, "upgrade") as first:
        eventually(mark.exists)
        second = start(project, "upgrade", "--lock-wait", "20")
        assert "Waiting for the migration lock" in _line_with("Waiting", second)
        (project.versions / "r1_create_r1.py").write_text(
            (project.versions / "r1_create_r1.py").read_text().replace("time.sleep(60)", "pass")
        )
        kill(first.pid)
        first.communicate()
    ended = end(second)
    assert ended.returncode == 0, ended.stderr
    assert version(database) == ["r1"]


def _line_with(word: str, process: object) -> str:
    for line in process.stderr:  # type: ignore[attr-defined]
        if word in line:
            return str(line)
    return ""


def test_a_lost_lock_stops_the_run_before_the_next_revision(project: TinyProject, postgres_database: Profile) -> None:
    project.use(postgres_database)
    end_it = (
        "SELECT pg_terminate_backend(pid, 20000) FROM pg_locks WHERE locktype = 'advisory' "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    project.revision("r1")
    project.revision("r2", f'op.execute("{end_it}")', "pass")
    project.revision("r3")
    done = project.run("upgrade")
    assert done.returncode == 8, done.stderr
    assert "the migration lock was lost" in done.stderr
    assert "2 revisions were applied, the last one r2" in done.stderr
    assert version(postgres_database) == ["r2"]
    assert project.run("upgrade").returncode == 0


def test_the_holder_knows_when_it_has_lost_the_lock(local_database: Profile) -> None:
    with lock_held(local_database) as lock:
        lock.require()
        [session] = lock_sessions(local_database)
        rows(local_database, f"SELECT pg_terminate_backend({session})")
        eventually(lambda: not lock_sessions(local_database))
        with pytest.raises(LockNotObtained, match="lost"):
            lock.require()
        with pytest.raises(PartlyApplied, match="lost"):
            lock.require(["r1"])


def test_the_lock_file_of_sqlite_is_gone_afterwards(project: TinyProject, sqlite_database: Profile) -> None:
    project.use(sqlite_database)
    project.revision("r1")
    assert project.run("upgrade").returncode == 0
    folder = Path(str(sqlite_database.database)).parent
    assert not [path for path in folder.iterdir() if "lock" in path.name]


def test_the_session_of_the_lock_holds_no_transaction_open(local_database: Profile) -> None:
    with lock_held(local_database), connect(local_database) as connection:
        [session] = lock_sessions(local_database)
        assert connection.fetch("SELECT state, xact_start FROM pg_stat_activity WHERE pid = ?", session) == [
            ("idle", None)
        ]
