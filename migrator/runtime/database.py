"""One database for an asynchronous application: its engine, its sessions, and whether its schema suits the code."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from migrator.running_environment import is_running_environment
from migrator.runtime.ending import Endings, close, sessions_of_tasks, take_back
from migrator.runtime.engines import async_engine
from migrator.runtime.forking import leave_to_parent
from migrator.runtime.pooling import PoolFigures, figures_of
from migrator.runtime.profile import find_profile
from migrator.runtime.readiness import MIGRATING, Readiness, not_reached

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider

    from migrator.profiles.model import Profile
    from migrator.runtime.requirement import Requirement


class Database:
    """The database of one profile. Made once in a process; ``async with`` disposes of its connections at the end.

    Attributes:
        profile: as it was loaded, the embedded server's address filled in.
        engine: with every pool and timeout setting of the profile.
        session_factory: makes sessions that the caller closes; objects stay readable after a commit.
        scoped_session: one session for each task, until its ``remove()`` or its end; nothing is committed by itself.

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
        self._endings = Endings()
        self.scoped_session = sessions_of_tasks(self.session_factory, self._endings)
        self._requirements: dict[str, Requirement] = {}
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
        """A session: committed at the end, rolled back on any exception and on cancellation, closed in every case.

        A task that is cancelled during the commit cannot know whether it took place; it did so wholly or not at all.
        """
        session = self.session_factory()
        try:
            yield session
            await session.commit()
        except BaseException as cause:
            await self._endings.see_to(take_back(session, cause))
            raise
        if session.in_transaction():
            await self._endings.see_to(close(session))
        else:
            session.sync_session.close()  # no input or output is left to do, so no task is needed for it

    def pool_figures(self) -> PoolFigures:
        """How the pool is used at this moment, and how often somebody had to wait so far."""
        return figures_of(self.engine.sync_engine)

    def observe_pool(self, *, name: str | None = None, provider: MeterProvider | None = None) -> None:
        """Report the pool to OpenTelemetry from now on, in the words of its semantic conventions.

        Args:
            name: of the pool, ``db.client.connection.pool.name``; None: the database's address.
            provider: None: the process's own.

        Raises:
            ConfigurationError: OpenTelemetry is not installed.

        """
        from migrator.runtime.metrics import observe

        observe(self, name=name, provider=provider)

    async def readiness(self, revision: str = "heads") -> Readiness:
        """Ask whether the schema suits this code: one query, from the second time on.

        A database that is behind, of another branch or out of reach makes an answer, not an exception.

        Args:
            revision: what the code needs, from its revision files; its whole id where there are no such files.

        Raises:
            ConfigurationError: there is no Alembic project in the root, and the revision is not named by its id.
            ChainError, UsageError: the revision files are not sound, or have no such revision.

        """
        from migrator.runtime.requirement import Requirement

        requirement = self._requirements.get(revision)
        if requirement is None:
            requirement = await asyncio.to_thread(Requirement.of, self.profile, self.root, revision)
            self._requirements[revision] = requirement
        try:
            async with self.engine.connect() as connection:
                return await connection.run_sync(requirement.met_by)
        except Exception as error:  # noqa: BLE001 - before SQLAlchemy 2.1 asyncpg's own come as they are
            return not_reached(error, self.profile)

    async def require_head(self, revision: str = "heads", *, timeout: float = 0.0) -> Readiness:  # noqa: ASYNC109
        """Refuse to go on upon an older schema; a newer one is good enough where its ledger proves that it is.

        An application that an ``env.py`` imports goes on at once while migrator runs it: it must not wait for itself.

        Args:
            revision: what the code needs, from its revision files; its whole id where there are no such files.
            timeout: seconds to wait for somebody else to migrate, or for the server to answer; 0 looks once. A look
                that has begun is finished: ``DB_CONNECT_TIMEOUT`` and ``DB_POOL_TIMEOUT`` limit it.

        Raises:
            SchemaBehind: the schema lacks revisions, or has not shown itself, at the end of the timeout; or at any time
                for a reason that waiting does not change: another branch, a refused login.
            SchemaUnseen: the same, where no server answered; it is an `Unreachable` too.
            MigratorError: see `readiness`.

        """
        from migrator.runtime.waiting import Waiting

        if is_running_environment():
            return MIGRATING
        waiting = Waiting(self.profile, timeout)
        while (  # noqa: ASYNC110 - another process migrates: there is no event to wait for
            pause := waiting.pause_after(found := await self.readiness(revision))
        ) is not None:
            await asyncio.sleep(pause)
        return found

    async def dispose(self) -> None:
        """Close every connection of the pool, after this task's own scoped session and those that are being closed."""
        await self.scoped_session.remove()
        await self._endings.wait()
        await self.engine.dispose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_failure: object) -> None:
        await self.dispose()
