"""What an ALTER TABLE does, action by action."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from migrator.database.statements.cursor import Cursor
from migrator.database.statements.model import LockClass, Statement
from migrator.database.statements.schema import schema_statement, strongest
from migrator.database.statements.table_actions import ACTIONS, Known

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
    reader = ACTIONS.get(first)
    if reader is not None:
        return reader(cursor)
    again = _REPEATABLE_IN_MYSQL if cursor.is_mysql else _REPEATABLE
    is_known = first in again or (first == "NO" and cursor.word == "FORCE")
    return first if first.isalpha() else "", {"repeatable": is_known}
