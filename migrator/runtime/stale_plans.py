"""Statements that a driver has prepared, and that a migration has made stale since.

PostgreSQL refuses to run a prepared statement whose columns have another type than when it was prepared: a ``VARCHAR``
was widened beneath a running application. It does so once for each connection (asyncpg: once for each process), and the
same statement, prepared anew, is good.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

if TYPE_CHECKING:
    from sqlalchemy import Engine

_UNSUPPORTED = "0A000"
"""The SQLSTATE of "cached plan must not change result type", among others: those fail a second time in the same way."""
_IS_IDLE: dict[str, Callable[[Any], bool]] = {
    "asyncpg": lambda connection: not connection.is_in_transaction(),
    "psycopg": lambda connection: connection.pgconn.transaction_status == 0,
}


def prepare_stale_statements_anew(engine: Engine) -> None:
    """Run a stale statement a second time where nothing is lost by it: as the first one of its transaction."""
    driver = engine.dialect.driver.removesuffix("_async")
    is_idle = _IS_IDLE.get(driver)
    if is_idle is None:
        return

    @event.listens_for(engine, "do_execute")
    def execute(cursor: Any, statement: str, parameters: Any, context: Any) -> bool:
        connection = context.root_connection.connection
        is_first = is_idle(connection.driver_connection)
        try:
            cursor.execute(statement, parameters)
        except Exception as error:
            if not is_first or _sqlstate(error) != _UNSUPPORTED:
                raise
            connection.dbapi_connection.rollback()
            if driver == "asyncpg":
                context.handle_dbapi_exception(error)  # every connection forgets what it has prepared
                context.pre_exec()
            else:
                cursor.execute("DEALLOCATE ALL")  # psycopg forgets it, too; by itself not in autocommit
            cursor.execute(statement, parameters)
        return True


def _sqlstate(error: BaseException) -> str | None:
    """The server's code; SQLAlchemy's own error for asyncpg's stale statements lacks it, and its cause has it."""
    return getattr(error, "sqlstate", None) or getattr(error.__cause__, "sqlstate", None)
