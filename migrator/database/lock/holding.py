"""Getting the migration lock, keeping it while a run goes on, and giving it back in every case."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from migrator.database.keepalive import Keepalive, keepalive_of
from migrator.database.light import LightConnection
from migrator.database.lock.holders import RunNotes
from migrator.database.lock.mutex import Mutex, digest, holder_name
from migrator.database.patience import LOCK, Clock, Heartbeat, attempts
from migrator.errors import LockNotObtained, MigratorError, PartlyApplied
from migrator.events import Listener, LockAwaited, LockHolder, LockObtained

if TYPE_CHECKING:
    from migrator.database.state import VersionTable
    from migrator.profiles.model import Profile


_ASK_EVERY = 1.0
"""Seconds between questions to the server whether the lock is still held, while its connection is silent."""


class HeldLock:
    """The migration lock of a database, or nothing where its dialect has none."""

    def __init__(self, mutex: Mutex | None, *, location: str, waited: float = 0.0) -> None:
        self._mutex = mutex
        self._location = location
        self.waited = waited
        """Seconds that it took to get it."""
        self._confirmed = time.monotonic()

    @property
    def connection(self) -> LightConnection | None:
        """The lock's own session, for questions; None where there is none."""
        return None if self._mutex is None else self._mutex.connection

    def require(self, applied: Sequence[str] = ()) -> None:
        """Stop a run whose lock is gone, before it does the next thing.

        Args:
            applied: revisions that the run has committed.

        Raises:
            PartlyApplied: the lock is gone, after revisions were applied.
            LockNotObtained: the lock is gone, and nothing was applied.

        """
        if self._mutex is None or self._is_surely_held():
            return
        try:
            if self._mutex.is_held():
                self._confirmed = time.monotonic()
                return
            how = "the server no longer knows it"
        except MigratorError as error:
            how = f"its connection is gone ({error.message})"
        kind = PartlyApplied if applied else LockNotObtained
        raise kind(
            f"the migration lock was lost: {how}; another process may be migrating now",
            where=self._location,
            state=f"{len(applied)} revisions were applied, the last one {applied[-1]}"
            if applied
            else "nothing was applied",
            remedy="run the same command again; it goes on from where the database is",
        )

    def _is_surely_held(self) -> bool:
        """Spare a question when the server was asked a moment ago and has not ended the session since."""
        connection = self.connection
        fresh = time.monotonic() - self._confirmed < _ASK_EVERY
        return fresh and connection is not None and not connection.has_news()


@contextmanager
def migration_lock(
    profile: Profile, version_table: VersionTable, *, limit: float, listen: Listener, clock: Clock | None = None
) -> Iterator[HeldLock]:
    """Have the migration lock of a profile's database for the time of a ``with`` block.

    Args:
        profile: a reachable one.
        version_table: runs on different ones do not exclude each other.
        limit: seconds to wait for another process; 0 tries once.
        listen: told who holds it while this process waits.
        clock: time and chance; the machine's when None.

    Raises:
        LockNotObtained: another process had it all the time.
        ConfigurationError: a pooler in transaction mode is in the way.
        CannotConnect: the server was not reached or refused the login.

    """
    key = digest(profile.database, profile.schema, version_table)
    keepalive = keepalive_of(profile.url_options)
    mutex = mutex_for(profile.dialect, profile.database, _opening(profile), key=key, keepalive=keepalive)
    if mutex is None:
        yield HeldLock(None, location=profile.location)
        return
    notes = RunNotes(version_table, profile.ledger_schema)
    with holding(mutex, location=profile.location, limit=limit, listen=listen, notes=notes, clock=clock) as lock:
        yield lock


@contextmanager
def holding(
    mutex: Mutex,
    *,
    location: str,
    limit: float,
    listen: Listener,
    notes: RunNotes | None = None,
    clock: Clock | None = None,
) -> Iterator[HeldLock]:
    """Take a mutex as `migration_lock` does, and give it back in every case."""
    watch = _Watch(mutex, notes)
    try:
        waited = _take(watch, location=location, limit=limit, listen=listen, clock=clock or Clock())
        yield HeldLock(mutex, location=location, waited=waited)
    finally:
        mutex.release()


