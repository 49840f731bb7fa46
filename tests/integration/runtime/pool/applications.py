"""An application on a profile, asynchronous or not, in one language: so that a test is written once for both kinds."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from projects import TinyProject
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from migrator.profiles.model import Profile
from migrator.runtime import Database, PoolFigures, SyncDatabase

WHO = {
    "postgresql": "SELECT pg_backend_pid()",
    "mysql": "SELECT connection_id()",
}

THREADS = 220
"""More than requests: one that waits for the pool must not keep the thread of another that gives back."""


@dataclass
class Held:
    """A session that holds its connection."""

    session: AsyncSession | Session

    async def ask(self, question: str, **parameters: Any) -> Any:
        """The first value of the answer, if there is one."""
        if isinstance(self.session, AsyncSession):
            answer: Any = await self.session.execute(text(question), parameters)
        else:
            answer = await asyncio.to_thread(self.session.execute, text(question), parameters)
        return answer.scalar() if answer.returns_rows else None

    async def roll_back(self) -> None:
        """Go on after a statement that failed."""
        if isinstance(self.session, AsyncSession):
            await self.session.rollback()
        else:
            await asyncio.to_thread(self.session.rollback)


@dataclass
class Application:
    """What an application has of its profile."""

    database: Database | SyncDatabase

    @property
    def figures(self) -> PoolFigures:
        """Of its pool."""
        return self.database.pool_figures()

    @property
    def who(self) -> str:
        """The question for the server's name of the session."""
        return WHO[self.database.profile.dialect]

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Held]:
        """One session, committed or rolled back; the statements of a synchronous one run in threads."""
        if isinstance(self.database, Database):
            async with self.database.session() as session:
                yield Held(session)
            return
        whole = self.database.session()
        held = Held(await asyncio.to_thread(whole.__enter__))
        try:
            yield held
        except BaseException:
            await asyncio.to_thread(whole.__exit__, *sys.exc_info())
            raise
        await asyncio.to_thread(whole.__exit__, None, None, None)

    async def ask(self, question: str, **parameters: Any) -> Any:
        """The answer to one question in a session of its own."""
        async with self.session() as held:
            return await held.ask(question, **parameters)

    async def backend(self) -> Any:
        """The server's name of the session that one question was asked in."""
        return await self.ask(self.who)

    async def ask_in_autocommit(self, question: str, **parameters: Any) -> Any:
        """The same outside of any transaction."""
        if isinstance(self.database, Database):
            async with self.database.engine.connect() as connection:
                autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
                return await autocommit.scalar(text(question), parameters)

        def ask(database: SyncDatabase) -> Any:
            with database.engine.connect() as connection:
                return connection.execution_options(isolation_level="AUTOCOMMIT").scalar(text(question), parameters)

        return await asyncio.to_thread(ask, self.database)

    @asynccontextmanager
    async def holding(self, count: int) -> AsyncIterator[list[Any]]:
        """So many sessions at once, each with a connection; gives the server's names of them."""
        async with AsyncExitStack() as stack:
            held = [await stack.enter_async_context(self.session()) for _ in range(count)]
            yield [await each.ask(self.who) for each in held]

    async def dispose(self) -> None:
        """Close the pool."""
        if isinstance(self.database, Database):
            await self.database.dispose()
        else:
            self.database.dispose()


@dataclass(frozen=True)
class Kind:
    """A kind of application: its server, driver and way of working."""

    server: str
    driver: str
    asynchronous: bool

    def __str__(self) -> str:
        return f"{self.driver}{'' if self.asynchronous else '-sync'}-{self.server}"


POSTGRESQL = (
    Kind("embedded-18", "asyncpg", True),
    Kind("postgresql", "asyncpg", True),
    Kind("embedded-18", "psycopg", True),
    Kind("embedded-16", "psycopg", False),
)
MARIADB = (Kind("mariadb", "asyncmy", True), Kind("mariadb", "pymysql", False))


@dataclass(frozen=True)
class Ground:
    """A fresh database, and what a kind of application makes of it."""

    kind: Kind
    profile: Profile
    root: Path

    @asynccontextmanager
    async def application(self, name: str = "local", **settings: str) -> AsyncIterator[Application]:
        """An application on ``env_profiles/<name>.env``, which is written with these settings."""
        settings.setdefault("DB_APPLICATION_NAME", "pool_test")
        TinyProject(self.root, self.root).use(self.profile, env=name, **settings)
        async with opened(self.root, asynchronous=self.kind.asynchronous, name=name) as application:
            yield application


@asynccontextmanager
async def opened(root: Path, *, asynchronous: bool, name: str = "local") -> AsyncIterator[Application]:
    """An application on a profile that is there; its connections are closed afterwards."""
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    application = Application((Database if asynchronous else SyncDatabase).from_profile(name, root=root))
    try:
        yield application
    finally:
        await application.dispose()


async def until(condition: Callable[[], bool]) -> None:
    """Go on when it holds; nobody tells when a server has noticed something."""
    async with asyncio.timeout(60):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def until_waiting(application: Application, count: int) -> None:
    """Go on when so many wait for the pool."""
    await until(lambda: application.figures.waiting == count)


LOST = (DBAPIError, OSError)
"""How a driver tells that the server has gone."""
