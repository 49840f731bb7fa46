"""A real PostgreSQL server from a wheel: no Docker, no system packages, no root needed and none refused.

The server belongs to a project folder, outlives the command that started it, and is shared by every command there. It
listens on a Unix socket in a folder that only its own account can enter.
"""

from __future__ import annotations

from migrator.database.embedded.databases import ensure_database
from migrator.database.embedded.running import EmbeddedServer, find_running, stop
from migrator.database.embedded.starting import ensure_running, reset

DEFAULT_MAJOR = 18
MAJORS = (16, 18)

__all__ = [
    "DEFAULT_MAJOR",
    "MAJORS",
    "EmbeddedServer",
    "ensure_database",
    "ensure_running",
    "find_running",
    "reset",
    "stop",
]
