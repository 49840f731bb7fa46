"""MySQL and MariaDB: a named lock of a session, which belongs to the whole server."""

from __future__ import annotations

from contextlib import suppress

from migrator.database.light import LightConnection
from migrator.database.state import Reader
from migrator.errors import MigratorError
from migrator.events import LockHolder

_A_WEEK = 7 * 24 * 3600


class MysqlMutex:
    """``GET_LOCK`` without waiting."""

    def __init__(self, connection: LightConnection, *, key: bytes) -> None:
        """Use a session of its own.

        Args:
            connection: in autocommit; closed with the lock.
            key: makes the lock's name, of at most 64 characters.

        """
        self._name = _name(key)
        self._key = key
        self._connection = connection
        try:
            connection.execute(f"SET SESSION wait_timeout = {_A_WEEK}")
        except BaseException:
            connection.close()
            raise

    @property
    def connection(self) -> LightConnection | None:
        """The lock's session."""
        return self._connection

    def take(self) -> bool:
        """Try once."""
        return bool(self._connection.fetch("SELECT GET_LOCK(?, 0)", self._name)[0][0])

    def holder(self) -> LockHolder | None:
        """The session that has it; other users' sessions are shown with the PROCESS privilege only."""
        return holder(self._connection, self._key)

    def is_held(self) -> bool:
        """Ask the server."""
        return bool(self._connection.fetch("SELECT IS_USED_LOCK(?) = CONNECTION_ID()", self._name)[0][0])

    def release(self) -> None:
        """Unlock and close."""
        with suppress(MigratorError):
            self._connection.fetch("SELECT RELEASE_LOCK(?)", self._name)
        with suppress(MigratorError, OSError):
            self._connection.close()


def holder(reader: Reader, key: bytes) -> LockHolder | None:
    """The session that has the lock of a key; other users' are described with the PROCESS privilege only."""
    session = reader.fetch("SELECT IS_USED_LOCK(?)", _name(key))[0][0]
    if session is None:
        return None
    listed = [row for row in reader.fetch("SHOW PROCESSLIST") if row[0] == session]
    user, client = (str(listed[0][1]), str(listed[0][2])) if listed else (None, None)
    return LockHolder(
        session=f"connection {session} of the server",
        session_id=int(session),
        user=user,
        client=client,
        ended_by=f"KILL {session}",
    )


def _name(key: bytes) -> str:
    return f"migrator:{key.hex()[:40]}"
