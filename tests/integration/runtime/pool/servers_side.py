"""What the server sees of an application, asked on a connection of its own; and what it does to it."""

from __future__ import annotations

from typing import Any

from migrator.database.connecting import connect
from migrator.profiles.model import Profile

_SESSIONS = {
    "postgresql": "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
    "AND backend_type = 'client backend'",
    "mysql": "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()",
}


def asked(profile: Profile, question: str) -> list[tuple[Any, ...]]:
    """Rows of an answer."""
    with connect(profile) as connection:
        return [tuple(row) for row in connection.fetch(question)]


def told(profile: Profile, *statements: str) -> None:
    """Run statements, each committed by itself."""
    with connect(profile) as connection:
        for statement in statements:
            connection.execute(statement)


def sessions(profile: Profile) -> set[Any]:
    """Everybody else who is connected to the database now."""
    return {row[0] for row in asked(profile, _SESSIONS[profile.dialect])}


def end_session(profile: Profile, session: int) -> None:
    """End a session, and wait until it has ended."""
    if profile.dialect == "postgresql":
        told(profile, f"SELECT pg_terminate_backend({int(session)}, 10000)")
    else:
        told(profile, f"KILL CONNECTION {int(session)}")
