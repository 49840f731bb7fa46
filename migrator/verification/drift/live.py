"""Reads the schema of a live database at a moment when nobody migrates it. Nothing is written there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from migrator.database.connection_reader import ConnectionReader
from migrator.database.failures import DatabaseError
from migrator.database.patience import LOCK, Clock, Heartbeat, attempts, when_reachable
from migrator.database.snapshot.model import Snapshot
from migrator.database.snapshot.reading import read_snapshot
from migrator.database.state import DatabaseState, Reader, VersionTable, read_version_rows
from migrator.errors import LockNotObtained, UsageError
from migrator.events import Listener, LockAwaited
from migrator.execution.gathering import ask, state_question
from migrator.execution.lock_holder import holder_of
from migrator.project import Project

if TYPE_CHECKING:
    from migrator.database.light import LightConnection
    from migrator.events import LockHolder
    from migrator.profiles.model import Profile

_LONGEST_STATEMENT: Final = 60_000
"""Milliseconds that one question may take where the profile says nothing."""
_LONGEST_LOCK: Final = 5_000
"""Milliseconds that a question may stand behind somebody's lock on a table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveDatabase:
    """A live database at one moment."""

    profile: Profile | None
    """With its server's address filled in; None: the connection is that of ``env.py``."""
    state: DatabaseState
    """With server and version."""
    version_table: VersionTable
    snapshot: Snapshot

    @property
    def location(self) -> str:
        """Where it is, as shown to people."""
        return self.profile.location if self.profile is not None else self.state.location


@dataclass(frozen=True, slots=True)
class _Look:
    """One look at the database; state and snapshot are missing while somebody migrates."""

    holder: LockHolder | None
    rows: tuple[str, ...]
    """Version rows at the end of the look."""
    version_table: VersionTable
    state: DatabaseState | None = None
    snapshot: Snapshot | None = None


def read_live(project: Project, listen: Listener = lambda _event: None, *, clock: Clock | None = None) -> LiveDatabase:
    """Read where the project's database is and what its schema is, after a migration that is going on.

    Args:
        project: whose database is meant.
        listen: told what is waited for.
        clock: time and chance; the machine's when None.

    Raises:
        LockNotObtained: somebody migrated it for longer than ``MIGRATOR_LOCK_WAIT``.
        Unreachable: it cannot be reached.
        UsageError: ``env.py`` serves several databases in one run.

    """
    clock, heartbeat, waited = clock or Clock(), Heartbeat(), 0.0
    holder: LockHolder | None = None
    limit = project.care.lock_wait
    for waited in attempts(LOCK, limit=limit, clock=clock):
        profile, look = when_reachable(lambda: _look(project), limit=project.care.wait_for_db, listen=listen)
        state, snapshot = look.state, look.snapshot
        if state is not None and snapshot is not None and look.holder is None and look.rows == state.rows:
            return LiveDatabase(profile=profile, state=state, version_table=look.version_table, snapshot=snapshot)
        holder = look.holder
        if limit > 0 and heartbeat.is_due(holder and (holder.session, holder.revision), clock.now()):
            listen(LockAwaited(holder=holder, waited=waited, limit=limit))
    raise LockNotObtained(
        f"the database is being migrated by {holder or 'somebody'}, so that its schema is not settled; "
        + (f"waited {waited:.0f} s for the end" if waited else "not waited for the end"),
        state="only read",
        remedy="let it end, then run the same command again, or wait longer with --lock-wait SECONDS",
    )


def _look(project: Project) -> tuple[Profile | None, _Look]:
    where = state_question(project, with_server=True)

    def question(reader: Reader, version_table: VersionTable, location: str) -> _Look:
        # The lock is looked at on both sides of the reading: what the server prints of a definition is the newest one,
        # whatever the transaction sees.
        holder = _holder(project, reader, version_table, location)
        if holder is not None:
            return _Look(holder, (), version_table)
        with reading_only(reader, project.profile):
            state = where(reader, version_table, location)
            snapshot = read_snapshot(reader, leave_out=frozenset({str(version_table)}))
        holder = _holder(project, reader, version_table, location)
        return _Look(holder, read_version_rows(reader, version_table), version_table, state, snapshot)

    profile, looks = ask(project, question)
    if len(looks) != 1:
        raise UsageError(
            f"env.py serves {len(looks)} databases in one run, and one history on one scratch database cannot stand "
            "for all of them",
            remedy="name one of them in a profile: migrator drift --env NAME",
        )
    return profile, looks[0]


def _holder(project: Project, reader: Reader, version_table: VersionTable, location: str) -> LockHolder | None:
    with suppress(DatabaseError):  # a user that may not look at other sessions
        return holder_of(project, reader, version_table, location)
    return None


@contextmanager
def reading_only(reader: Reader, profile: Profile | None) -> Iterator[None]:
    """Keep what is asked in a ``with`` block to one transaction that cannot write, with timeouts.

    Of PostgreSQL it is one at REPEATABLE READ. A connection of ``env.py`` is in a transaction already, at the level
    that ``env.py`` chose; that one is made unable to write.
    """
    own = None if isinstance(reader, ConnectionReader) else cast("LightConnection", reader)
    if reader.dialect == "postgresql":
        settings = {
            "statement_timeout": f"{(profile and profile.statement_timeout) or _LONGEST_STATEMENT}ms",
            "lock_timeout": f"{_LONGEST_LOCK}ms",
            "transaction_read_only": "on",
        }
        if own is not None:
            own.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for name, value in settings.items():
            reader.fetch("SELECT set_config(?, ?, true)", name, value)
    elif own is not None and reader.dialect in {"mysql", "mariadb"}:
        own.execute(f"SET SESSION lock_wait_timeout = {_LONGEST_LOCK // 1000}")
        own.execute("START TRANSACTION READ ONLY")
    elif own is not None and reader.dialect == "sqlite":
        own.execute("BEGIN")
    try:
        yield
    finally:
        if own is not None:
            own.execute("ROLLBACK")
