"""Connections that lie idle for long: the pool replaces them when they are asked for, and the server closes them."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError

from migrator.runtime.pooling import leads_through_pooler

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.pool import ConnectionPoolEntry

    from migrator.profiles.model import Profile

SERVER_GRACE: Final = 5.0
"""Seconds by which the server is later than the pool, so that nobody is lent what is being closed."""
_SINCE: Final = "migrator_idle_since"
_STATEMENTS: Final = {
    # Versions before 14 have no such setting, and no row for it.
    "postgresql": "SELECT pg_catalog.set_config(name, '{milliseconds}', false) FROM pg_catalog.pg_settings "
    "WHERE name = 'idle_session_timeout'",
    "mysql": "SET SESSION wait_timeout = {seconds}",
    "mariadb": "SET SESSION wait_timeout = {seconds}",
}


def limit_idleness(engine: Engine, profile: Profile, limit: float) -> None:
    """Let no connection of a pool lie idle for long.

    Args:
        engine: with a pool that keeps connections.
        profile: its profile; through a pooler nothing is set on the server's sessions, which are the pooler's.
        limit: seconds.

    """

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, entry: ConnectionPoolEntry) -> None:
        entry.info[_SINCE] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def replace_old(_connection: Any, entry: ConnectionPoolEntry, _lent: Any) -> None:
        since = entry.info.pop(_SINCE, None)
        if since is not None and time.monotonic() - since > limit:
            raise DisconnectionError("it lay idle for longer than DB_POOL_MAX_IDLE")

    statement = None if leads_through_pooler(profile) else _STATEMENTS.get(profile.dialect)
    if statement is None:
        return
    seconds = limit + SERVER_GRACE
    told = statement.format(seconds=math.ceil(seconds), milliseconds=math.ceil(seconds * 1000))

    @event.listens_for(engine, "connect")
    def tell_server(connection: Any, _entry: ConnectionPoolEntry) -> None:
        cursor = connection.cursor()
        cursor.execute(told)
        cursor.close()
        connection.commit()
