"""Which other database a statement would change although its connection is on the scratch database. Pure.

Of MySQL and MariaDB a statement can name any database of the server; SQLite attaches files; every server has statements
about whole databases. What a called procedure does cannot be seen, nor a second table of an UPDATE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from migrator.database.statements.lexing import pieces
from migrator.database.statements.model import Nature, Statement
from migrator.database.statements.reading import read_statement

_MYSQL: Final = frozenset({"mysql", "mariadb"})
_WHOLE: Final = frozenset({"DATABASE", "SCHEMA"})
_OPTIONS: Final = frozenset({"character", "charset", "collate", "comment", "default", "encryption", "read"})
"""What ``ALTER DATABASE`` of MySQL says first when it names no database: the current one is meant."""
_ATTACHED: Final = re.compile(r"\s*ATTACH\s+(?:DATABASE\s+)?('[^']*'|\S+)", re.IGNORECASE)
_IN_MEMORY: Final = frozenset({"''", "':memory:'"})


def stray(sql: str, dialect: str, database: str) -> str | None:
    """Give the database or file that a statement changes, opens or goes over to; None for none but its own.

    Args:
        sql: one statement, or several in one text.
        dialect: of the server.
        database: name of the scratch database.

    """
    statement = read_statement(sql, dialect)
    if dialect == "sqlite":
        attached = _ATTACHED.match(sql)
        return attached[1] if attached and attached[1].lower() not in _IN_MEMORY else None
    if dialect in _MYSQL and statement.verb == "USE":
        named = [piece[0] for piece in pieces(sql, dialect)][1].strip("`")
        return None if named.lower() == database.lower() else named
    others = (name for part in (statement, *statement.parts) for name in _named(part, dialect))
    found = next((name for name in others if name.lower() != database.lower()), None)
    return found or (_renamed_into(sql, dialect, database) if statement.verb.startswith("RENAME") else None)


def _named(statement: Statement, dialect: str) -> Iterator[str]:
    if statement.nature is Nature.READ:
        return
    verb, _, kind = statement.verb.partition(" ")
    # To MySQL a schema is a database; to PostgreSQL it lies in one.
    whole = _WHOLE if dialect in _MYSQL else _WHOLE - {"SCHEMA"}
    if verb in ("CREATE", "ALTER", "DROP") and kind in whole and statement.name:
        if dialect not in _MYSQL or statement.name.lower() not in _OPTIONS:
            yield statement.name
    elif dialect in _MYSQL:
        yield from (name for name in (statement.table_schema, statement.name_schema) if name)


def _renamed_into(sql: str, dialect: str, database: str) -> str | None:
    """The database that a table is moved to."""
    words = [piece[0] for piece in pieces(sql, dialect)]
    schemas = (word.strip("`") for word, mark in pairwise(words) if mark == ".")
    return next((schema for schema in schemas if schema.lower() != database.lower()), None)
