"""Actions of an ALTER TABLE that name something: a column, a constraint, an index, a partition."""

from __future__ import annotations

from typing import Any, Final

from migrator.database.statements.cursor import Cursor
from migrator.database.statements.kinds import guard

_CONSTRAINTS: Final = frozenset({"PRIMARY", "FOREIGN", "UNIQUE", "CHECK", "EXCLUDE"})
_INDEXES: Final = frozenset({"INDEX", "KEY"})
_INDEX_WORDS: Final = _INDEXES | {"UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR"}
_COLUMN_ONCE: Final = frozenset({"ADD", "RESTART"})


Known = dict[str, Any]
"""Fields of a statement."""


def _add(cursor: Cursor) -> tuple[str, Known]:
    if cursor.take("CONSTRAINT"):
        return _add_named_constraint(cursor)
    if cursor.is_mysql:
        if cursor.take_any(_INDEX_WORDS):
            cursor.take_any(_INDEXES)
            return "ADD INDEX", _index_name(cursor)
        if cursor.take("PARTITION"):
            return "ADD PARTITION", guard(cursor, "IF", "NOT", "EXISTS")
    if cursor.word in _CONSTRAINTS:
        return f"ADD {_constraint_kind(cursor)}", {}
    cursor.take("COLUMN")
    known = guard(cursor, "IF", "NOT", "EXISTS")
    cursor.take("(")
    return "ADD COLUMN", known | {"name": cursor.identifier()}


def _add_named_constraint(cursor: Cursor) -> tuple[str, Known]:
    known = guard(cursor, "IF", "NOT", "EXISTS")
    if cursor.word not in _CONSTRAINTS:
        known["name"] = cursor.identifier()
    kind = _constraint_kind(cursor)
    return "ADD CONSTRAINT" if known.get("name") and kind != "PRIMARY KEY" else f"ADD {kind}", known


def _constraint_kind(cursor: Cursor) -> str:
    kind = cursor.word
    cursor.at += kind != ""
    return f"{kind} KEY" if kind in ("PRIMARY", "FOREIGN") and cursor.take("KEY") else kind


def _index_name(cursor: Cursor) -> Known:
    known = guard(cursor, "IF", "NOT", "EXISTS")
    if cursor.word not in ("(", "USING"):
        known["name"] = cursor.identifier()
    return known


def _drop(cursor: Cursor) -> tuple[str, Known]:
    kind = "COLUMN"
    if cursor.take("CONSTRAINT"):
        kind = "CONSTRAINT"
    elif cursor.is_mysql:
        if cursor.take("PRIMARY", "KEY"):
            return "DROP PRIMARY KEY", {}
        if cursor.take("FOREIGN", "KEY"):
            kind = "FOREIGN KEY"
        elif cursor.take_any(_INDEXES):
            kind = "INDEX"
        elif cursor.take("CHECK"):
            kind = "CONSTRAINT"
        elif cursor.take("PARTITION"):
            kind = "PARTITION"
    if kind == "COLUMN":
        cursor.take("COLUMN")
    known = guard(cursor, "IF", "EXISTS")
    return f"DROP {kind}", known | {"name": cursor.identifier()}


def _alter(cursor: Cursor) -> tuple[str, Known]:
    if cursor.take("CONSTRAINT"):
        return "ALTER CONSTRAINT", {"name": cursor.identifier(), "repeatable": True}
    if cursor.is_mysql and (cursor.take_any(_INDEXES) or cursor.take("CHECK")):
        return "ALTER INDEX", {"name": cursor.identifier(), "repeatable": True}
    cursor.take("COLUMN")
    known: Known = guard(cursor, "IF", "EXISTS") | {"name": cursor.identifier()}
    for change in _COLUMN_CHANGES:
        if cursor.take(*change):
            words = " ".join(change).replace("SET DATA TYPE", "TYPE")
            # The expression of USING reads the values that the first run has left.
            return f"ALTER COLUMN {words}", known | {"repeatable": words != "TYPE" or "USING" not in cursor.rest}
    if cursor.take("DROP"):
        kind = cursor.word
        cursor.at += kind != ""
        return f"ALTER COLUMN DROP {kind}".rstrip(), known | guard(cursor, "IF", "EXISTS")
    return "ALTER COLUMN", known | {"repeatable": cursor.word not in _COLUMN_ONCE and "RESTART" not in cursor.rest}


_COLUMN_CHANGES: Final = (
    ("SET", "NOT", "NULL"),
    ("DROP", "NOT", "NULL"),
    ("SET", "DEFAULT"),
    ("DROP", "DEFAULT"),
    ("SET", "DATA", "TYPE"),
    ("TYPE",),
)


def _rename(cursor: Cursor) -> tuple[str, Known]:
    if cursor.take("TO") or cursor.take("AS") or (cursor.is_mysql and cursor.at == cursor.end - 1):
        schema, new = cursor.qualified()
        return "RENAME", {"new_name": None if schema else new}
    kind = "COLUMN"
    if cursor.take("CONSTRAINT"):
        kind = "CONSTRAINT"
    elif cursor.is_mysql and cursor.take_any(_INDEXES):
        kind = "INDEX"
    else:
        cursor.take("COLUMN")
    known = guard(cursor, "IF", "EXISTS") | {"name": cursor.identifier()}
    return f"RENAME {kind}", known | {"new_name": cursor.identifier() if cursor.take("TO") else None}


def _change(cursor: Cursor) -> tuple[str, Known]:
    cursor.take("COLUMN")
    known = guard(cursor, "IF", "EXISTS")
    old, new = cursor.identifier(), cursor.identifier()
    return "CHANGE COLUMN", known | {"name": old, "new_name": new, "repeatable": old is not None and old == new}


def _modify(cursor: Cursor) -> tuple[str, Known]:
    cursor.take("COLUMN")
    return "MODIFY COLUMN", guard(cursor, "IF", "EXISTS") | {"name": cursor.identifier(), "repeatable": True}


def _validate(cursor: Cursor) -> tuple[str, Known]:
    cursor.take("CONSTRAINT")
    return "VALIDATE CONSTRAINT", {"name": cursor.identifier(), "repeatable": True}


def _attach(cursor: Cursor) -> tuple[str, Known]:
    cursor.take("PARTITION")
    schema, name = cursor.qualified()
    return "ATTACH PARTITION", {"name": name, "name_schema": schema}


def _detach(cursor: Cursor) -> tuple[str, Known]:
    cursor.take("PARTITION")
    schema, name = cursor.qualified()
    manner = cursor.take_any(frozenset({"CONCURRENTLY", "FINALIZE"}))
    return f"DETACH PARTITION {manner}".rstrip(), {"name": name, "name_schema": schema}


def _set(cursor: Cursor) -> tuple[str, Known]:
    if cursor.take("SCHEMA"):
        return "SET SCHEMA", {"new_name": cursor.identifier()}
    return "SET", {"repeatable": True}


ACTIONS: Final = {
    "ADD": _add,
    "DROP": _drop,
    "ALTER": _alter,
    "RENAME": _rename,
    "CHANGE": _change,
    "MODIFY": _modify,
    "VALIDATE": _validate,
    "ATTACH": _attach,
    "DETACH": _detach,
    "SET": _set,
}
"""By its first word, which was passed: what reads an action, and returns it in words with what is known."""
