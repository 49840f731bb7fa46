"""The kinds of things that a database consists of, as CREATE, DROP and ALTER name them."""

from __future__ import annotations

from typing import Any, Final

from migrator.database.statements.cursor import Cursor

MODIFIERS: Final = frozenset(
    {
        "GLOBAL", "LOCAL", "UNLOGGED", "UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR", "BITMAP", "CLUSTERED",
        "NONCLUSTERED", "RECURSIVE", "CONSTRAINT", "TRUSTED", "PROCEDURAL", "DEFAULT", "VIRTUAL", "ONLINE", "OFFLINE",
        "IGNORE", "EDITIONABLE", "FORCE",
    }
)  # fmt: skip
PREFIXES: Final = frozenset({"DEFINER", "ALGORITHM", "SQL", "AGGREGATE"})
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
TABLES: Final = frozenset({"TABLE", "FOREIGN TABLE"})
_ON_A_TABLE: Final = frozenset({"TRIGGER", "POLICY", "RULE", "INDEX"})
NO_TABLE_TOUCHED: Final = frozenset(
    {
        "AGGREGATE", "CAST", "COLLATION", "CONVERSION", "DATABASE", "DOMAIN", "EXTENSION", "FUNCTION", "GROUP",
        "LANGUAGE", "MATERIALIZED VIEW", "OPERATOR", "PROCEDURE", "PUBLICATION", "ROLE", "ROUTINE", "SCHEMA",
        "SEQUENCE", "SERVER", "STATISTICS", "SUBSCRIPTION", "TABLESPACE", "TYPE", "USER", "VIEW", "DEFAULT PRIVILEGES",
        "SYSTEM", "LARGE OBJECT", "EVENT", "EVENT TRIGGER", "FOREIGN DATA WRAPPER", "USER MAPPING", "ACCESS METHOD",
        "TEXT SEARCH CONFIGURATION", "TEXT SEARCH DICTIONARY", "TRANSFORM", "OPERATOR CLASS", "OPERATOR FAMILY",
    }
)  # fmt: skip
"""Kinds whose making takes no strong lock on a table."""
TOUCHED_BY_CHANGE: Final = frozenset({"DOMAIN", "MATERIALIZED VIEW", "SCHEMA", "SEQUENCE", "VIEW"})
"""Of those, the kinds whose change or end may block who uses them."""
TOUCHED_BY_END: Final = TOUCHED_BY_CHANGE | {"TYPE", "EXTENSION", "FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE"}


def read_kind(cursor: Cursor) -> str:
    """The kind that is named here, such as MATERIALIZED VIEW; go past it."""
    kind = word = cursor.word
    cursor.at += word != ""
    while cursor.word in _LONG_KINDS.get(word, ()):
        word = cursor.word
        kind = f"{kind} {word}"
        cursor.at += 1
    return "SCHEMA" if kind == "DATABASE" and cursor.is_mysql else kind


def go_to_program(cursor: Cursor) -> None:
    """Go to the kind of a program or view that MySQL lets DEFINER and the like stand before; stay if there is none."""
    for at in range(cursor.at, cursor.end):
        if cursor.words[at] in _PROGRAMS:
            cursor.at = at
            return


def its_table(cursor: Cursor, kind: str) -> dict[str, Any]:
    """The table of what belongs to one, and is named behind the words that stand here."""
    if kind not in _ON_A_TABLE or not cursor.seek("ON"):
        return {}
    if kind == "RULE" and cursor.words[cursor.at + 1] == "TO":
        cursor.at += 2  # ON event TO table
    cursor.take("ONLY")
    schema, table = cursor.qualified()
    return {"table": table, "table_schema": schema}


def guard(cursor: Cursor, *words: str) -> dict[str, Any]:
    """What IF EXISTS or IF NOT EXISTS says, if it is next; go past it."""
    if not cursor.take(*words):
        return {}
    return {"if_not_exists" if "NOT" in words else "if_exists": True}
