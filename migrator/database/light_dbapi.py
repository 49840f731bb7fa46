"""Light connections of the drivers that follow Python's DB-API: psycopg, sqlite3, pymysql, oracledb, pyodbc."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from migrator.database.failures import cannot_connect, statement_failure
from migrator.database.keepalive import keep_alive, keepalive_of
from migrator.database.light import is_readable
from migrator.database.placeholders import Style, translate
from migrator.profiles.model import Profile

_STYLES: Final[dict[str, Style]] = {
    "psycopg": "%s",
    "psycopg2": "%s",
    "pymysql": "%s",
    "sqlite3": "?",
    "oracledb": ":1",
    "pyodbc": "?",
}


class DbapiConnection:
    """A `migrator.database.light.LightConnection` over a DB-API connection."""

    def __init__(self, open_it: Callable[[], Any], *, module: str, profile: Profile) -> None:
        """Connect.

        Args:
            open_it: opens the driver's connection.
            module: name of the driver's module.
            profile: for messages.

        Raises:
            CannotConnect: the server was not reached or refused the login.

        """
        self.dialect = profile.dialect
        self._module = module
        self._style = _STYLES[module]
        self._profile = profile
        try:
            self._connection: Any = open_it()
        except Exception as error:
            raise cannot_connect(error, profile) from error
        if module == "pymysql":
            keep_alive(self._connection, keepalive_of(profile.url_options))

    @property
    def session_id(self) -> int | None:
        """What the server called the session while connecting."""
        if self._module == "psycopg":
            return int(self._connection.info.backend_pid)
        if self._module == "pymysql":
            return int(self._connection.thread_id())
        return int(self._connection.get_backend_pid()) if self._module == "psycopg2" else None

    def has_news(self) -> bool:
        """Whether something has arrived at psycopg's socket since the last answer."""
        if self._module != "psycopg" or self._connection.closed:
            return True
        return is_readable(self._connection.fileno())

    def fetch(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        return self._run(sql, parameters, rows=True)

    def execute(self, sql: str, *parameters: Any) -> None:
        """Run a statement."""
        self._run(sql, parameters, rows=False)

    def _run(self, sql: str, parameters: tuple[Any, ...], *, rows: bool) -> list[tuple[Any, ...]]:
        try:
            cursor = self._connection.cursor()
            try:
                if parameters:
                    cursor.execute(translate(sql, self._style), parameters)
                else:
                    cursor.execute(sql)
                return [tuple(row) for row in cursor.fetchall()] if rows and cursor.description else []
            finally:
                cursor.close()
        except Exception as error:
            raise statement_failure(error, self._profile) from error

    def commit(self) -> None:
        """Keep what was done since the last commit."""
        self._connection.commit()

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        self._connection.rollback()

    def close(self) -> None:
        """End the session."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class SqliteConnection(DbapiConnection):
    """SQLite's: a question about a file that does not exist yet is answered from an empty one, without creating it."""

    def __init__(self, profile: Profile, *, autocommit: bool) -> None:
        """Open the file if there is one.

        Raises:
            CannotConnect: the file or its folder cannot be used.

        """
        self._autocommit = autocommit
        self._path = str(profile.database)
        self._is_file = self._path != ":memory:" and not self._path.startswith("file:")
        self._stands_in = self._is_file and Path(self._path).parent.is_dir() and not Path(self._path).exists()
        super().__init__(self._open, module="sqlite3", profile=profile)

    def _open(self) -> sqlite3.Connection:
        wait = self._profile.lock_timeout
        connection = sqlite3.connect(
            ":memory:" if self._stands_in else self._path,
            isolation_level=None if self._autocommit else "DEFERRED",
            timeout=5.0 if wait is None else wait / 1000,
            uri=self._path.startswith("file:"),
            check_same_thread=False,
        )
        try:
            connection.execute("SELECT count(*) FROM sqlite_master")
        except BaseException:
            connection.close()
            raise
        return connection

    def _run(self, sql: str, parameters: tuple[Any, ...], *, rows: bool) -> list[tuple[Any, ...]]:
        if self._stands_in and (not rows or Path(self._path).exists()):
            self._stands_in = False
            self._connection.close()
            self._connection = self._open()
        return super()._run(sql, parameters, rows=rows)
