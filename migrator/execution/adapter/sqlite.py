"""SQLite can take schema changes back, but Python's driver begins no transaction for them: here it is begun."""

from __future__ import annotations

from collections.abc import Callable

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection

from migrator.chain.model import Revision
from migrator.execution.adapter.recording import content_of


def begin_where_the_driver_does_not(connection: Connection, revision: Revision) -> None:
    """Begin a revision's transaction on SQLite, so that all of it takes effect or nothing.

    Not where the file speaks of PRAGMA: ``foreign_keys`` and others do nothing inside of a transaction.
    """
    if connection.dialect.name == "sqlite" and _is_atomic(revision):
        connection.exec_driver_sql("BEGIN")


def takes_back(context: MigrationContext) -> Callable[[Revision], bool]:
    """Whether the database of a context takes back what a failed revision changed."""
    if context.dialect.name == "sqlite":
        return _is_atomic
    return lambda _revision: context.impl.transactional_ddl


def _is_atomic(revision: Revision) -> bool:
    return b"PRAGMA" not in (content_of(revision) or b"PRAGMA").upper()
