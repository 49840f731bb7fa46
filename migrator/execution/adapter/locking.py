"""The migration lock where only ``env.py`` knows the database: through a second connection of its own engine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Self

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool, QueuePool

from migrator.database.connection_reader import ConnectionReader
from migrator.database.failures import DatabaseError
from migrator.database.light import LightConnection, is_readable
from migrator.database.lock.holders import RunNotes
from migrator.database.lock.holding import HeldLock, holding, mutex_for
from migrator.database.lock.mutex import digest, holder_name
from migrator.database.state import VersionTable
from migrator.errors import MigratorError, Unreachable
from migrator.events import Listener
from migrator.execution.adapter.connections import connection_of
from migrator.execution.adapter.sessions import session_of
from migrator.execution.adapter.translation import cause_in_words


@contextmanager
def visit_locked(
    context: MigrationContext, *, limit: float, listen: Listener, ledger_schema: str | None = None
) -> Iterator[HeldLock]:
    """Have the lock of the database that ``env.py`` has led to, for the time of a ``with`` block.

    Nothing is locked where the engine's pool cannot give a second session: a database in memory, say.

    Args:
        context: of the database.
        limit: seconds to wait for another process; 0 tries once.
        listen: told who holds it while this process waits.
        ledger_schema: ``MIGRATOR_LEDGER_SCHEMA``.

    Raises:
        LockNotObtained: another process had it all the time.
        ConfigurationError: a pooler in transaction mode is in the way.

    """
    engine = connection_of(context).engine
    location = engine.url.render_as_string(hide_password=True)
    table = VersionTable(context.version_table, context.version_table_schema)
    mutex = None
    if engine.dialect.name == "sqlite" or isinstance(engine.pool, NullPool | QueuePool):
        mutex = mutex_for(
            engine.dialect.name,
            engine.url.database,
            lambda autocommit: _Session(engine, autocommit=autocommit),
            key=digest(engine.url.database, None, table),
        )
    if mutex is None:
        yield HeldLock(None, location=location)
        return
    notes = RunNotes(table, ledger_schema)
    with holding(mutex, location=location, limit=limit, listen=listen, notes=notes) as lock:
        yield lock


def _failed(error: SQLAlchemyError) -> MigratorError:
    """A statement that the server refused, or a session that is gone."""
    refused = isinstance(error, DBAPIError) and not error.connection_invalidated
    if refused and not isinstance(error, OperationalError | InterfaceError):
        return DatabaseError(cause_in_words(error))
    return Unreachable(f"the lock's own connection failed: {cause_in_words(error)}")


class _Session(LightConnection):
    """A session of an engine, as the light connection."""

    def __init__(self, engine: Engine, *, autocommit: bool) -> None:
        try:
            self._connection = engine.connect()
            if autocommit:
                self._connection = self._connection.execution_options(isolation_level="AUTOCOMMIT")
        except SQLAlchemyError as error:
            raise Unreachable(f"the lock's own connection failed: {cause_in_words(error)}") from error
        if self.dialect == "postgresql":
            self.fetch("SELECT set_config('application_name', ?, false)", holder_name("migrator"))

    @property
    def dialect(self) -> str:
        return self._connection.dialect.name

    @property
    def session_id(self) -> int | None:
        return session_of(self._connection)

    def has_news(self) -> bool:
        driver: Any = self._connection.connection.driver_connection
        transport = getattr(driver, "_transport", None)
        socket = driver if transport is None else transport.get_extra_info("socket")
        try:
            return is_readable(socket.fileno())
        except Exception:  # noqa: BLE001 - a closed connection, or a driver that does not show its socket
            return True

    def fetch(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        try:
            return ConnectionReader(self._connection).fetch(sql, *parameters)
        except SQLAlchemyError as error:
            raise _failed(error) from error

    def execute(self, sql: str, *parameters: Any) -> None:
        try:
            if parameters:
                ConnectionReader(self._connection).execute(sql, *parameters)
            else:
                self._connection.exec_driver_sql(sql)
        except SQLAlchemyError as error:
            raise _failed(error) from error

    def commit(self) -> None:
        self._connection.commit()

    def rollback(self) -> None:
        self._connection.rollback()

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
