"""What is done with a SQLAlchemy connection that ``env.py`` made: settle its open transaction."""

from __future__ import annotations

import sys
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection


def settle(connection: Connection) -> bool:
    """Commit what was begun by mere use of the connection; leave a transaction that somebody holds.

    SQLAlchemy begins a transaction at the first statement (a ``SET`` before ``configure()``, say). Alembic then takes
    it for one that the caller will commit, and nobody does. A transaction object that nobody but the connection refers
    to cannot be committed by anybody else, so it is committed here.

    Returns:
        Whether somebody else holds the transaction that is open now.

    """
    if not connection.in_transaction():
        return False
    if _references(connection) > _REFERENCES_WHEN_UNHELD:
        return True
    connection.commit()
    return False


def _references(connection: Any) -> int:
    transaction = connection.get_transaction()
    return sys.getrefcount(transaction)


class _OnlyHolder:
    """Stands for a connection whose transaction nobody else refers to; the count differs between Python versions."""

    def __init__(self) -> None:
        self._transaction = object()

    def get_transaction(self) -> object:
        return self._transaction


_REFERENCES_WHEN_UNHELD = _references(_OnlyHolder())


def connection_of(context: MigrationContext) -> Connection:
    """The connection of an online context."""
    assert context.connection is not None  # noqa: S101 - only offline mode has none
    return context.connection
