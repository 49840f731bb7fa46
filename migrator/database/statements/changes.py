"""What ALTER changes, and RENAME renames."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from migrator.database.statements.cursor import Cursor
from migrator.database.statements.kinds import (
    MODIFIERS,
    NO_TABLE_TOUCHED,
    PREFIXES,
    TOUCHED_BY_CHANGE,
    go_to_program,
    guard,
    its_table,
    read_kind,
)
from migrator.database.statements.model import LockClass, Statement
from migrator.database.statements.schema import schema_statement, strongest
from migrator.database.statements.tables import read_alter_table


def read_alter(cursor: Cursor, _: str) -> Statement:
    """An ALTER whose first word was passed."""
    cursor.take_any(MODIFIERS - {"DEFAULT"})
    if cursor.take("TABLE") or cursor.take("FOREIGN", "TABLE"):
        return read_alter_table(cursor)
    if cursor.take("DEFAULT", "PRIVILEGES"):
        return schema_statement(cursor, "ALTER DEFAULT PRIVILEGES", repeatable=True)
    if cursor.word in PREFIXES:
        go_to_program(cursor)
    kind = read_kind(cursor)
    known = guard(cursor, "IF", "EXISTS")
    known["name_schema"], known["name"] = cursor.qualified()
    cursor.skip_parentheses()
    if kind != "INDEX":
        known |= its_table(cursor, kind)
    action, more = _change(cursor)
    touches = kind not in NO_TABLE_TOUCHED or kind in TOUCHED_BY_CHANGE
    repeatable = "if_not_exists" in more or _may_run_again(cursor.rest, action)
    return schema_statement(
        cursor,
        f"ALTER {kind} {action}".rstrip(),
        **known,
        **more,
        lock=LockClass.STRONG if touches else LockClass.NONE,
        repeatable=repeatable,
    )


def _change(cursor: Cursor) -> tuple[str, dict[str, Any]]:
    if cursor.take("ADD", "VALUE"):
        return "ADD VALUE", guard(cursor, "IF", "NOT", "EXISTS") | {"value": cursor.string()}
    if cursor.take("RENAME", "VALUE"):
        old = cursor.string()
        return "RENAME VALUE", {"value": old, "new_name": cursor.string() if cursor.take("TO") else None}
    if cursor.take("RENAME", "TO"):
        return "RENAME", {"new_name": cursor.identifier()}
    if cursor.take("SET", "SCHEMA"):
        return "SET SCHEMA", {"new_name": cursor.identifier()}
    if cursor.take("SET", "TABLESPACE"):
        return "SET TABLESPACE", {}
    return "", {}


_ONCE: Final = frozenset({"ADD", "RENAME", "RESTART"})
_ONCE_ACTIONS: Final = frozenset({"ADD VALUE", "RENAME VALUE", "RENAME", "SET SCHEMA"})


def _may_run_again(words: list[str], action: str) -> bool:
    if action in _ONCE_ACTIONS or not _ONCE.isdisjoint(words):
        return False
    drops = (words[at + 1] for at in range(len(words) - 1) if words[at] == "DROP")
    return all(word in ("DEFAULT", "NOT") for word in drops)


def read_rename(cursor: Cursor, _: str) -> Statement:
    """MySQL's RENAME TABLE, whose first word was passed."""
    if not (cursor.take("TABLE") or cursor.take("TABLES")):
        return schema_statement(cursor, "RENAME", lock=LockClass.NONE)
    if_exists = guard(cursor, "IF", "EXISTS")
    parts = tuple(_renamed(part, if_exists) for part in cursor.actions())
    return parts[0] if len(parts) == 1 else replace(parts[0], parts=parts, lock=strongest(parts))


def _renamed(cursor: Cursor, guarded: dict[str, Any]) -> Statement:
    schema, table = cursor.qualified()
    cursor.seek("TO")
    new_schema, new = cursor.qualified()
    return schema_statement(
        cursor,
        "RENAME TABLE",
        table=table,
        table_schema=schema,
        new_name=new if new_schema == schema else None,
        lock=LockClass.STRONG,
        **guarded,
    )
