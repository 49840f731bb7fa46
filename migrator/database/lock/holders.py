"""Who holds the lock of a database, and what the ledger says of its run: for those who wait."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from migrator.database.failures import DatabaseError
from migrator.database.ledger.place import LedgerPlace, find_place
from migrator.database.ledger.running import read_running
from migrator.database.state import Reader, VersionTable
from migrator.errors import Unreachable
from migrator.events import LockHolder


def find_holder(reader: Reader, *, key: bytes, database: str | None) -> LockHolder | None:
    """Find who holds the lock of a database, without wanting it.

    Args:
        reader: of the database, in autocommit.
        key: see `migrator.database.lock.mutex.digest`.
        database: its name; of SQLite its file.

    """
    if reader.dialect == "postgresql":
        from migrator.database.lock import postgresql

        return postgresql.holder(reader, key)
    if reader.dialect in ("mysql", "mariadb"):
        from migrator.database.lock import mysql

        return mysql.holder(reader, key)
    if reader.dialect == "sqlite":
        return _holder_of_file(database)
    from migrator.database.lock import lease

    return lease.holder(reader, key)


def _holder_of_file(database: str | None) -> LockHolder | None:
    if not database or database == ":memory:" or database.startswith("file:"):
        return None
    from migrator.database.lock.sqlite import SqliteMutex

    mutex = SqliteMutex(Path(database).resolve())
    return None if mutex.is_left_behind() else mutex.holder()


@dataclass
class RunNotes:
    """What the ledger says of the run that a lock is held for."""

    version_table: VersionTable
    ledger_schema: str | None = None
    """``MIGRATOR_LEDGER_SCHEMA``."""
    _place: LedgerPlace | None = field(default=None, init=False)

    def place(self, reader: Reader) -> LedgerPlace | None:
        """The ledger, looked for until it is there."""
        if self._place is None:
            self._place = find_place(reader, self.version_table, self.ledger_schema)
        return self._place

    def about(self, holder: LockHolder, reader: Reader) -> LockHolder:
        """The same holder, with its revision and the age of its run where the ledger knows them."""
        with suppress(DatabaseError, Unreachable):
            place = self.place(reader)
            run = None if place is None else read_running(reader, place, holder.session_id)
            if run is not None:
                since = holder.since_seconds if run.seconds is None else run.seconds
                return replace(holder, revision=run.revision, since_seconds=since)
        return holder
