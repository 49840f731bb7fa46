"""What every kind of lock can do, and what it is named by."""

from __future__ import annotations

import hashlib
import os
import socket
from typing import TYPE_CHECKING, Protocol

from migrator.database.light import LightConnection
from migrator.database.state import VersionTable
from migrator.events import LockHolder

if TYPE_CHECKING:
    from migrator.profiles.model import Profile

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


def digest(profile: Profile, version_table: VersionTable) -> bytes:
    """What makes two runs exclude each other: the same database, and the same version table in the same schema.

    The schema is the configured one: the server's current schema would change when the first revision creates it.
    """
    schema = version_table.schema or profile.schema or ""
    return hashlib.sha256("\0".join(("migrator", profile.database or "", schema, version_table.name)).encode()).digest()


def holder_name(profile: Profile) -> str:
    """How the lock's session introduces itself to those who wait: with the machine (in Kubernetes, the pod)."""
    name = f"{profile.application_name} lock {socket.gethostname()}:{os.getpid()}"
    return name.encode()[:_LONGEST_NAME].decode(errors="ignore")
