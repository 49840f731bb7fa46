"""What a light connection can do, whatever driver is below it."""

from __future__ import annotations

import selectors
from types import TracebackType
from typing import Any, Protocol, Self


def is_readable(descriptor: int) -> bool:
    """Whether something has arrived at a socket, its end included."""
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(0))


class LightConnection(Protocol):
    """A bare driver's connection, for questions and locks: no SQLAlchemy, parameters written as ``?``.

    It is used by one thread at a time, and works under a running event loop (which it blocks meanwhile).
    """

    @property
    def dialect(self) -> str:
        """Dialect of the server, such as ``postgresql``."""

    @property
    def session_id(self) -> int | None:
        """The server's number of the session: of PostgreSQL its process; None where the driver can't tell."""

    def has_news(self) -> bool:
        """Whether the server has said something unasked or hung up, without asking it; True where one can't tell."""

    def fetch(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""

    def execute(self, sql: str, *parameters: Any) -> None:
        """Run a statement; without parameters, several separated by ``;`` where the server allows it."""

    def commit(self) -> None:
        """Keep what was done since the last commit; nothing to do in autocommit."""

    def rollback(self) -> None:
        """Undo what was done since the last commit; nothing to do in autocommit."""

    def close(self) -> None:
        """End the session; further calls do nothing."""

    def __enter__(self) -> Self:
        """Return itself."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close it."""
