"""PostgreSQL: an advisory lock of a session, asked for by polling, on a connection that does nothing else.

``pg_advisory_lock``, which waits on the server, is never used: its transaction stays open while it waits, so that a
``CREATE INDEX CONCURRENTLY`` of the holder waits for the waiter, in a circle that the server does not see.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from migrator.database.failures import DatabaseError
from migrator.database.keepalive import Keepalive, server_guard
from migrator.database.light import LightConnection
from migrator.database.state import Reader
from migrator.errors import ConfigurationError, MigratorError
from migrator.events import LockHolder

_THIS_LOCK: Final = (
    "l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 "
    "AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) "
    "AND (l.classid::bigint << 32 | l.objid::bigint) = CAST(? AS bigint)"
)
_IS_HELD: Final = f"SELECT 1 FROM pg_catalog.pg_locks l WHERE l.pid = pg_backend_pid() AND {_THIS_LOCK}"  # noqa: S608
_HOLDER: Final = (
    "SELECT l.pid, a.application_name, a.usename, coalesce(a.client_hostname, host(a.client_addr)), "  # noqa: S608
    "extract(epoch FROM clock_timestamp() - a.backend_start) "
    "FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid "
    f"WHERE {_THIS_LOCK}"
)
_STAY: Final = (
    "SELECT set_config(name, '0', false) FROM pg_catalog.pg_settings "
    "WHERE name IN ('idle_session_timeout', 'statement_timeout', 'transaction_timeout')"
)
"""The session is idle for as long as the migration runs; not every version has every setting."""
_GUARD: Final = f"{_STAY} UNION ALL {{guard}}"
_PROBES: Final = 3


class PostgresqlMutex:
    """An advisory lock."""

    def __init__(
        self, open_it: Callable[[bool], LightConnection], *, key: bytes, keepalive: Keepalive | None = None
    ) -> None:
        """Open the session.

        Args:
            open_it: opens a connection; its argument is whether it is in autocommit.
            key: of which eight bytes count.
            keepalive: how soon the server notices that this process is cut off; the default's way when None.

        Raises:
            CannotConnect: the server was not reached or refused the login.
            ConfigurationError: a pooler in transaction mode is in the way.

        """
        self._number = _number(key)
        self._key = key
        self._connection = open_it(True)
        try:
            _require_own_session(self._connection, open_it)
            _settle_down(self._connection, keepalive or Keepalive())
        except BaseException:
            self._connection.close()
            raise

    @property
    def connection(self) -> LightConnection | None:
        """The lock's session."""
        return self._connection

    def take(self) -> bool:
        """Try once.

        Raises:
            ConfigurationError: another session than this one got it: a pooler is in the way.

        """
        rows = self._connection.fetch("SELECT pg_catalog.pg_try_advisory_lock(CAST(? AS bigint))", self._number)
        if not rows[0][0]:
            return False
        if not self.is_held():
            raise _pooler_in_the_way()
        return True

    def holder(self) -> LockHolder | None:
        """The session that has it."""
        return holder(self._connection, self._key)

    def is_held(self) -> bool:
        """Ask the server whether the session that answers is the one that has the lock."""
        return bool(self._connection.fetch(_IS_HELD, self._number))

    def release(self) -> None:
        """Unlock and close."""
        with suppress(MigratorError):
            self._connection.fetch("SELECT pg_catalog.pg_advisory_unlock(CAST(? AS bigint))", self._number)
        self._connection.close()


def holder(reader: Reader, key: bytes) -> LockHolder | None:
    """The session that has the lock of a key."""
    rows = reader.fetch(_HOLDER, _number(key))
    if not rows:
        return None
    process, application, user, client, seconds = rows[0]
    return LockHolder(
        session=f"PostgreSQL process {process}",
        session_id=int(process),
        application=application or None,
        user=user,
        client=client,
        connected_seconds=None if seconds is None else float(seconds),
        ended_by=f"SELECT pg_terminate_backend({process})",
    )


def _number(key: bytes) -> int:
    return int.from_bytes(key[:8], signed=True)


def _settle_down(connection: LightConnection, keepalive: Keepalive) -> None:
    """Let the session live for as long as this process does, and no longer."""
    try:
        connection.fetch(_GUARD.format(guard=server_guard(keepalive)))
    except DatabaseError:
        # A server on a machine that cannot watch its clients' sockets.
        connection.fetch(_STAY)


def _require_own_session(connection: LightConnection, open_it: Callable[[bool], LightConnection]) -> None:
    if _changes_servers(connection, open_it):
        raise _pooler_in_the_way()


def _changes_servers(connection: LightConnection, open_it: Callable[[bool], LightConnection]) -> bool:
    """Whether statements of one connection are answered by changing sessions of the server.

    A pooler gives itself away by another process number than the server's own. One in transaction mode gives a second
    connection's transaction the session that the first one has just used, or answers the first from another meanwhile.
    """
    announced = connection.session_id
    if announced is None or announced == _process(connection):
        return False
    second = open_it(False)
    try:
        for _ in range(_PROBES):
            before = _process(connection)
            if _process(second) == before or _process(connection) != before:
                return True
            second.rollback()
    finally:
        second.close()
    return False


def _process(connection: LightConnection) -> int:
    return int(connection.fetch("SELECT pg_backend_pid()")[0][0])


def _pooler_in_the_way() -> ConfigurationError:
    return ConfigurationError(
        "a connection pooler in transaction mode is between migrator and the server: a lock would be worthless there, "
        "and settings of a session get lost",
        state="nothing was run",
        remedy="give migrations a direct way to the server: DB_MIGRATION_HOST and DB_MIGRATION_PORT, or "
        "DB_MIGRATION_URL; a pool in session mode will do too",
    )
