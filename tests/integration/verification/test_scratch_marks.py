"""A scratch database is proved to be ours before anything runs, and what a killed run leaves is cleared away."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from servers import REPOSITORY, SERVERS_FOLDER, Servers

from migrator.database.connecting import connect
from migrator.database.snapshot.reading import read_snapshot
from migrator.profiles.model import Profile, Secret
from migrator.verification.scratch import scratch_database
from migrator.verification.throwaway import PREFIX, new_name, throwaways_on
from migrator.verification.throwaway_files import is_throwaway_file, throwaway_file

KILLED = """
import sys
from pathlib import Path
from migrator.profiles.model import Profile
from migrator.verification.scratch import scratch_database
profile = Profile(name="x", source="process", dialect="sqlite", driver="aiosqlite", migration_driver="aiosqlite")
with scratch_database(profile, root=Path("."), environ={}) as scratch:
    print(scratch.database, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder for temporary files, empty."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


def scratch_url(profile: Profile) -> Secret:
    return Secret(f"{profile.dialect}://{profile.user}@{profile.host}:{profile.port}/{profile.database}")


def left_in(place: Path) -> list[str]:
    return [each.name for each in place.glob(f"{PREFIX}*")]


def test_a_file_is_marked_inside_and_the_mark_is_no_part_of_its_schema(sqlite_database: Profile, place: Path) -> None:
    with scratch_database(sqlite_database, root=SERVERS_FOLDER, environ={}) as scratch:
        path = Path(str(scratch.database))
        with connect(scratch) as connection:
            assert is_throwaway_file(connection, path)
            assert len(read_snapshot(connection)) == 0
            connection.execute("PRAGMA application_id = 0")
            assert not is_throwaway_file(connection, path)
        with connect(sqlite_database) as connection:
            connection.execute("CREATE TABLE own (id integer)")
            assert not is_throwaway_file(connection, path)
    assert left_in(place) == []


def test_a_copy_is_marked_too(sqlite_database: Profile, place: Path) -> None:
    with scratch_database(sqlite_database, root=SERVERS_FOLDER, environ={}) as one:
        with connect(one) as connection:
            connection.execute("CREATE TABLE kept (id integer)")
        with (
            scratch_database(sqlite_database, root=SERVERS_FOLDER, environ={}, copy_of=str(one.database)) as copy,
            connect(copy) as connection,
        ):
            assert is_throwaway_file(connection, Path(str(copy.database)))
            assert connection.fetch("SELECT name FROM sqlite_master") == [("kept",)]


def test_files_of_a_killed_run_are_swept_and_those_of_a_living_one_are_not(place: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY
    )
    with process:
        assert process.stdout is not None
        left = Path(process.stdout.readline().strip())
        assert left.is_relative_to(place)
        with throwaway_file():
            assert left.exists()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with throwaway_file() as path:
        assert left_in(place) == [path.parent.name]


def test_a_folder_whose_maker_was_ended_before_he_locked_it_is_swept_when_it_is_old(place: Path) -> None:
    young, old = (place / f"{PREFIX}{name}" for name in ("young", "old"))
    for folder in (young, old):
        folder.mkdir()
    os.utime(old, (1, 1))
    with throwaway_file():
        assert (young.exists(), old.exists()) == (True, False)
    shutil.rmtree(young)


def test_a_database_of_mariadb_is_marked_and_its_session_never_idle_for_too_long(mariadb_database: Profile) -> None:
    name = new_name()
    with connect(mariadb_database) as orders:
        throwaways = throwaways_on(orders)
        throwaways.create(name)
        try:
            assert not throwaways.is_here(name), "the connection is on another database"
            with connect(replace(mariadb_database, database=name)) as inside:
                assert throwaways_on(inside).is_here(name)
                assert len(read_snapshot(inside)) == 0
                assert int(orders.fetch("SELECT @@session.wait_timeout")[0][0]) >= 86_400
                orders.execute(f"ALTER DATABASE {name} COMMENT = 'of somebody else'")
                assert not throwaways_on(inside).is_here(name)
        finally:
            throwaways.drop(name)


def test_a_database_with_a_name_like_ours_and_no_mark_is_left_alone(mariadb_database: Profile) -> None:
    name = new_name()
    with connect(mariadb_database) as orders:
        orders.execute(f"CREATE DATABASE {name}")
        try:
            with scratch_database(
                replace(mariadb_database, scratch_url=scratch_url(mariadb_database)), root=SERVERS_FOLDER, environ={}
            ):
                pass
            assert orders.fetch("SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", name) == [(1,)]
        finally:
            orders.execute(f"DROP DATABASE {name}")


def test_the_session_that_holds_a_postgresql_database_is_never_idle_for_too_long(servers: Servers) -> None:
    name = new_name()
    with connect(servers.profile("embedded-18")) as orders:
        orders.execute("SET idle_session_timeout = 1000")
        throwaways_on(orders).create(name)
        try:
            assert orders.fetch("SHOW idle_session_timeout") == [("0",)]
        finally:
            throwaways_on(orders).drop(name)
