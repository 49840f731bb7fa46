"""What an ALTER TABLE does, action by action."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from migrator.database.statements.cursor import Cursor
from migrator.database.statements.model import LockClass, Statement
from migrator.database.statements.schema import schema_statement, strongest

_CONSTRAINTS: Final = frozenset({"PRIMARY", "FOREIGN", "UNIQUE", "CHECK", "EXCLUDE"})
_INDEXES: Final = frozenset({"INDEX", "KEY"})
_INDEX_WORDS: Final = _INDEXES | {"UNIQUE", "FULLTEXT", "SPATIAL", "VECTOR"}
_ONLINE: Final = frozenset(
    {
        "VALIDATE CONSTRAINT",
        "DETACH PARTITION CONCURRENTLY",
        "DETACH PARTITION FINALIZE",
    }
)
_REPEATABLE: Final = frozenset({"ENABLE", "DISABLE", "FORCE", "OWNER", "CLUSTER", "REPLICA", "RESET"})
"""First words of other actions that may run again."""
_REPEATABLE_IN_MYSQL: Final = _REPEATABLE | {
    "ALGORITHM", "AUTO_INCREMENT", "CHARACTER", "CHARSET", "CHECKSUM", "COLLATE", "COMMENT", "CONVERT", "DEFAULT",
    "ENGINE", "KEY_BLOCK_SIZE", "LOCK", "NOWAIT", "ORDER", "PAGE_COMPRESSED", "ROW_FORMAT", "STATS_PERSISTENT", "WAIT",
}  # fmt: skip
_COLUMN_ONCE: Final = frozenset({"ADD", "RESTART"})

Known = dict[str, Any]


def read_alter_table(cursor: Cursor) -> Statement:
    """An ALTER TABLE whose first two words were passed."""
    if_exists = cursor.take("IF", "EXISTS")
    cursor.take("ONLY")
    schema, table = cursor.qualified()
    cursor.take("*")
    about = {"table": table, "table_schema": schema}
    if "," not in cursor.rest:
        return _action(cursor, about, if_exists=if_exists)
    parts = tuple(_action(part, about, if_exists=if_exists) for part in cursor.actions())
    if len(parts) == 1:
        return parts[0]
    return replace(
        parts[0],
        lock=strongest(parts),
        repeatable=all(part.repeatable for part in parts),
        parts=parts,
    )


def _action(cursor: Cursor, about: Known, *, if_exists: bool) -> Statement:
    action, known = _read(cursor)
    lock = LockClass.ONLINE if action in _ONLINE else LockClass.STRONG
    repeatable = bool(known.pop("repeatable", False) or known.get("if_exists") or known.get("if_not_exists"))
    if if_exists:
        known["if_exists"] = True
    verb = f"ALTER TABLE {action}".rstrip()
    return schema_statement(cursor, verb, **about, **known, lock=lock, repeatable=repeatable)


def _read(cursor: Cursor) -> tuple[str, Known]:
    first = cursor.word
    cursor.at += first != ""
    reader = _ACTIONS.get(first)
    if reader is not None:
        return reader(cursor)
    again = _REPEATABLE_IN_MYSQL if cursor.is_mysql else _REPEATABLE
    is_known = first in again or (first == "NO" and cursor.word == "FORCE")
    return first if first.isalpha() else "", {"repeatable": is_known}


def _add(cursor: Cursor) -> tuple[str, Known]:
    if cursor.take("CONSTRAINT"):
        return _add_named_constraint(cursor)
    if cursor.is_mysql:
        if cursor.take_any(_INDEX_WORDS):
            cursor.take_any(_INDEXES)
            return "ADD INDEX", _index_name(cursor)
        if cursor.take("PARTITION"):
            return "ADD PARTITION", _guarded(cursor, "IF", "NOT", "EXISTS")
    if cursor.word in _CONSTRAINTS:
        return f"ADD {_constraint_kind(cursor)}", {}
    cursor.take("COLUMN")
    known = _guarded(cursor, "IF", "NOT", "EXISTS")
    cursor.take("(")
    return "ADD COLUMN", known | {"name": cursor.identifier()}


def _add_named_constraint(cursor: Cursor) -> tuple[str, Known]:
    known = _guarded(cursor, "IF", "NOT", "EXISTS")
    if cursor.word not in _CONSTRAINTS:
        known["name"] = cursor.identifier()
    kind = _constraint_kind(cursor)
    return "ADD CONSTRAINT" if known.get("name") and kind != "PRIMARY KEY" else f"ADD {kind}", known


def _constraint_kind(cursor: Cursor) -> str:
    kind = cursor.word
    cursor.at += kind != ""
    return f"{kind} KEY" if kind in ("PRIMARY", "FOREIGN") and cursor.take("KEY") else kind


def _index_name(cursor: Cursor) -> Known:
    known = _guarded(cursor, "IF", "NOT", "EXISTS")
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
    known = _guarded(cursor, "IF", "EXISTS")
    return f"DROP {kind}", known | {"name": cursor.identifier()}


def _alter(cursor: Cursor) -> tuple[str, Known]:
    if cursor.take("CONSTRAINT"):
        return "ALTER CONSTRAINT", {"name": cursor.identifier(), "repeatable": True}
    if cursor.is_mysql and (cursor.take_any(_INDEXES) or cursor.take("CHECK")):
        return "ALTER INDEX", {"name": cursor.identifier(), "repeatable": True}
    cursor.take("COLUMN")
    known: Known = _guarded(cursor, "IF", "EXISTS") | {"name": cursor.identifier()}
    for change in _COLUMN_CHANGES:
        if cursor.take(*change):
            words = " ".join(change).replace("SET DATA TYPE", "TYPE")
            # The expression of USING reads the values that the first run has left.
            return f"ALTER COLUMN {words}", known | {"repeatable": words != "TYPE" or "USING" not in cursor.rest}
    if cursor.take("DROP"):
        kind = cursor.word
        cursor.at += kind != ""
        return f"ALTER COLUMN DROP {kind}".rstrip(), known | _guarded(cursor, "IF", "EXISTS")
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
    known = _guarded(cursor, "IF", "EXISTS") | {"name": cursor.identifier()}
    return f"RENAME {kind}", known | {"new_name": cursor.identifier() if cursor.take("TO") else None}


def _change(cursor: Cursor) -> tuple[str, Known]:
    cursor.take("COLUMN")
    known = _guarded(cursor, "IF", "EXISTS")
    old, new = cursor.identifier(), cursor.identifier()
    return "CHANGE COLUMN", known | {"name": old, "new_name": new, "repeatable": old is not None and old == new}


def _modify(cursor: Cursor) -> tuple[str, Known]:
    cursor.take("COLUMN")
    return "MODIFY COLUMN", _guarded(cursor, "IF", "EXISTS") | {"name": cursor.identifier(), "repeatable": True}


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


def _guarded(cursor: Cursor, *words: str) -> Known:
    if not cursor.take(*words):
        return {}
    return {"if_not_exists" if "NOT" in words else "if_exists": True}


_ACTIONS: Final = {
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
