"""Every other dialect: a lease, a row that its holder renews and that anybody may take over when it has expired.

Only the server's clock counts. A holder that was stopped for longer than the lease finds out when it asks: it must ask
before it does the next thing.
"""

from __future__ import annotations

import os
import socket
import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from migrator.database.failures import DatabaseError
from migrator.database.light import LightConnection
from migrator.database.lock.mutex import holder_name
from migrator.database.state import LEASE, Reader
from migrator.errors import MigratorError
from migrator.events import LockHolder

SECONDS: Final = 30.0
"""How long a lease lasts without being renewed."""
_RENEWALS: Final = 3
"""Renewals in the time of one lease: one or two may fail."""
_NOW: Final = {
    "postgresql": "extract(epoch FROM clock_timestamp())",
    # Not UNIX_TIMESTAMP(NOW()): the session's time zone has an hour twice a year.
    "mysql": "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) / 1000000",
    "mariadb": "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(6)) / 1000000",
    "mssql": "DATEDIFF_BIG(MICROSECOND, '19700101', SYSUTCDATETIME()) / 1000000.0",
    "oracle": "(CAST(SYS_EXTRACT_UTC(SYSTIMESTAMP) AS DATE) - DATE '1970-01-01') * 86400",
}
"""Seconds of the epoch, by the server's clock: numbers are compared alike everywhere, times are not."""
_COLUMNS: Final = (
    "name VARCHAR(64) NOT NULL PRIMARY KEY, token VARCHAR(36) NOT NULL, application VARCHAR(255) NOT NULL, "
    "host_name VARCHAR(255) NOT NULL, process_id INTEGER NOT NULL, taken_at FLOAT(53) NOT NULL, "
    "expires_at FLOAT(53) NOT NULL"
)


def is_possible(dialect: str) -> bool:
    """Whether the server's clock can be asked."""
    return dialect in _NOW


class LeaseMutex:
    """A row of ``migrator_lease`` in the connection's own schema, renewed by a thread with a session of its own."""

    def __init__(self, open_it: Callable[[bool], LightConnection], *, key: bytes, lease: float = SECONDS) -> None:
        """Open the session; the table is made by the first `take`.

        Args:
            open_it: opens a connection; its argument is whether it is in autocommit. Also called by the thread.
            key: makes the row's name.
            lease: seconds for which it lasts without being renewed.

        Raises:
            CannotConnect: the server was not reached or refused the login.

        """
        self._name = key.hex()
        self._key = key
        self._token = str(uuid.uuid4())
        self._lease = lease
        self._open_it = open_it
        self._connection = open_it(True)
        self._now = _NOW[self._connection.dialect]
        self._released = threading.Event()
        self._heart: threading.Thread | None = None

    @property
    def connection(self) -> LightConnection | None:
        """The session that asks; the lease belongs to the token, not to it."""
        return self._connection

    def take(self) -> bool:
        """Try once.

        Raises:
            DatabaseError: the table cannot be made or written.

        """
        rows = self._rows_of_lease()
        if not rows:
            with suppress(DatabaseError):  # somebody else was faster
                self._insert()
        elif rows[0][1]:
            self._take_over(str(rows[0][0]))
        if not self._has_token():
            return False
        self._heart = threading.Thread(target=self._renew_until_released, name="migrator-lease", daemon=True)
        self._heart.start()
        return True

    def _rows_of_lease(self) -> list[tuple[object, ...]]:
        """The token and whether it has expired; the table is made when it is missing."""
        question = f"SELECT token, CASE WHEN expires_at < {self._now} THEN 1 ELSE 0 END FROM {LEASE} WHERE name = ?"  # noqa: S608
        try:
            return self._connection.fetch(question, self._name)
        except DatabaseError:
            with suppress(DatabaseError):  # somebody else was faster, or the question below says what is wrong
                self._connection.execute(f"CREATE TABLE {LEASE} ({_COLUMNS})")
            return self._connection.fetch(question, self._name)

    def _insert(self) -> None:
        self._connection.execute(
            f"INSERT INTO {LEASE} (name, token, application, host_name, process_id, taken_at, expires_at) "  # noqa: S608
            f"VALUES (?, ?, ?, ?, ?, {self._now}, {self._now} + {self._lease})",
            self._name,
            *self._introduction(),
        )

    def _take_over(self, expired: str) -> None:
        """Replace exactly the token that was seen: of several that try, one finds it."""
        self._connection.execute(
            f"UPDATE {LEASE} SET token = ?, application = ?, host_name = ?, process_id = ?, "  # noqa: S608
            f"taken_at = {self._now}, expires_at = {self._now} + {self._lease} "
            f"WHERE name = ? AND token = ? AND expires_at < {self._now}",
            *self._introduction(),
            self._name,
            expired,
        )

    def _introduction(self) -> tuple[str, str, str, int]:
        return self._token, holder_name("migrator"), socket.gethostname()[:255], os.getpid()

    def _has_token(self) -> bool:
        rows = self._connection.fetch(
            f"SELECT token FROM {LEASE} WHERE name = ? AND token = ?",  # noqa: S608
            self._name,
            self._token,
        )
        return bool(rows)

    def _renew(self, connection: LightConnection) -> None:
        """Also a lease that has expired, as long as nobody has taken it over."""
        connection.execute(
            f"UPDATE {LEASE} SET expires_at = {self._now} + {self._lease} WHERE name = ? AND token = ?",  # noqa: S608
            self._name,
            self._token,
        )

    def _renew_until_released(self) -> None:
        connection: LightConnection | None = None
        while not self._released.wait(self._lease / _RENEWALS):
            try:
                connection = connection or self._open_it(True)
                self._renew(connection)
            except MigratorError:
                # The next turn tries a new connection; the holder asks by itself before each revision.
                _close(connection)
                connection = None
        _close(connection)

    def holder(self) -> LockHolder | None:
        """Who has it, as it introduced itself."""
        return holder(self._connection, self._key)

    def is_held(self) -> bool:
        """Renew it and ask whether it is still ours: what follows has a whole lease of time."""
        self._renew(self._connection)
        return self._has_token()

    def release(self) -> None:
        """Remove the row and close."""
        self._released.set()
        if self._heart is not None:
            self._heart.join(timeout=self._lease)
        with suppress(MigratorError):
            self._connection.execute(
                f"DELETE FROM {LEASE} WHERE name = ? AND token = ?",  # noqa: S608
                self._name,
                self._token,
            )
        _close(self._connection)


def holder(reader: Reader, key: bytes) -> LockHolder | None:
    """Who has the lease of a key; None when nobody has, or there is no table yet."""
    now = _NOW[reader.dialect]
    try:
        rows = reader.fetch(
            f"SELECT process_id, application, host_name, {now} - taken_at FROM {LEASE} "  # noqa: S608
            f"WHERE name = ? AND expires_at >= {now}",
            key.hex(),
        )
    except DatabaseError:
        return None
    if not rows:
        return None
    process, application, host, seconds = rows[0]
    return LockHolder(
        session=f"process {process}",
        application=str(application),
        client=str(host),
        since_seconds=max(0.0, float(seconds)),
        ended_by=f"kill {process} (on {host}; its lease ends by itself)",
    )


def _close(connection: LightConnection | None) -> None:
    if connection is not None:
        with suppress(MigratorError, OSError):
            connection.close()
