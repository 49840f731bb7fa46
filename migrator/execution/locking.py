"""The migration lock of a project's database, around whatever writes to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from migrator.chain.envfile import read_environment_file
from migrator.database.lock.holding import HeldLock, migration_lock
from migrator.events import Listener
from migrator.execution.gathering import Gathered, declared_version_table
from migrator.project import Project

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext


@contextmanager
def locked(project: Project, gathered: Gathered, listen: Listener) -> Iterator[HeldLock]:
    """Have the lock of the profile's database for the time of a ``with`` block.

    Without a profile only ``env.py`` knows the database, and nothing is locked here but by `VisitLocks`.

    Raises:
        LockNotObtained: another process had it for longer than ``MIGRATOR_LOCK_WAIT``.

    """
    profile = gathered.profile
    if profile is None:
        yield HeldLock(None, location="")
        return
    file = read_environment_file(project.layout.env_py)
    version_table = declared_version_table(profile, file)
    with migration_lock(profile, version_table, limit=project.care.lock_wait, listen=listen) as lock:
        yield lock


class VisitLocks:
    """The locks of the databases that an ``env.py`` leads to by itself, one after the other."""

    def __init__(self, project: Project, outer: HeldLock, listen: Listener) -> None:
        self._project = project
        self._listen = listen
        self.current = outer
        """The lock of the database at hand."""

    @contextmanager
    def lock(self, context: MigrationContext) -> Iterator[None]:
        """Have the lock of a context's database for the time of a ``with`` block."""
        from migrator.execution.adapter.locking import visit_locked

        care = self._project.care
        with visit_locked(
            context, limit=care.lock_wait, listen=self._listen, ledger_schema=care.ledger_schema
        ) as self.current:
            yield