class _Watch:
    """A mutex that is waited for, and who was last seen to have it."""

    def __init__(self, mutex: Mutex, notes: RunNotes | None) -> None:
        self.mutex = mutex
        self._notes = notes
        self._seen: LockHolder | None = None

    def holder(self) -> LockHolder | None:
        found = self.mutex.holder()
        if found is not None and self._notes is not None and self.mutex.connection is not None:
            found = self._notes.about(found, self.mutex.connection)
        self._seen = found or self._seen
        return self._seen


def _take(watch: _Watch, *, location: str, limit: float, listen: Listener, clock: Clock) -> float:
    heartbeat = Heartbeat()
    holder: LockHolder | None = None
    waited = 0.0
    told = False
    for waited in attempts(LOCK, limit=limit, clock=clock):
        if watch.mutex.take():
            if told:
                listen(LockObtained(waited=waited))
            return waited
        holder = watch.holder()
        if limit > 0 and heartbeat.is_due(holder and (holder.session, holder.revision), clock.now()):
            told = True
            listen(LockAwaited(holder=holder, waited=waited, limit=limit))
    raise _not_obtained(holder, location=location, waited=waited)


def _not_obtained(holder: LockHolder | None, *, location: str, waited: float) -> LockNotObtained:
    named = "a process that the server does not name" if holder is None else str(holder)
    patience = f"waited {waited:.0f} s for it" if waited else "not waited for it"
    remedy = "let it end, then run the same command again, or wait longer with --lock-wait SECONDS"
    if holder is not None and holder.ended_by:
        remedy += f"; if it hangs: {holder.ended_by}"
    return LockNotObtained(
        f"another migration of this database is running: the lock is held by {named}; {patience}",
        where=location,
        state="nothing was run",
        remedy=remedy,
    )


def mutex_for(
    dialect: str,
    database: str | None,
    open_it: Callable[[bool], LightConnection],
    *,
    key: bytes,
    keepalive: Keepalive | None = None,
) -> Mutex | None:
    """Make the lock of a dialect, with a session of its own where it needs one.

    Args:
        dialect: such as ``postgresql``.
        database: its name; of SQLite its file.
        open_it: opens a connection; its argument is whether it is in autocommit.
        key: see `migrator.database.lock.mutex.digest`.
        keepalive: how soon the server notices that this process is cut off; None: the default.

    Returns:
        None for a database in memory, and for an unknown dialect.

    Raises:
        ConfigurationError: a pooler in transaction mode is in the way.
        Unreachable: the server was not reached or refused the login.

    """
    if dialect == "sqlite":
        return _sqlite_mutex(database)
    if dialect == "postgresql":
        from migrator.database.lock.postgresql import PostgresqlMutex

        return PostgresqlMutex(open_it, key=key, keepalive=keepalive)
    if dialect in ("mysql", "mariadb"):
        from migrator.database.lock.mysql import MysqlMutex

        return MysqlMutex(open_it(True), key=key)
    from migrator.database.lock.lease import LeaseMutex, is_possible

    return LeaseMutex(open_it, key=key) if is_possible(dialect) else None


def _opening(profile: Profile) -> Callable[[bool], LightConnection]:
    from migrator.database.connecting import connect

    def open_it(autocommit: bool) -> LightConnection:
        return connect(profile, application_name=holder_name(profile.application_name), autocommit=autocommit)

    return open_it


def _sqlite_mutex(database: str | None) -> Mutex | None:
    """None for a database without a file, and where Python has no file locks (Windows)."""
    if not database or database == ":memory:" or database.startswith("file:") or find_spec("fcntl") is None:
        return None
    from migrator.database.lock.sqlite import SqliteMutex

    return SqliteMutex(Path(database).resolve())
