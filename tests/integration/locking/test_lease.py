"""The lease of dialects without locks, on servers that are there: one winner, takeover after expiry and not before."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from lease_process import ROUNDS, arguments_of, lease_of
from processes import eventually, rows

from migrator.database.connecting import connect
from migrator.database.state import VersionTable, read_state
from migrator.profiles.model import Profile

PROCESSES = 8
PROGRAM = Path(__file__).with_name("lease_process.py")


@pytest.fixture(params=["local", "mariadb"])
def database(request: pytest.FixtureRequest) -> Profile:
    """PostgreSQL and MariaDB: what is true there of plain rows is true of any server."""
    found: Profile = request.getfixturevalue(f"{request.param}_database")
    return found


@contextmanager
def _process(profile: Profile, task: str, *, lease: float = 30.0) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, str(PROGRAM), arguments_of(profile, lease), task],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _said(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def _ask(process: subprocess.Popen[str]) -> str:
    assert process.stdin is not None
    process.stdin.write("?\n")
    process.stdin.flush()
    return _said(process)


def _tokens(profile: Profile) -> list[str]:
    return [str(row[0]) for row in rows(profile, "SELECT token FROM migrator_lease")]


def test_of_eight_processes_one_has_it_at_a_time(database: Profile) -> None:
    with connect(database) as connection:
        connection.execute("CREATE TABLE counter (value INTEGER)")
        connection.execute("INSERT INTO counter VALUES (0)")
    with ExitStack() as stack:
        processes = [stack.enter_context(_process(database, "count")) for _ in range(PROCESSES)]
        assert [process.wait(timeout=60) for process in processes] == [0] * PROCESSES
    assert rows(database, "SELECT value FROM counter") == [(PROCESSES * ROUNDS,)]
    assert _tokens(database) == []


def test_a_killed_holders_lease_is_taken_over_when_it_has_expired_and_not_before(database: Profile) -> None:
    lease = 3.0
    with _process(database, "hold", lease=lease) as holder:
        assert _said(holder) == "held"
        heir = lease_of(database, lease)
        try:
            assert not heir.take()
            known = heir.holder()
            assert known is not None
            assert known.session == f"process {holder.pid}"
            holder.kill()
            holder.wait()
            killed = time.monotonic()
            assert not heir.take()
            renewed = max(0.0, lease - _left(database))
            eventually(heir.take)
            # The server decided; the clock of this process only bears witness.
            assert time.monotonic() - killed > lease - renewed - 0.5
            assert heir.is_held()
        finally:
            heir.release()
    assert _tokens(database) == []


def _left(profile: Profile) -> float:
    now = (
        "extract(epoch FROM clock_timestamp())"
        if profile.dialect == "postgresql"
        else "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) / 1000000"
    )
    return float(rows(profile, f"SELECT expires_at - {now} FROM migrator_lease")[0][0])


def test_a_lease_is_renewed_while_its_holder_lives(database: Profile) -> None:
    with _process(database, "hold", lease=1.5) as holder:
        assert _said(holder) == "held"
        [first] = rows(database, "SELECT expires_at FROM migrator_lease")
        eventually(lambda: float(rows(database, "SELECT expires_at FROM migrator_lease")[0][0]) > float(first[0]) + 3)
        heir = lease_of(database, 1.5)
        assert not heir.take()
        heir.release()
        assert _ask(holder) == "held"


def test_a_holder_that_was_stopped_is_told_that_it_has_lost(database: Profile) -> None:
    # Longer than the second for which an answer of the server is believed.
    with _process(database, "hold", lease=2.0) as holder:
        assert _said(holder) == "held"
        os.kill(holder.pid, signal.SIGSTOP)
        heir = lease_of(database, 2.0)
        try:
            eventually(heir.take)
            os.kill(holder.pid, signal.SIGCONT)
            assert _ask(holder).startswith("lost: the migration lock was lost")
            holder.communicate(timeout=30)
            assert heir.is_held(), "the loser has removed or renewed what is not its own"
        finally:
            heir.release()


def test_a_holder_that_was_stopped_and_not_missed_goes_on(database: Profile) -> None:
    with _process(database, "hold", lease=1.0) as holder:
        assert _said(holder) == "held"
        os.kill(holder.pid, signal.SIGSTOP)
        eventually(lambda: _left(database) < 0)
        os.kill(holder.pid, signal.SIGCONT)
        assert _ask(holder) == "held"


def test_the_table_of_leases_is_no_sign_of_an_unstamped_database(database: Profile) -> None:
    lease = lease_of(database, 30)
    assert lease.take()
    lease.release()
    with connect(database) as connection:
        assert read_state(connection, VersionTable()).tables == ()
