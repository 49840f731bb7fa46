"""Scratch databases one after the other; a later one begins as a copy of an earlier one where that is quick."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from migrator.database.connecting import connect
from migrator.database.failures import DatabaseError
from migrator.profiles.model import Profile
from migrator.verification import kept
from migrator.verification.scratch import scratch_database, scratch_url

_END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = ? AND pid <> pg_backend_pid()"


class ScratchDatabases:
    """Makes the scratch databases of one piece of work; at most two exist at a time: one to work on, one to copy."""

    def __init__(self, profile: Profile | None, root: Path, environ: Mapping[str, str]) -> None:
        """Prepare; see `scratch_databases`."""
        self._profile = profile
        self._root = root
        self._environ = environ
        self._current = ExitStack()
        self._kept = ExitStack()
        self._copy: str | None = None

    def fresh(self) -> Profile:
        """An empty database; the one before is dropped."""
        self._current.close()
        return self._made(self._current, None)

    def from_copy(self) -> Profile | None:
        """A database that begins as what `keep` kept; None where nothing was. The one before is dropped."""
        if self._copy is None:
            return None
        self._current.close()
        return self._made(self._current, self._copy)

    def keep(self, scratch: Profile) -> bool:
        """Keep a copy of a database that nobody works on just now, in place of the one that was kept before.

        Returns:
            False: MariaDB and MySQL make no copies.

        """
        if scratch.dialect not in ("postgresql", "sqlite"):
            return False
        self._kept.close()
        self._copy = None
        end_sessions(scratch)
        self._copy = str(self._made(self._kept, str(scratch.database)).database)
        return True

    def from_kept(self, name: str) -> Profile | None:
        """A database that begins as one that `keep_for_later` has kept; None where there is none."""
        if not self._keeps:
            return None
        try:
            scratch = self._made(self._current, name)
        except DatabaseError:
            return None
        kept.use(scratch, name)
        return scratch

    def keep_for_later(self, scratch: Profile, name: str) -> None:
        """Keep a copy for later runs, on the embedded server, which is the project's own; elsewhere nothing is kept."""
        if self._keeps:
            end_sessions(scratch)
            kept.keep(scratch, name)

    @property
    def _keeps(self) -> bool:
        dialect = "postgresql" if self._profile is None else self._profile.dialect
        return dialect == "postgresql" and scratch_url(self._profile, self._environ) is None

    def close(self) -> None:
        """Drop what is left."""
        with self._kept, self._current:
            pass

    def _made(self, stack: ExitStack, copy_of: str | None) -> Profile:
        made = scratch_database(self._profile, root=self._root, environ=self._environ, copy_of=copy_of)
        return stack.enter_context(made)


@contextmanager
def scratch_databases(
    profile: Profile | None, *, root: Path, environ: Mapping[str, str] = os.environ
) -> Iterator[ScratchDatabases]:
    """Make scratch databases for a piece of work, and drop them afterwards; see `scratch_database`."""
    databases = ScratchDatabases(profile, root, environ)
    try:
        yield databases
    finally:
        databases.close()


def end_sessions(scratch: Profile) -> None:
    """End who is still connected, such as an engine that a revision made and forgot: PostgreSQL then makes no copy."""
    if scratch.dialect == "postgresql":
        with connect(scratch) as orders:
            orders.fetch(_END_SESSIONS, str(scratch.database))
