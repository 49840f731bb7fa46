"""What CREATE, DROP and ALTER of anything but a table's parts make, drop and change."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from migrator.database.statements.cursor import Cursor
from migrator.database.statements.model import LockClass, Statement
from migrator.database.statements.schema import schema_statement, strongest
from migrator.database.statements.tables import read_alter_table

_TEMPORARY: Final = frozenset({"TEMP", "TEMPORARY"})
_MODIFIERS: Final = frozenset(
    {
        "GLOBAL", "LOCAL", "UNLOGGED", "UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR", "BITMAP", "CLUSTERED",
        "NONCLUSTERED", "RECURSIVE", "CONSTRAINT", "TRUSTED", "PROCEDURAL", "DEFAULT", "VIRTUAL", "ONLINE", "OFFLINE",
        "IGNORE", "EDITIONABLE", "FORCE",
    }
)  # fmt: skip
_PREFIXES: Final = frozenset({"DEFINER", "ALGORITHM", "SQL", "AGGREGATE"})
"""What MySQL allows before the kind of a program or view."""
_PROGRAMS: Final = frozenset({"VIEW", "TRIGGER", "PROCEDURE", "FUNCTION", "EVENT"})
_LONG_KINDS: Final = {
    "MATERIALIZED": ("VIEW",),
    "FOREIGN": ("TABLE", "DATA"),
    "DATA": ("WRAPPER",),
    "EVENT": ("TRIGGER",),
    "ACCESS": ("METHOD",),
    "TEXT": ("SEARCH",),
    "SEARCH": ("CONFIGURATION", "DICTIONARY", "PARSER", "TEMPLATE"),
    "USER": ("MAPPING",),
    "OPERATOR": ("CLASS", "FAMILY"),
    "LARGE": ("OBJECT",),
    "OWNED": ("BY",),
}
_TABLES: Final = frozenset({"TABLE", "FOREIGN TABLE"})
_ON_A_TABLE: Final = frozenset({"TRIGGER", "POLICY", "RULE", "INDEX"})
_NO_TABLE_TOUCHED: Final = frozenset(
    {
        "AGGREGATE", "CAST", "COLLATION", "CONVERSION", "DATABASE", "DOMAIN", "EXTENSION", "FUNCTION", "GROUP",
        "LANGUAGE", "MATERIALIZED VIEW", "OPERATOR", "PROCEDURE", "PUBLICATION", "ROLE", "ROUTINE", "SCHEMA",
        "SEQUENCE", "SERVER", "STATISTICS", "SUBSCRIPTION", "TABLESPACE", "TYPE", "USER", "VIEW", "DEFAULT PRIVILEGES",
        "SYSTEM", "LARGE OBJECT", "EVENT", "EVENT TRIGGER", "FOREIGN DATA WRAPPER", "USER MAPPING", "ACCESS METHOD",
        "TEXT SEARCH CONFIGURATION", "TEXT SEARCH DICTIONARY", "TRANSFORM", "OPERATOR CLASS", "OPERATOR FAMILY",
    }
)  # fmt: skip
"""Kinds whose making takes no strong lock on a table."""
_TOUCHED_BY_CHANGE: Final = frozenset({"DOMAIN", "MATERIALIZED VIEW", "SCHEMA", "SEQUENCE", "VIEW"})
"""Of those, the kinds whose change or end may block who uses them."""
_TOUCHED_BY_END: Final = _TOUCHED_BY_CHANGE | {"TYPE", "EXTENSION", "FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE"}
_REPLACED_WITH_ITS_DATA: Final = frozenset({"TABLE", "SEQUENCE", "DATABASE"})


def read_create(cursor: Cursor, _: str) -> Statement:
    """A CREATE whose first word was passed."""
    replaces = cursor.take("OR", "REPLACE")
    known: dict[str, Any] = {}
    while True:
        if cursor.take_any(_TEMPORARY):
            known["temporary"] = True
        elif not cursor.take_any(_MODIFIERS):
            break
    if cursor.word in _PREFIXES:
        _go_to_program(cursor)
    kind = _kind(cursor)
    verb = f"CREATE OR REPLACE {kind}" if replaces else f"CREATE {kind}"
    lock = LockClass.STRONG if kind not in _NO_TABLE_TOUCHED else LockClass.NONE
    if replaces and kind in _TOUCHED_BY_CHANGE:
        lock = LockClass.STRONG
    if kind == "INDEX" and cursor.take("CONCURRENTLY"):
        verb, lock = f"{verb} CONCURRENTLY", LockClass.ONLINE
    known |= _guard(cursor, "IF", "NOT", "EXISTS") | _created(cursor, kind)
    repeatable = bool(known.get("if_not_exists")) or (replaces and kind not in _REPLACED_WITH_ITS_DATA)
    return schema_statement(cursor, verb, **known, lock=lock, repeatable=repeatable)


def _created(cursor: Cursor, kind: str) -> dict[str, Any]:
    if kind in _TABLES:
        schema, table = cursor.qualified()
        return {"table": table, "table_schema": schema}
    if kind == "SCHEMA" and cursor.word == "AUTHORIZATION":
        return {}
    schema, name = cursor.qualified() if not (kind == "INDEX" and cursor.word == "ON") else (None, None)
    return {"name": name, "name_schema": schema} | _its_table(cursor, kind)


def read_drop(cursor: Cursor, _: str) -> Statement:
    """A DROP whose first word was passed."""
    known: dict[str, Any] = {}
    while cursor.take_any(_TEMPORARY):
        known["temporary"] = True
    cursor.take_any(_MODIFIERS)
    kind = _kind(cursor)
    verb = f"DROP {kind}"
    touches = kind not in _NO_TABLE_TOUCHED or kind in _TOUCHED_BY_END
    lock = LockClass.STRONG if touches else LockClass.NONE
    if kind == "INDEX" and cursor.take("CONCURRENTLY"):
        verb, lock = f"{verb} CONCURRENTLY", LockClass.ONLINE
    known |= _guard(cursor, "IF", "EXISTS")
    repeatable = kind == "OWNED BY" or "if_exists" in known
    parts = tuple(
        schema_statement(cursor, verb, **known, **_dropped(part, kind), lock=lock, repeatable=repeatable)
        for part in cursor.actions()
    )
    return parts[0] if len(parts) == 1 else replace(parts[0], parts=parts)


def _dropped(cursor: Cursor, kind: str) -> dict[str, Any]:
    schema, name = cursor.qualified()
    if kind in _TABLES:
        return {"table": name, "table_schema": schema}
    return {"name": name, "name_schema": schema} | _its_table(cursor, kind)


def read_alter(cursor: Cursor, _: str) -> Statement:
    """An ALTER whose first word was passed."""
    cursor.take_any(_MODIFIERS - {"DEFAULT"})
    if cursor.take("TABLE") or cursor.take("FOREIGN", "TABLE"):
        return read_alter_table(cursor)
    if cursor.take("DEFAULT", "PRIVILEGES"):
        return schema_statement(cursor, "ALTER DEFAULT PRIVILEGES", repeatable=True)
    if cursor.word in _PREFIXES:
        _go_to_program(cursor)
    kind = _kind(cursor)
    known = _guard(cursor, "IF", "EXISTS")
    known["name_schema"], known["name"] = cursor.qualified()
    cursor.skip_parentheses()
    if kind != "INDEX":
        known |= _its_table(cursor, kind)
    action, more = _change(cursor)
    touches = kind not in _NO_TABLE_TOUCHED or kind in _TOUCHED_BY_CHANGE
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
        guard = _guard(cursor, "IF", "NOT", "EXISTS")
        return "ADD VALUE", guard | {"value": cursor.string()}
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


def _kind(cursor: Cursor) -> str:
    kind = word = cursor.word
    cursor.at += word != ""
    while cursor.word in _LONG_KINDS.get(word, ()):
        word = cursor.word
        kind = f"{kind} {word}"
        cursor.at += 1
    return "SCHEMA" if kind == "DATABASE" and cursor.is_mysql else kind


def _go_to_program(cursor: Cursor) -> None:
    for at in range(cursor.at, cursor.end):
        if cursor.words[at] in _PROGRAMS:
            cursor.at = at
            return
    # PostgreSQL's CREATE AGGREGATE is a kind of its own.


def _its_table(cursor: Cursor, kind: str) -> dict[str, Any]:
    """The table of what belongs to one, and is named behind the words that stand here."""
    if kind not in _ON_A_TABLE or not cursor.seek("ON"):
        return {}
    if kind == "RULE" and cursor.words[cursor.at + 1] == "TO":
        cursor.at += 2  # ON event TO table
    cursor.take("ONLY")
    schema, table = cursor.qualified()
    return {"table": table, "table_schema": schema}


def _guard(cursor: Cursor, *words: str) -> dict[str, Any]:
    if not cursor.take(*words):
        return {}
    return {"if_not_exists" if "NOT" in words else "if_exists": True}


def read_rename(cursor: Cursor, _: str) -> Statement:
    """MySQL's RENAME TABLE, whose first word was passed."""
    if not (cursor.take("TABLE") or cursor.take("TABLES")):
        return schema_statement(cursor, "RENAME", lock=LockClass.NONE)
    if_exists = _guard(cursor, "IF", "EXISTS")
    parts = tuple(_renamed(part, if_exists) for part in cursor.actions())
    return parts[0] if len(parts) == 1 else replace(parts[0], parts=parts, lock=strongest(parts))


def _renamed(cursor: Cursor, guard: dict[str, Any]) -> Statement:
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
        **guard,
    )
