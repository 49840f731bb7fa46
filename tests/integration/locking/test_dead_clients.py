"""A client that is killed, or cut off: its statement does not run on, its lock does not stay, and it is told itself."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from processes import eventually, lock_held, lock_sessions, rows
from servers import ServerMissing, Servers
from severing import cable

from migrator.database.connecting import connect
from migrator.errors import LockNotObtained
from migrator.profiles.model import Profile

PROGRAM = Path(__file__).with_name("sleeping_client.py")
SLEEPING = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%'"
IMPATIENT = {"keepalives_idle": "1", "keepalives_interval": "1", "keepalives_count": "2"}


@pytest.fixture(params=["asyncpg", "psycopg"])
def remote_database(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[Profile]:
    """A fresh database on a PostgreSQL that is reached over TCP."""
    with ExitStack() as stack:
        try:
            found = servers.database("postgresql", folder=tmp_path, driver=request.param)
            yield stack.enter_context(found)
        except ServerMissing as reason:
            pytest.skip(f"postgresql: {reason}")


def _argument(profile: Profile) -> str:
    password = profile.password.reveal() if profile.password else None
    names = ("name", "source", "dialect", "driver", "migration_driver", "host", "port", "user", "database")
    return json.dumps({**{name: getattr(profile, name) for name in names}, "password": password})


def test_a_killed_clients_statement_is_cancelled(remote_database: Profile) -> None:
    _require_cancelled(remote_database)


def test_a_killed_clients_statement_is_cancelled_on_a_unix_socket_too(local_database: Profile) -> None:
    _require_cancelled(local_database)


def _require_cancelled(database: Profile) -> None:
    process = subprocess.Popen([sys.executable, str(PROGRAM), _argument(database)])
    try:
        eventually(lambda: bool(rows(database, SLEEPING)))
        began = time.monotonic()
    finally:
        process.kill()
        process.wait()
    eventually(lambda: not rows(database, SLEEPING), seconds=30)
    assert time.monotonic() - began < 30


def test_who_is_cut_off_loses_the_lock_and_learns_it(remote_database: Profile) -> None:
    with cable(str(remote_database.host), int(remote_database.port or 0)) as wire:
        far = replace(remote_database, host="127.0.0.1", port=wire.port, url_options=IMPATIENT)
        with lock_held(far) as lock:
            assert len(lock_sessions(remote_database)) == 1
            wire.cut()
            eventually(lambda: not lock_sessions(remote_database), seconds=40)
            began = time.monotonic()
            with pytest.raises(LockNotObtained, match="the migration lock was lost: its connection is gone"):
                lock.require()
            assert time.monotonic() - began < 40


def test_the_session_of_the_lock_is_guarded(local_database: Profile) -> None:
    with lock_held(local_database) as lock:
        assert lock.connection is not None
        assert lock.connection.fetch("SHOW client_connection_check_interval") == [("2s",)]


def test_what_the_session_has_is_shortened_and_never_lengthened(remote_database: Profile) -> None:
    from migrator.database.keepalive import Keepalive, server_guard

    with connect(remote_database) as connection:
        connection.execute("SET tcp_keepalives_idle = 7")
        connection.execute("SET client_connection_check_interval = '1s'")
        connection.fetch(server_guard(Keepalive()))
        assert connection.fetch("SHOW tcp_keepalives_idle") == [("7",)]
        assert connection.fetch("SHOW tcp_keepalives_count") == [("3",)]
        assert connection.fetch("SHOW client_connection_check_interval") == [("1s",)]
