"""One database for an asynchronous application: its engine, its sessions, and whether its schema suits the code."""

from __future__ import annotations

import asyncio
from asyncio import current_task
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from random import random
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session, async_sessionmaker

from migrator.runtime.engines import async_engine
from migrator.runtime.forking import leave_to_parent
from migrator.runtime.pooling import PoolFigures, figures_of
from migrator.runtime.profile import find_profile
from migrator.runtime.readiness import Readiness, Requirement, behind, not_reached

if TYPE_CHECKING:
    from migrator.profiles.model import Profile


class Database:
    """The database of one profile. Made once in a process; ``async with`` disposes of its connections at the end.

    Attributes:
        profile: as it was loaded, the embedded server's address filled in.
        engine: with every pool and timeout setting of the profile.
        session_factory: makes sessions that the caller closes; objects stay readable after a commit.
        scoped_session: one session for each task, until its ``remove()``.

    """

    def __init__(self, profile: Profile, *, root: Path | None = None) -> None:
        """Make the engine; nothing connects before the first use, but an embedded server is started.

        Args:
            profile: which database.
            root: the project's folder; None: the profile's.

        Raises:
            ConfigurationError: the driver is not installed or works only synchronously; there is no embedded server.

        """
        self.root = root or profile.root or Path.cwd()
        self.profile, self.engine = async_engine(profile, root=self.root)
        self.session_factory = async_sessionmaker(self.engine, expire_on_commit=False)
        self.scoped_session = async_scoped_session(self.session_factory, scopefunc=current_task)
        self._requirements: dict[str, Requirement] = {}
        self._ending: set[asyncio.Task[None]] = set()
        leave_to_parent(self.engine.sync_engine)

    @classmethod
    def from_profile(cls, name: str | None = None, *, root: Path | None = None) -> Self:
        """Load a profile as ``--env NAME`` does: from ``env_profiles/`` and the process environment.

        Args:
            name: None leaves it to ``MIGRATOR_ENV``, then ``local``.
            root: the project's folder; None: the current folder or the first above it that has ``env_profiles/``.

        Raises:
            ConfigurationError: there is no such profile, or it cannot be used as it is.

        """
        profile, folder = find_profile(name, root=root)
        return cls(profile, root=folder)

    @classmethod
    def from_env(cls, *, root: Path | None = None) -> Self:
        """Use the profile that ``MIGRATOR_ENV`` names, or the ``DB_`` settings of the process environment alone.

        Raises:
            ConfigurationError: nothing is set, or it cannot be used as it is.

        """
        return cls.from_profile(root=root)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A session: committed at the end, rolled back on any exception and on cancellation, closed in every case."""
        session = self.session_factory()
        try:
            yield session
            await session.commit()
        except BaseException:
            await self._to_its_end(_take_back(session))
            raise
        await self._to_its_end(session.close())

    async def _to_its_end(self, work: Coroutine[Any, Any, None]) -> None:
        """Await what must happen although the task may be cancelled again; then it goes on without it."""
        task = asyncio.ensure_future(work)
        self._ending.add(task)  # the loop itself keeps no task alive
        task.add_done_callback(self._ending.discard)
        await asyncio.shield(task)

    def pool_figures(self) -> PoolFigures:
        """How the pool is used at this moment, and how often somebody had to wait so far."""
        return figures_of(self.engine.sync_engine, self.profile)

    async def readiness(self, revision: str = "heads") -> Readiness:
        """Ask whether the schema suits this code: one query, from the second time on. It never raises for the answer.

        Args:
            revision: what the code needs, from its revision files.

        Raises:
            ConfigurationError: there is no Alembic project in the root.
            ChainError, UsageError: the revision files are not sound, or have no such revision.

        """
        requirement = self._requirements.get(revision)
        if requirement is None:
            requirement = await asyncio.to_thread(Requirement.of, self.profile, self.root, revision)
            self._requirements[revision] = requirement

        def look(connection: Connection) -> Readiness:
            return requirement.met_by(connection)

        try:
            async with self.engine.connect() as connection:
                autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
                return await autocommit.run_sync(look)
        except (SQLAlchemyError, OSError) as error:
            return not_reached(error, self.profile)

    async def require_head(self, revision: str = "heads", *, timeout: float = 0.0) -> Readiness:  # noqa: ASYNC109
        """Refuse to go on upon an older schema; a newer one is good enough where its ledger proves that it is.

        Args:
            revision: what the code needs, from its revision files.
            timeout: seconds to wait for somebody else to migrate, or for the server to answer; 0 looks once.

        Raises:
            SchemaBehind: the schema lacks revisions, or has not shown itself, at the end of the timeout.
            MigratorError: see `readiness`.

        """
        from migrator.database.patience import DATABASE

        loop = asyncio.get_running_loop()
        ends = loop.time() + timeout
        for pause in DATABASE.pauses(random):
            found = await self.readiness(revision)
            left = ends - loop.time()
            if found.is_ready or left <= 0 or not found.may_change:
                break
            await asyncio.sleep(min(pause, left))
        if not found.is_ready:
            raise behind(found, self.profile)
        return found

    async def dispose(self) -> None:
        """Close every connection of the pool, after the sessions that are still being closed."""
        await asyncio.gather(*self._ending, return_exceptions=True)
        await self.engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self.dispose()


async def _take_back(session: AsyncSession) -> None:
    try:
        await session.rollback()
    finally:
        await session.close()
