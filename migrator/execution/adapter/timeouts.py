"""Timeouts of the session that runs a revision, set by what each statement does to others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection

from migrator.database.statements import LockClass
from migrator.profiles.care import DEFAULT_TABLE_LOCK_TIMEOUT

_FOR_EVER = 31_536_000
"""Seconds: the longest that MariaDB takes."""


class SessionTimeouts(Protocol):
    """Sets what a statement needs; sends nothing when that is what holds already."""

    strong: float
    """Seconds that a statement waits for a strong lock; 0 without end."""
    statement: float | None
    """Seconds that a statement of the revision may run; None: as the session had it."""

    def require(self, lock: LockClass) -> None:
        """Set what a statement of this class needs."""

    def forget(self) -> None:
        """A rollback may have taken back what was set."""

    def restore(self) -> None:
        """Leave the session as it was found."""


@dataclass(slots=True)
class NoTimeouts:
    """Of a dialect that has none, or whose locks are not tables'."""

    strong: float = 0.0
    statement: float | None = None

    def require(self, lock: LockClass) -> None:
        """Nothing."""

    def forget(self) -> None:
        """Nothing."""

    def restore(self) -> None:
        """Nothing."""


class PostgresqlTimeouts:
    """``lock_timeout`` and ``statement_timeout``, in milliseconds on the server."""

    def __init__(self, connection: Connection, strong: float | None) -> None:
        """Look at what the session has.

        Args:
            connection: the one that runs the revisions.
            strong: seconds that were asked for; None: what ``env.py`` has set by itself, else the default.

        """
        self._connection = connection
        found = connection.exec_driver_sql(
            "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('lock_timeout', 'statement_timeout')"
        )
        settings = {str(name): int(value) for name, value in found}
        self._base = (settings.get("lock_timeout", 0), settings.get("statement_timeout", 0))
        self.strong = strong if strong is not None else self._base[0] / 1000 or DEFAULT_TABLE_LOCK_TIMEOUT
        self.statement: float | None = None
        self._now: tuple[int, int] | None = self._base

    def require(self, lock: LockClass) -> None:
        """Set what a statement of this class needs."""
        base_lock, base_statement = self._base
        limit = base_statement if self.statement is None else round(self.statement * 1000)
        if lock is LockClass.STRONG:
            self._set(round(self.strong * 1000), limit)
        elif lock is LockClass.ONLINE:
            # Cut short by a timeout, a concurrent build leaves an invalid index, and waits for nobody's table lock.
            self._set(0, 0)
        else:
            self._set(base_lock, limit)

    def forget(self) -> None:
        """A rollback may have taken back what was set."""
        self._now = None

    def restore(self) -> None:
        """Leave the session as it was found."""
        self._set(*self._base)

    def _set(self, lock: int, statement: int) -> None:
        if self._now == (lock, statement):
            return
        if self._now is not None and self._now[1] == statement:
            self._connection.exec_driver_sql(f"SET lock_timeout = {lock}")
        else:
            self._connection.exec_driver_sql(
                f"SELECT set_config('lock_timeout', '{lock}', false), "
                f"set_config('statement_timeout', '{statement}', false)"
            )
        self._now = (lock, statement)


class MysqlTimeouts:
    """``lock_wait_timeout``, in whole seconds, which also holds for the metadata locks of other statements."""

    def __init__(self, connection: Connection, strong: float | None) -> None:
        """Look at what the session has; see `PostgresqlTimeouts`."""
        self._connection = connection
        self._base = int(connection.exec_driver_sql("SELECT @@SESSION.lock_wait_timeout").scalar() or 0)
        self.strong = DEFAULT_TABLE_LOCK_TIMEOUT if strong is None else strong
        self.statement: float | None = None
        self._now = self._base

    def require(self, lock: LockClass) -> None:
        """Set what a statement of this class needs."""
        if lock is LockClass.STRONG:
            self._set(max(1, round(self.strong)) if self.strong else _FOR_EVER)
        else:
            self._set(self._base)

    def forget(self) -> None:
        """Settings of a session are no part of a transaction here."""

    def restore(self) -> None:
        """Leave the session as it was found."""
        self._set(self._base)

    def _set(self, seconds: int) -> None:
        if self._now != seconds:
            self._connection.exec_driver_sql(f"SET SESSION lock_wait_timeout = {seconds}")
            self._now = seconds


def timeouts_for(connection: Connection, strong: float | None) -> SessionTimeouts:
    """The timeouts of a connection's dialect."""
    name = connection.dialect.name
    if name == "postgresql":
        return PostgresqlTimeouts(connection, strong)
    if name in ("mysql", "mariadb"):
        return MysqlTimeouts(connection, strong)
    return NoTimeouts()
