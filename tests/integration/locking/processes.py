"""Several ``migrator`` processes at once, and sessions that hold what they want."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from projects import EXECUTABLE, TinyProject, clean_environment

from migrator.database.connecting import connect
from migrator.database.lock.holding import HeldLock, migration_lock
from migrator.database.state import VersionTable
from migrator.profiles.model import Profile

INDEX = """with op.get_context().autocommit_block():
    op.create_index("ix_r1", "r1", ["id"], postgresql_concurrently=True)"""
SLOW = 'op.create_table("slow", sa.Column("id", sa.Integer))\nimport time\ntime.sleep({seconds})'


@dataclass(frozen=True)
class Ended:
    """How a process that ran beside others ended."""

    returncode: int
    stdout: str
    stderr: str


def start(project: TinyProject, *arguments: str, **settings: str) -> subprocess.Popen[str]:
    """Start the installed command in a project and don't wait for it."""
    project.home.mkdir(exist_ok=True)
    return subprocess.Popen(
        [str(EXECUTABLE), *arguments],
        cwd=project.root,
        env=clean_environment(project.home, settings),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def end(process: subprocess.Popen[str]) -> Ended:
    """Wait for it."""
    stdout, stderr = process.communicate(timeout=120)
    return Ended(process.returncode, stdout, stderr)


@contextmanager
def running(project: TinyProject, *arguments: str, **settings: str) -> Iterator[subprocess.Popen[str]]:
    """A process that is killed if it still runs at the end of the block."""
    process = start(project, *arguments, **settings)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def lock_held(profile: Profile, version_table: str = "alembic_version") -> Iterator[HeldLock]:
    """This process has the lock of a database meanwhile."""
    with migration_lock(profile, VersionTable(version_table), limit=0, listen=lambda _event: None) as lock:
        yield lock


def rows(profile: Profile, query: str) -> list[tuple[Any, ...]]:
    """The answer to a question."""
    with connect(profile) as connection:
        return connection.fetch(query)


def version(profile: Profile) -> list[str]:
    """Version rows."""
    return sorted(row[0] for row in rows(profile, "SELECT version_num FROM alembic_version"))


def eventually(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it never came to be"
        time.sleep(0.05)


def lock_sessions(profile: Profile) -> list[int]:
    """PostgreSQL processes that have an advisory lock in the database."""
    found = rows(
        profile,
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
    )
    return [row[0] for row in found]


def kill(pid: int) -> None:
    """SIGKILL."""
    os.kill(pid, 9)
