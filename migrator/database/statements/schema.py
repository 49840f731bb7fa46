"""What statements that change the schema have in common: locks, transactions, and whether they may run again."""

from __future__ import annotations

from typing import Any, Final

from migrator.database.statements.cursor import Cursor
from migrator.database.statements.model import LockClass, Nature, Statement

_OUTSIDE: Final = frozenset(
    {
        "VACUUM",
        "VACUUM FULL",
        "CREATE DATABASE",
        "DROP DATABASE",
        "CREATE TABLESPACE",
        "DROP TABLESPACE",
        "CREATE SUBSCRIPTION",
        "DROP SUBSCRIPTION",
        "ALTER SYSTEM",
        "ALTER DATABASE SET TABLESPACE",
        "REINDEX DATABASE",
        "REINDEX SCHEMA",
        "REINDEX SYSTEM",
        "CLUSTER ALL",
        "CREATE INDEX CONCURRENTLY",
        "DROP INDEX CONCURRENTLY",
        "ALTER TABLE DETACH PARTITION CONCURRENTLY",
    }
)
"""What PostgreSQL refuses in a transaction block."""
TEMPORARY_TABLES: Final = frozenset({"CREATE TABLE", "DROP TABLE", "CREATE OR REPLACE TABLE"})
"""What MySQL does not commit for, if it is said to be about a temporary one."""


def schema_statement(cursor: Cursor, verb: str, **known: Any) -> Statement:
    """A statement of nature SCHEMA; what follows from the verb and the dialect is filled in."""
    commits = cursor.is_mysql and not (known.get("temporary") and verb in TEMPORARY_TABLES)
    return Statement(
        nature=Nature.SCHEMA,
        verb=verb,
        commits=commits,
        in_transaction=verb not in _OUTSIDE and not (verb.startswith("REINDEX") and verb.endswith("CONCURRENTLY")),
        **known,
    )


def strongest(parts: tuple[Statement, ...]) -> LockClass:
    """The lock class of statements that run as one."""
    locks = {part.lock for part in parts}
    return next((lock for lock in LockClass if lock in locks), LockClass.NONE)
