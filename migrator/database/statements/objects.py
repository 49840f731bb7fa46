"""What CREATE makes and DROP drops."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from migrator.database.statements.cursor import Cursor
from migrator.database.statements.kinds import (
    MODIFIERS,
    NO_TABLE_TOUCHED,
    PREFIXES,
    TABLES,
    TOUCHED_BY_CHANGE,
    TOUCHED_BY_END,
    go_to_program,
    guard,
    its_table,
    read_kind,
)
from migrator.database.statements.model import LockClass, Statement
from migrator.database.statements.schema import schema_statement

_TEMPORARY: Final = frozenset({"TEMP", "TEMPORARY"})
_REPLACED_WITH_ITS_DATA: Final = frozenset({"TABLE", "SEQUENCE", "DATABASE"})


def read_create(cursor: Cursor, _: str) -> Statement:
    """A CREATE whose first word was passed."""
    replaces = cursor.take("OR", "REPLACE")
    known: dict[str, Any] = {}
    while True:
        if cursor.take_any(_TEMPORARY):
            known["temporary"] = True
        elif not cursor.take_any(MODIFIERS):
            break
    if cursor.word in PREFIXES:
        go_to_program(cursor)
    kind = read_kind(cursor)
    verb = f"CREATE OR REPLACE {kind}" if replaces else f"CREATE {kind}"
    lock = LockClass.STRONG if kind not in NO_TABLE_TOUCHED else LockClass.NONE
    if replaces and kind in TOUCHED_BY_CHANGE:
        lock = LockClass.STRONG
    if kind == "INDEX" and cursor.take("CONCURRENTLY"):
        verb, lock = f"{verb} CONCURRENTLY", LockClass.ONLINE
    known |= guard(cursor, "IF", "NOT", "EXISTS") | _created(cursor, kind)
    repeatable = bool(known.get("if_not_exists")) or (replaces and kind not in _REPLACED_WITH_ITS_DATA)
    return schema_statement(cursor, verb, **known, lock=lock, repeatable=repeatable)


def _created(cursor: Cursor, kind: str) -> dict[str, Any]:
    if kind in TABLES:
        schema, table = cursor.qualified()
        return {"table": table, "table_schema": schema}
    if kind == "SCHEMA" and cursor.word == "AUTHORIZATION":
        return {}
    schema, name = cursor.qualified() if not (kind == "INDEX" and cursor.word == "ON") else (None, None)
    return {"name": name, "name_schema": schema} | its_table(cursor, kind)


def read_drop(cursor: Cursor, _: str) -> Statement:
    """A DROP whose first word was passed."""
    known: dict[str, Any] = {}
    while cursor.take_any(_TEMPORARY):
        known["temporary"] = True
    cursor.take_any(MODIFIERS)
    kind = read_kind(cursor)
    verb = f"DROP {kind}"
    touches = kind not in NO_TABLE_TOUCHED or kind in TOUCHED_BY_END
    lock = LockClass.STRONG if touches else LockClass.NONE
    if kind == "INDEX" and cursor.take("CONCURRENTLY"):
        verb, lock = f"{verb} CONCURRENTLY", LockClass.ONLINE
    known |= guard(cursor, "IF", "EXISTS")
    repeatable = kind == "OWNED BY" or "if_exists" in known
    parts = tuple(
        schema_statement(cursor, verb, **known, **_dropped(part, kind), lock=lock, repeatable=repeatable)
        for part in cursor.actions()
    )
    return parts[0] if len(parts) == 1 else replace(parts[0], parts=parts)


def _dropped(cursor: Cursor, kind: str) -> dict[str, Any]:
    schema, name = cursor.qualified()
    if kind in TABLES:
        return {"table": name, "table_schema": schema}
    return {"name": name, "name_schema": schema} | its_table(cursor, kind)
