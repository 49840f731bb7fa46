"""Partitions of a PostgreSQL table, and those whose detaching was begun and not ended."""

from __future__ import annotations

from typing import Final

from migrator.database.catalog import catalog_of
from migrator.database.state import Reader
from migrator.database.statements.model import Statement

_BOND: Final = " FROM pg_catalog.pg_inherits WHERE inhparent = to_regclass(?) AND inhrelid = to_regclass(?)"
_DETACHMENTS: Final = ("ALTER TABLE DETACH PARTITION CONCURRENTLY", "ALTER TABLE DETACH PARTITION FINALIZE")


def is_partition(reader: Reader, statement: Statement) -> bool | None:
    """Whether the table that a statement attaches or detaches is a partition of the other.

    True also while its detaching is pending. None if one of the two is not there.
    """
    names = _names(statement)
    if names is None:
        return None
    (both,) = reader.fetch("SELECT to_regclass(?) IS NOT NULL AND to_regclass(?) IS NOT NULL", *names)
    return bool(reader.fetch(f"SELECT 1{_BOND}", *names)) if both[0] else None


def unfinished_detach(reader: Reader, statement: Statement) -> str | None:
    """The statement that ends what a ``DETACH PARTITION ... CONCURRENTLY`` has left pending; None if nothing is.

    Running the same statement again is refused by the server in that state. Once the one returned here has run,
    outside of a transaction and after the first session is gone, ``took_effect`` says True.
    """
    names = _names(statement)
    if reader.dialect != "postgresql" or statement.verb not in _DETACHMENTS or names is None:
        return None
    if not reader.fetch(f"SELECT 1{_BOND} AND inhdetachpending", *names):
        return None
    return f"ALTER TABLE {names[0]} DETACH PARTITION {names[1]} FINALIZE"


def _names(statement: Statement) -> tuple[str, str] | None:
    if statement.table is None or statement.name is None:
        return None
    quoted = catalog_of("postgresql").quoted
    return quoted(statement.table, statement.table_schema), quoted(statement.name, statement.name_schema)
