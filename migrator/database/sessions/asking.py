"""A connection for questions on the side: opened when first needed, opened again when lost, and never in the way."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Concatenate, Final, ParamSpec, TypeVar

from migrator.database.failures import DatabaseError
from migrator.database.light import LightConnection
from migrator.database.sessions.postgresql import MODEST

T = TypeVar("T")
P = ParamSpec("P")
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 10.0
_MODEST: Final = {
    "postgresql": MODEST,
    "mysql": "SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 1",
    "mariadb": "SET SESSION lock_wait_timeout = 1, innodb_lock_wait_timeout = 1",
}
_TOO_OLD: Final = frozenset({"42703", "42704", "42883", "42P01"})
"""SQLSTATE: what is asked for does not exist in this version."""
_TOO_OLD_MYSQL: Final = frozenset({1054, 1109, 1146})


class Asking:
    """Asks a server from one thread, and answers None wherever something is wrong."""

    def __init__(self, open_it: Callable[[], LightConnection] | None) -> None:
        """Open nothing yet.

        Args:
            open_it: opens a connection in autocommit; None: every answer is None.

        """
        self._open_it = open_it
        self._connection: LightConnection | None = None
        self._unanswerable: set[Any] = set()
        self._closed_until = 0.0
        self._pause = _FIRST_PAUSE

    def ask(self, question: Callable[Concatenate[LightConnection, P], T], *args: P.args, **named: P.kwargs) -> T | None:
        """Return the answer to a question, or None: there is no connection, or this server cannot answer it."""
        if question in self._unanswerable:
            return None
        connection = self._opened()
        if connection is None:
            return None
        try:
            answer = question(connection, *args, **named)
        except DatabaseError as error:
            if error.sqlstate in _TOO_OLD or error.number in _TOO_OLD_MYSQL:
                self._unanswerable.add(question)
            elif error.sqlstate is None and error.number is None:
                self._lose()
            return None
        except Exception:  # noqa: BLE001 - nothing on the side may end a run
            self._lose()
            return None
        self._pause = _FIRST_PAUSE
        return answer

    def _opened(self) -> LightConnection | None:
        if self._connection is None and self._open_it is not None and time.monotonic() >= self._closed_until:
            try:
                connection = self._connection = self._open_it()
                if connection.dialect not in _MODEST:
                    # Of SQLite above all: it tells nothing, and whoever looks or writes is in the way of the run.
                    self._open_it = None
                    self.close()
                else:
                    connection.execute(_MODEST[connection.dialect])
            except Exception:  # noqa: BLE001 - it is tried again later
                self._lose()
        return self._connection

    def _lose(self) -> None:
        """Try again later: a server that refuses a connection is not asked at each look."""
        self.close()
        self._closed_until = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)

    def close(self) -> None:
        """End the session if there is one; never raises."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(Exception):
                connection.close()
