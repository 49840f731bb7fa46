"""Statements that maintain tables, empty them, or say who may use them."""

from __future__ import annotations

from typing import Any, Final

from migrator.database.statements.cursor import Cursor
from migrator.database.statements.model import LockClass, Statement
from migrator.database.statements.schema import schema_statement

_NOISE: Final = frozenset({"FREEZE", "VERBOSE", "ANALYZE", "ANALYSE", "NO_WRITE_TO_BINLOG", "LOCAL"})


def read_upkeep(cursor: Cursor, verb: str) -> Statement:
    """A statement of this kind whose first word was passed."""
    reader = _READERS.get(verb)
    if reader is not None:
        return reader(cursor)
    if verb in _PER_TABLE:
        cursor.take_any(_NOISE)
        cursor.take("TABLE")
        lock = LockClass.NONE if verb == "CHECK" else LockClass.STRONG
        return schema_statement(cursor, f"{verb} TABLE", **_table(cursor), lock=lock, repeatable=True)
    return schema_statement(cursor, verb, repeatable=verb in _REPEATABLE)


_PER_TABLE: Final = frozenset({"OPTIMIZE", "REPAIR", "CHECK"})
_REPEATABLE: Final = frozenset({"GRANT", "REVOKE", "REASSIGN", "SECURITY", "FLUSH", "CACHE", "UNLOCK", "CHECKPOINT"})


def _table(cursor: Cursor) -> dict[str, Any]:
    schema, table = cursor.qualified()
    return {"table": table, "table_schema": schema}


def _truncate(cursor: Cursor) -> Statement:
    cursor.take("TABLE")
    cursor.take("ONLY")
    return schema_statement(cursor, "TRUNCATE", **_table(cursor), lock=LockClass.STRONG)


def _lock(cursor: Cursor) -> Statement:
    _ = cursor.take("TABLE") or cursor.take("TABLES")
    cursor.take("ONLY")
    return schema_statement(cursor, "LOCK TABLE", **_table(cursor), lock=LockClass.STRONG, repeatable=True)


def _refresh(cursor: Cursor) -> Statement:
    cursor.take("MATERIALIZED", "VIEW")
    online = cursor.take("CONCURRENTLY")
    schema, name = cursor.qualified()
    verb = "REFRESH MATERIALIZED VIEW" + (" CONCURRENTLY" if online else "")
    lock = LockClass.ONLINE if online else LockClass.STRONG
    return schema_statement(cursor, verb, name=name, name_schema=schema, lock=lock, repeatable=True)


def _reindex(cursor: Cursor) -> Statement:
    options = cursor.skip_parentheses()
    kind = cursor.take_any(frozenset({"INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM"}))
    online = cursor.take("CONCURRENTLY") or _is_on(options, "CONCURRENTLY")
    schema, name = cursor.qualified()
    verb = " ".join(word for word in ("REINDEX", kind, "CONCURRENTLY" if online else "") if word)
    about = {"table": name, "table_schema": schema} if kind == "TABLE" else {"name": name, "name_schema": schema}
    lock = LockClass.ONLINE if online else LockClass.STRONG
    return schema_statement(cursor, verb, **about, lock=lock, repeatable=True)


def _vacuum(cursor: Cursor) -> Statement:
    full = _is_on(cursor.skip_parentheses(), "FULL") or cursor.take("FULL")
    while cursor.take_any(_NOISE):
        pass
    lock = LockClass.STRONG if full else LockClass.ONLINE
    verb = "VACUUM FULL" if full else "VACUUM"
    return schema_statement(cursor, verb, **_table(cursor), lock=lock, repeatable=True)


def _analyze(cursor: Cursor) -> Statement:
    cursor.skip_parentheses()
    while cursor.take_any(_NOISE):
        pass
    cursor.take("TABLE")
    return schema_statement(cursor, "ANALYZE", **_table(cursor), lock=LockClass.ONLINE, repeatable=True)


def _cluster(cursor: Cursor) -> Statement:
    cursor.skip_parentheses()
    cursor.take("VERBOSE")
    about = _table(cursor)
    verb = "CLUSTER" if about["table"] else "CLUSTER ALL"
    return schema_statement(cursor, verb, **about, lock=LockClass.STRONG, repeatable=True)


def _comment(cursor: Cursor) -> Statement:
    about = _table(cursor) if cursor.take("ON", "TABLE") else {}
    return schema_statement(cursor, "COMMENT", **about, repeatable=True)


def _is_on(options: list[str], option: str) -> bool:
    """Whether an option in parentheses is set: named alone, or with any value but off, false or 0."""
    if option not in options:
        return False
    at = options.index(option) + 1
    return at >= len(options) or options[at] not in ("OFF", "FALSE", "0", "'OFF'", "'FALSE'")


_READERS: Final = {
    "TRUNCATE": _truncate,
    "LOCK": _lock,
    "REFRESH": _refresh,
    "REINDEX": _reindex,
    "VACUUM": _vacuum,
    "ANALYZE": _analyze,
    "ANALYSE": _analyze,
    "CLUSTER": _cluster,
    "COMMENT": _comment,
}
