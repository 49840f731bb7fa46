"""``migrator wait``: what an application's pod does before it starts."""

from __future__ import annotations

import json
import socket
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest
from processes import SLOW, end, eventually, lock_held, rows, running, start
from projects import TinyProject
from test_lock_without_profile import existing_project

from migrator.database.connecting import connect
from migrator.profiles.model import Profile, Secret


def _line_with(word: str, process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return next((line for line in process.stderr if word in line), "")


def test_a_database_that_has_everything_is_not_waited_for(project: TinyProject, database: Profile) -> None:
    project.use(database)
    project.revision("r1")
    assert project.run("upgrade").returncode == 0
    done = project.run("wait")
    assert (done.returncode, done.stdout) == (0, "Ready: the database is at r1.\n"), done.stderr


def test_who_waits_goes_on_as_soon_as_another_has_migrated(project: TinyProject, database: Profile) -> None:
    project.use(database)
    project.revision("r1")
    project.revision("r2")
    with running(project, "wait", "--timeout", "60") as waiting:
        assert "Waiting for 2 revisions (0 of 60 s): the database is at base, nobody migrates" in _line_with(
            "Waiting", waiting
        )
        assert project.run("upgrade").returncode == 0
        ended = end(waiting)
    assert (ended.returncode, ended.stdout) == (0, "Ready: the database is at r2.\n"), ended.stderr


def test_nothing_is_migrated_or_written_and_what_is_pending_is_told(project: TinyProject, database: Profile) -> None:
    project.use(database)
    project.revision("r1")
    late = project.run("wait", "--timeout", "1s")
    assert late.returncode == 1, late.stderr
    assert "Not ready after 1 s: the database is at base, 1 revision is pending:\n  1. r1  create r1\n" in late.stdout
    assert "Nobody is migrating it.\nNext: migrator upgrade\n" in late.stdout
    if database.dialect != "sqlite":
        with connect(database) as connection:
            schema = "DATABASE()" if database.dialect == "mysql" else "'public'"
            question = f"SELECT count(*) FROM information_schema.tables WHERE table_schema = {schema}"
            assert connection.fetch(question) == [(0,)]


def test_a_revision_can_be_waited_for(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    project.revision("r2")
    assert project.run("upgrade", "r1").returncode == 0
    assert project.run("wait", "r1").returncode == 0
    late = project.run("wait", "r2", "--timeout", "0", "--format", "json")
    assert (late.returncode, late.stderr) == (1, "")
    assert late.json["ready"] is False
    assert late.json["databases"][0]["pending"] == [{"revision": "r2", "doc": "create r2"}]
    assert project.run("wait", "r3").returncode == 2
    assert project.run("wait", "+1").returncode == 2


@pytest.mark.parametrize("server", ["local", "mariadb"])
def test_who_migrates_and_which_revision_it_is_on_are_told(
    project: TinyProject, server: str, request: pytest.FixtureRequest
) -> None:
    database: Profile = request.getfixturevalue(f"{server}_database")
    project.use(database)
    project.revision("r1", SLOW.format(seconds=5), "pass")
    with running(project, "wait", "--timeout", "60") as waiting, running(project, "upgrade") as migrating:
        ended = end(waiting)
        assert end(migrating).returncode == 0
    assert ended.returncode == 0
    assert "the migration lock is held by" in ended.stderr
    assert ", at r1\n" in ended.stderr


def test_events_are_lines_of_json(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    with lock_held(local_database):
        late = project.run("wait", "--timeout", "1", "--format", "json")
    assert late.returncode == 1
    assert late.json["databases"][0]["holder"]["session"].startswith("PostgreSQL process ")
    [told] = [json.loads(line) for line in late.stderr.splitlines()]
    assert (told["event"], told["pending"], told["current"]) == ("heads_awaited", 1, [])


def test_a_revision_that_was_cut_half_way_is_told(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    project.revision(
        "r2",
        'with op.get_context().autocommit_block():\n    op.execute("CREATE TABLE t (id int)")\nraise RuntimeError(1)',
        "pass",
    )
    assert project.run("upgrade").returncode == 8
    late = project.run("wait", "--timeout", "1")
    assert late.returncode == 1
    assert "the database is at r1, r2 half applied, and nobody migrates" in late.stderr
    assert "Half applied, and nobody is at it: r2" in late.stdout


def test_a_newer_database_is_good_enough_where_its_ledger_proves_it(
    project: TinyProject, local_database: Profile
) -> None:
    project.use(local_database)
    project.revision("r1")
    newer = project.revision("r2")
    assert project.run("upgrade").returncode == 0
    newer.unlink()
    done = project.run("wait")
    assert (done.returncode, done.stdout) == (0, "Ready: the database is at r2, ahead of this code.\n"), done.stderr


def test_a_newer_database_without_a_ledger_is_good_enough_where_that_is_allowed(
    project: TinyProject, local_database: Profile
) -> None:
    project.use(local_database)
    project.revision("r1")
    with connect(local_database) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES ('r9')")
    assert project.run("wait").returncode == 11
    assert project.run("wait", env={"MIGRATOR_IF_AHEAD": "warn"}).returncode == 0


def test_a_server_that_comes_later_is_waited_for_and_a_wrong_database_is_not(
    project: TinyProject, local_database: Profile
) -> None:
    project.revision("r1")
    project.use(replace(local_database, host="127.0.0.1", port=1))
    gone = project.run("wait", "--timeout", "1")
    assert gone.returncode == 10, gone.stderr
    assert "Waiting for the database (0 of 1 s)" in gone.stderr
    assert "waited 1 s for it" in gone.stderr
    project.use(replace(local_database, database="no_such_database", password=Secret("x")))
    refused = project.run("wait", "--timeout", "60")
    assert refused.returncode == 10, refused.stderr
    assert "Waiting" not in refused.stderr


def test_an_unsound_chain_is_told_at_once(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1", parent="nowhere")
    assert project.run("wait").returncode == 4


def test_a_lost_connection_is_made_again(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    theirs = "FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '% wait'"
    with running(project, "wait", "--timeout", "60") as waiting:
        eventually(lambda: bool(rows(local_database, f"SELECT pid {theirs}")))
        rows(local_database, f"SELECT pg_terminate_backend(pid) {theirs}")
        assert "Waiting for the database" in _line_with("Waiting for the database", waiting)
        assert project.run("upgrade").returncode == 0
        assert end(waiting).returncode == 0


def test_ten_pods_wait_at_once(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    waiting = [start(project, "wait", "--timeout", "60", "--quiet") for _ in range(10)]
    assert project.run("upgrade").returncode == 0
    ended = [end(each) for each in waiting]
    assert [(each.returncode, each.stderr) for each in ended] == [(0, "")] * 10


def test_a_database_that_only_env_py_knows_is_waited_for(local_database: Profile, tmp_path: Path) -> None:
    theirs = existing_project(tmp_path / "theirs", local_database, template="async")
    theirs.revision("r1")
    assert theirs.run("wait", "--timeout", "0").returncode == 1
    assert theirs.run("upgrade").returncode == 0
    assert theirs.run("wait", "--timeout", "0").returncode == 0


def test_a_lock_file_that_a_killed_process_has_left_holds_nobody_up(
    project: TinyProject, sqlite_database: Profile
) -> None:
    project.use(sqlite_database)
    project.revision("r1")
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = {"process": ended.pid, "host": socket.gethostname()}
    Path(f"{sqlite_database.database}.migrator-lock").write_text(json.dumps(left))
    late = project.run("wait", "--timeout", "0")
    assert "Nobody is migrating it." in late.stdout
