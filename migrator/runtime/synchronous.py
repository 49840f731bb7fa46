"""One database for a synchronous application: the twin of `migrator.runtime.database`, word for word."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Self

from sqlalchemy.orm import Session, scoped_session, sessionmaker

from migrator.running_environment import is_running_environment
from migrator.runtime.ending import close_now, take_back_now
from migrator.runtime.engines import sync_engine
from migrator.runtime.forking import leave_to_parent
from migrator.runtime.pooling import PoolFigures, figures_of
from migrator.runtime.profile import find_profile
from migrator.runtime.readiness import MIGRATING, Readiness, not_reached

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider

    from migrator.profiles.model import Profile
    from migrator.runtime.requirement import Requirement


class SyncDatabase:
    """The database of one profile. Made once in a process; ``with`` disposes of its connections at the end.

    Attributes:
        profile: as it was loaded, the embedded server's address filled in.
        engine: with every pool and timeout setting of the profile.
        session_factory: makes sessions that the caller closes; objects stay readable after a commit.
        scoped_session: one session for each thread, until its ``remove()``.

    """

    def __init__(self, profile: Profile, *, root: Path | None = None) -> None:
        """Make the engine; nothing connects before the first use, but an embedded server is started.

        Args:
            profile: which database.
            root: the project's folder; None: the profile's.

        Raises:
            ConfigurationError: no synchronous driver of the dialect is installed; there is no embedded server.

        """
        self.root = root or profile.root or Path.cwd()
        self.profile, self.engine = sync_engine(profile, root=self.root)
        self.session_factory = sessionmaker(self.engine, expire_on_commit=False)
        self.scoped_session = scoped_session(self.session_factory)
        self._requirements: dict[str, Requirement] = {}
        leave_to_parent(self.engine)

    @classmethod
    def from_profile(cls, name: str | None = None, *, root: Path | None = None) -> Self:
        """Load a profile as ``--env NAME`` does: see `migrator.runtime.database.Database.from_profile`."""
        profile, folder = find_profile(name, root=root)
        return cls(profile, root=folder)

    @classmethod
    def from_env(cls, *, root: Path | None = None) -> Self:
        """Use the profile that ``MIGRATOR_ENV`` names, or the ``DB_`` settings of the process environment alone."""
        return cls.from_profile(root=root)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session: committed at the end, rolled back on any exception, closed in every case."""
        session = self.session_factory()
        try:
            yield session
            session.commit()
        except BaseException as cause:
            take_back_now(session, cause)
            raise
        close_now(session)

    def pool_figures(self) -> PoolFigures:
        """How the pool is used at this moment, and how often somebody had to wait so far."""
        return figures_of(self.engine)

    def observe_pool(self, *, name: str | None = None, provider: MeterProvider | None = None) -> None:
        """Report the pool to OpenTelemetry: see `migrator.runtime.database.Database.observe_pool`."""
        from migrator.runtime.metrics import observe

        observe(self, name=name, provider=provider)

    def readiness(self, revision: str = "heads") -> Readiness:
        """Ask whether the schema suits this code: see `migrator.runtime.database.Database.readiness`."""
        from migrator.runtime.requirement import Requirement

        requirement = self._requirements.get(revision)
        if requirement is None:
            requirement = self._requirements[revision] = Requirement.of(self.profile, self.root, revision)
        try:
            with self.engine.connect() as connection:
                return requirement.met_by(connection)
        except Exception as error:  # noqa: BLE001 - see the asynchronous twin
            return not_reached(error, self.profile)

    def require_head(self, revision: str = "heads", *, timeout: float = 0.0) -> Readiness:
        """Refuse to go on upon an older schema: see `migrator.runtime.database.Database.require_head`."""
        from migrator.runtime.waiting import Waiting

        if is_running_environment():
            return MIGRATING
        waiting = Waiting(self.profile, timeout)
        while (pause := waiting.pause_after(found := self.readiness(revision))) is not None:
            time.sleep(pause)
        return found

    def dispose(self) -> None:
        """Close every connection of the pool."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.dispose()
