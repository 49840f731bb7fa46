"""Light connections of the drivers that only work asynchronously, on a loop of their own: asyncpg and asyncmy."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from migrator.database.failures import cannot_connect, statement_failure
from migrator.database.keepalive import keep_alive, keepalive_of
from migrator.database.light import is_readable
from migrator.database.placeholders import translate
from migrator.interruption import ended_by_signal
from migrator.profiles.model import Profile

T = TypeVar("T")
Opening = Callable[[], Coroutine[Any, Any, Any]]


class PrivateLoop:
    """Runs coroutines to their end, one at a time, under a running loop too."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Return the result of a coroutine."""
        if not _is_under_a_loop():
            try:
                return self._runner.run(work)
            except asyncio.CancelledError as cancelled:
                raise ended_by_signal(cancelled) or cancelled from None
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="migrator-connection") as thread:
            return thread.submit(self._runner.run, work).result()

    def close(self) -> None:
        """Close the loop."""
        if not _is_under_a_loop():
            self._runner.close()
            return
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(max_workers=1) as thread:
            thread.submit(self._runner.close).result()


def _is_under_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


class AsyncDriverConnection(ABC):
    """What the two have in common: a private loop, and errors in this tool's words."""

    def __init__(self, open_it: Opening, *, profile: Profile, autocommit: bool) -> None:
        """Connect.

        Raises:
            CannotConnect: the server was not reached or refused the login.

        """
        self.dialect = profile.dialect
        self._profile = profile
        self._autocommit = autocommit
        self._in_transaction = False
        self._loop = PrivateLoop()
        self._closed = False
        try:
            self._connection: Any = self._loop.run(open_it())
            keep_alive(self._connection, keepalive_of(profile.url_options))
        except Exception as error:
            self._loop.close()
            raise cannot_connect(error, profile) from error
        except BaseException:
            self._loop.close()
            raise

    @property
    def session_id(self) -> int | None:
        """What the server called the session while connecting."""
        return None

    def has_news(self) -> bool:
        """Nothing is known without asking."""
        return True

    def fetch(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run one statement and return its rows."""
        return self._run(self._fetch(sql, parameters))

    def execute(self, sql: str, *parameters: Any) -> None:
        """Run a statement."""
        self._run(self._execute(sql, parameters))

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            return self._loop.run(work)
        except Exception as error:
            raise statement_failure(error, self._profile) from error

    @abstractmethod
    async def _fetch(self, sql: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]: ...

    @abstractmethod
    async def _execute(self, sql: str, parameters: tuple[Any, ...]) -> None: ...

    @abstractmethod
    async def _end(self) -> None: ...

    async def _begin_if_needed(self) -> None:
        if not self._autocommit and not self._in_transaction:
            self._in_transaction = True
            await self._execute_bare("BEGIN")

    @abstractmethod
    async def _execute_bare(self, sql: str) -> None: ...

    def commit(self) -> None:
        """Keep what was done since the last commit."""
        self._finish("COMMIT")

    def rollback(self) -> None:
        """Undo what was done since the last commit."""
        self._finish("ROLLBACK")

    def _finish(self, word: str) -> None:
        if self._in_transaction:
            self._in_transaction = False
            self._run(self._execute_bare(word))

    def close(self) -> None:
        """End the session and the loop."""
        if self._closed:
            return
        self._closed = True
        try:
            self._loop.run(self._end())
        finally:
            self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncpgConnection(AsyncDriverConnection):
    """asyncpg's."""

    @property
    def session_id(self) -> int | None:
        """The process that answered while connecting."""
        return int(self._connection.get_server_pid())

    def has_news(self) -> bool:
        """Whether something has arrived at the socket since the last answer."""
        transport = getattr(self._connection, "_transport", None)
        socket = None if transport is None else transport.get_extra_info("socket")
        return socket is None or socket.fileno() < 0 or is_readable(socket.fileno())

    async def _fetch(self, sql: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        await self._begin_if_needed()
        return [tuple(row) for row in await self._connection.fetch(_numbered(sql, parameters), *parameters)]

    async def _execute(self, sql: str, parameters: tuple[Any, ...]) -> None:
        await self._begin_if_needed()
        await self._connection.execute(_numbered(sql, parameters), *parameters)

    async def _execute_bare(self, sql: str) -> None:
        await self._connection.execute(sql)

    async def _end(self) -> None:
        try:
            await self._connection.close(timeout=5)
        except Exception:  # noqa: BLE001 - the server is gone; nothing is left to say goodbye to
            self._connection.terminate()


def _numbered(sql: str, parameters: tuple[Any, ...]) -> str:
    return translate(sql, "$1") if parameters else sql


class AsyncmyConnection(AsyncDriverConnection):
    """asyncmy's."""

    @property
    def session_id(self) -> int | None:
        """The server's number of the session."""
        return int(self._connection.thread_id())

    async def _fetch(self, sql: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        await self._begin_if_needed()
        async with self._connection.cursor() as cursor:
            await cursor.execute(translate(sql, "%s") if parameters else sql, parameters or None)
            return [tuple(row) for row in await cursor.fetchall()] if cursor.description else []

    async def _execute(self, sql: str, parameters: tuple[Any, ...]) -> None:
        await self._fetch(sql, parameters)

    async def _execute_bare(self, sql: str) -> None:
        async with self._connection.cursor() as cursor:
            await cursor.execute(sql)

    async def _end(self) -> None:
        await self._connection.ensure_closed()
