"""Tables that a revision expects and the history does not make: their base came from elsewhere."""

from __future__ import annotations

import re
from typing import Final

from sqlalchemy.exc import NoSuchTableError

from migrator.database.failures import codes_of
from migrator.database.snapshot.model import Kind, Snapshot

_NO_TABLE: Final = frozenset({None, "42P01", "42S02"})
"""SQLSTATE of PostgreSQL, of MariaDB and MySQL; SQLite has none."""
_NAMES: Final = (
    re.compile(r'relation "([^"]+)" does not exist'),
    re.compile(r"Table '(?:[^'.]*\.)?([^']+)' doesn't exist"),
    re.compile(r"no such table: (\S+)"),
)


def base_table(error: Exception, before: Snapshot) -> str | None:
    """The table that a failed ``upgrade()`` did not find, where the history has made none at all so far.

    Such a history begins on tables that somebody else makes, mostly ``create_all()`` of the application.

    Args:
        error: what ``upgrade()`` raised.
        before: the schema that it met.

    Returns:
        Its name; None: something else is wrong.

    """
    if any(before.of_kind(Kind.TABLE)):
        return None
    if isinstance(error, NoSuchTableError):
        return str(error)
    if codes_of(error)[0] not in _NO_TABLE:
        return None
    said = str(getattr(error, "orig", None) or error)
    return next((match[1] for match in (each.search(said) for each in _NAMES) if match), None)
