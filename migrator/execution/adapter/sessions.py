"""What a connection's driver says of its session: its process on the server, and whether it commits alone."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection


def session_of(connection: Connection) -> int | None:
    """The server's name for the session, such as PostgreSQL's process id; None where the driver does not tell."""
    driver: Any = connection.connection.driver_connection
    for name in ("get_server_pid", "get_backend_pid", "thread_id"):
        if hasattr(driver, name):
            return int(getattr(driver, name)())
    process = getattr(getattr(driver, "info", None), "backend_pid", None)
    return process if isinstance(process, int) else None


def is_outside_transaction(connection: Connection) -> bool:
    """Whether the next statement commits by itself: in an autocommit block, or after a COMMIT that was sent as text."""
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name in ("mysql", "mariadb"):
        return bool(driver.get_autocommit())
    adapted: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        return not driver.in_transaction
    if adapted.autocommit:
        return True
    in_transaction = getattr(driver, "is_in_transaction", None)
    # asyncpg's begins are SQLAlchemy's own: after a COMMIT as text it believes that its transaction goes on.
    return bool(in_transaction is not None and getattr(adapted, "_started", False) and not in_transaction())
