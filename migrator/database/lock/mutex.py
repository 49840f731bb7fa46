"""What every kind of lock can do, and what it is named by."""

from __future__ import annotations

import hashlib
import os
import socket
from typing import Protocol

from migrator.database.light import LightConnection
from migrator.database.state import VersionTable
from migrator.events import LockHolder

_LONGEST_NAME = 63
"""Bytes that PostgreSQL keeps of an ``application_name``."""


class Mutex(Protocol):
    """A lock that one process has at a time and that the death of the process gives back."""

    @property
    def connection(self) -> LightConnection | None:
        """The session that has the lock, in autocommit, for questions in between; None where there is no session."""

    def take(self) -> bool:
        """Try once to get it, without waiting on the server."""

    def holder(self) -> LockHolder | None:
        """Who has it now; None when nobody has, or the server does not tell."""

    def is_held(self) -> bool:
        """Whether this process still has it, as the server says."""

    def release(self) -> None:
        """Give it back and end the session; never raises for what is gone already."""


def digest(database: str | None, schema: str | None, version_table: VersionTable) -> bytes:
    """What makes two runs exclude each other: the same database, and the same version table in the same schema.

    Args:
        database: its name on the server.
        schema: the configured one, for a table without one of its own; the server's current schema would change when
            the first revision creates it.
        version_table: which one.

    """
    parts = ("migrator", database or "", version_table.schema or schema or "", version_table.name)
    return hashlib.sha256("\0".join(parts).encode()).digest()


def holder_name(application: str) -> str:
    """How the lock's session introduces itself to those who wait: with the machine (in Kubernetes, the pod)."""
    name = f"{application} lock {socket.gethostname()}:{os.getpid()}"
    return name.encode()[:_LONGEST_NAME].decode(errors="ignore")
