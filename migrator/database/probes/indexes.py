"""Indexes of PostgreSQL that are not valid: what a concurrent build or rebuild leaves when it is cut."""

from __future__ import annotations

import re
from typing import Any, Final

from migrator.database.catalog import catalog_of
from migrator.database.state import Reader
from migrator.database.statements.model import Statement

# What a session without rights on another's progress sees of it is only that it builds: then its lock on the
# table tells. So does it for a rebuild, whose progress names one of several indexes at a time.
_SESSION_AT_WORK: Final = (
    "coalesce((SELECT min(p.pid) FROM pg_catalog.pg_stat_progress_create_index p "
    "WHERE p.datname = pg_catalog.current_database() AND (p.index_relid = i.indexrelid "
    "OR ((coalesce(p.index_relid, 0::oid) = 0::oid OR left(p.command, 7) = 'REINDEX') "
    "AND EXISTS (SELECT 1 FROM pg_catalog.pg_locks l WHERE l.pid = p.pid AND l.relation = i.indrelid "
    "AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted)))), "
    # A concurrent drop shows no progress, and makes an index invalid first.
    "(SELECT min(l.pid) FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.database "
    "WHERE d.datname = pg_catalog.current_database() AND l.relation = i.indexrelid "
    "AND l.mode = 'ShareUpdateExclusiveLock' AND l.granted))"
)
_INDEXES: Final = (
    "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
)
# That of a partitioned table is invalid until all of its parts are attached, on purpose.
_INVALID: Final = (
    f"SELECT n.nspname, c.relname {_INDEXES} WHERE NOT i.indisvalid AND c.relkind = 'i' "
    f"AND n.nspname NOT IN ('pg_catalog', 'pg_toast', 'information_schema') AND {_SESSION_AT_WORK} IS NULL"
)
_THIS_ONE: Final = "i.indrelid = to_regclass(?) AND c.relname = ?"
_CONCURRENT_BUILD: Final = "CREATE INDEX CONCURRENTLY"
_LEFTOVER: Final = re.compile(r"(?P<index>.*)_cc(?:new|old)\d*", re.DOTALL)
_LONGEST_NAME: Final = 63
"""Bytes after which PostgreSQL cuts a name; one that gets a suffix is cut before it, so that both fit."""


def built(reader: Reader, statement: Statement) -> bool | None:
    """Whether the index of a CREATE INDEX is there, and valid if it was built concurrently.

    None while a session is still at work on it, and for an index without a name of its own.
    """
    named = _named(statement)
    if named is None or not reader.fetch("SELECT 1 WHERE to_regclass(?) IS NOT NULL", named[0]):
        return None
    rows = reader.fetch(f"SELECT i.indisvalid, {_SESSION_AT_WORK} {_INDEXES} WHERE {_THIS_ONE}", *named)
    if not rows:
        return False
    valid, session = rows[0]
    if valid or statement.verb != _CONCURRENT_BUILD:
        return True
    return False if session is None else None


def index_builder(reader: Reader, statement: Statement) -> int | None:
    """Process id of the server's session that still builds the index of a CREATE INDEX CONCURRENTLY, or drops it."""
    named = _named(statement)
    if reader.dialect != "postgresql" or named is None:
        return None
    rows = reader.fetch(f"SELECT {_SESSION_AT_WORK} {_INDEXES} WHERE NOT i.indisvalid AND {_THIS_ONE}", *named)
    return int(rows[0][0]) if rows and rows[0][0] is not None else None


def invalid_index(reader: Reader, statement: Statement) -> str | None:
    """The invalid index that a CREATE INDEX CONCURRENTLY has left, quoted and with its schema.

    None if there is none, or a session is still at work on it.
    """
    named = _named(statement)
    if reader.dialect != "postgresql" or statement.verb != _CONCURRENT_BUILD or named is None:
        return None
    return next(iter(_quoted(reader.fetch(f"{_INVALID} AND {_THIS_ONE}", *named))), None)


def invalid_indexes(reader: Reader) -> tuple[str, ...]:
    """All invalid indexes of the database, quoted and with their schemas, in the order of their names.

    Left out: those that a session is at work on, the server's own, and those of partitioned tables, which are
    invalid until all of their parts are attached.
    """
    if reader.dialect != "postgresql":
        return ()
    return _quoted(reader.fetch(f"{_INVALID} ORDER BY 1, 2"))


def reindex_leftovers(reader: Reader, statement: Statement) -> tuple[str, ...]:
    """The invalid copies that a REINDEX ... CONCURRENTLY has left (``_ccnew``, ``_ccold``), quoted, with schemas.

    Dropping them loses nothing: the index itself is there, and the statement can run again.
    """
    verb = statement.verb
    if reader.dialect != "postgresql" or not (verb.startswith("REINDEX ") and verb.endswith(" CONCURRENTLY")):
        return ()
    condition, parameters = _reindexed(statement)
    rows = reader.fetch(f"{_INVALID} AND {condition} ORDER BY 1, 2", *parameters)
    only = statement.name if verb == "REINDEX INDEX CONCURRENTLY" else None
    return _quoted([row for row in rows if _is_copy(str(row[1]), only)])


def _reindexed(statement: Statement) -> tuple[str, tuple[str, ...]]:
    quoted = catalog_of("postgresql").quoted
    if statement.table is not None:
        table = quoted(statement.table, statement.table_schema)
        parts = "SELECT relid FROM pg_catalog.pg_partition_tree(to_regclass(?))"
        return f"(i.indrelid = to_regclass(?) OR i.indrelid IN ({parts}))", (table, table)
    if statement.name is not None and statement.verb == "REINDEX INDEX CONCURRENTLY":
        index = quoted(statement.name, statement.name_schema)
        return "i.indrelid = (SELECT indrelid FROM pg_catalog.pg_index WHERE indexrelid = to_regclass(?))", (index,)
    if statement.name is not None and statement.verb == "REINDEX SCHEMA CONCURRENTLY":
        return "n.nspname = ?", (statement.name,)
    return "true", ()


def _is_copy(name: str, of: str | None) -> bool:
    match = _LEFTOVER.fullmatch(name)
    if match is None:
        return False
    was_cut = len(name.encode()) >= _LONGEST_NAME - 1
    return of is None or match["index"] == of or (was_cut and of.startswith(match["index"]))


def _named(statement: Statement) -> tuple[str, str] | None:
    if statement.table is None or statement.name is None:
        return None
    return catalog_of("postgresql").quoted(statement.table, statement.table_schema), statement.name


def _quoted(rows: list[tuple[Any, ...]]) -> tuple[str, ...]:
    quoted = catalog_of("postgresql").quoted
    return tuple(quoted(str(name), str(schema)) for schema, name in rows)
