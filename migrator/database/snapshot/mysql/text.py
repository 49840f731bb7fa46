"""How names and values are written for MySQL and MariaDB; their catalog's texts without the database's name. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from migrator.database.statements.lexing import pieces


def quoted(name: str) -> str:
    """A name as it must be written in a statement."""
    return "`" + name.replace("`", "``") + "`"


def literal(value: str) -> str:
    """A text as it must be written in a statement."""
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def listed(names: Iterable[str]) -> str:
    """Names in parentheses."""
    return f"({', '.join(quoted(name) for name in names)})"


def unqualified(sql: str, database: str) -> str:
    """A text of the catalog without the name of the database that it lies in: a copy of it has another name."""
    name = quoted(database)
    if name not in sql:
        return sql
    found = [(piece[0], piece.start()) for piece in pieces(sql, "mysql")]
    kept, end = "", 0
    for (text, start), (mark, at) in pairwise(found):
        if text == name and mark == ".":
            kept += sql[end:start]
            end = at + 1
    return kept + sql[end:]
