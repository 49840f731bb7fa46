"""The connection that runs revisions: both of its ends notice when the other one is gone."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from migrator.database.keepalive import Keepalive, keep_alive, server_guard


def guard(connection: Connection, keepalive: Keepalive) -> None:
    """Have a killed client's statement cancelled by the server, and a dead network noticed by both.

    Something is sent to PostgreSQL only; a transaction that this begins is committed, one that is open is left open.

    Args:
        connection: the one that runs the revisions, before the first of them.
        keepalive: see `migrator.database.keepalive.keepalive_of`.

    """
    keep_alive(connection.connection.driver_connection, keepalive)
    if connection.dialect.name != "postgresql":
        return
    # A server on a machine that cannot watch its clients' sockets refuses.
    with suppress(DBAPIError), connection.begin_nested() if connection.in_transaction() else connection.begin():
        connection.exec_driver_sql(server_guard(keepalive))
