"""Which run is at work, and which revision it is on: for those who wait for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from migrator.database.ledger.place import RUN, LedgerPlace
from migrator.database.light import LightConnection
from migrator.database.state import Reader

_NOW: Final = {"postgresql": "clock_timestamp()", "mysql": "NOW(6)", "mariadb": "NOW(6)"}
_AGE: Final = {
    "postgresql": "extract(epoch FROM clock_timestamp() - started_at)",
    "mysql": "TIMESTAMPDIFF(MICROSECOND, started_at, NOW(6)) / 1000000",
    "mariadb": "TIMESTAMPDIFF(MICROSECOND, started_at, NOW(6)) / 1000000",
    "sqlite": "(julianday('now') - julianday(started_at)) * 86400",
}
_THIS_SESSION: Final = {
    # The server gives the number of a session that was killed to a later one.
    "postgresql": " AND started_at >= coalesce((SELECT backend_start FROM pg_catalog.pg_stat_activity "
    "WHERE pid = session_id), started_at)",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningRun:
    """A run that has not ended."""

    revision: str | None
    """The one that it is on; None before the first that takes long enough to be told."""
    seconds: float | None
    """Since it began."""
    host: str


def note_revision(run_id: str, place: LedgerPlace) -> Callable[[LightConnection, str], None]:
    """Make a function that writes down, through a connection in autocommit, which revision a run is on."""
    now = _NOW.get(place.dialect, "CURRENT_TIMESTAMP")
    statement = f"UPDATE {place.table(RUN)} SET revision = ?, revision_at = {now} WHERE run_id = ?"  # noqa: S608

    def note(connection: LightConnection, revision: str) -> None:
        connection.execute(statement, revision, run_id)

    return note


def read_running(reader: Reader, place: LedgerPlace, session: int | None) -> RunningRun | None:
    """Find the run whose lock a session holds; None when it has not written itself down.

    Args:
        reader: of the database.
        place: of its ledger.
        session: process of the server that holds the migration lock; None where the lock has no session.

    """
    whose = "session_id IS NULL" if session is None else "session_id = ?"
    rows = reader.fetch(
        f"SELECT revision, {_AGE.get(place.dialect, 'NULL')}, host FROM {place.table(RUN)} "  # noqa: S608
        f"WHERE {whose} AND ended_at IS NULL{_THIS_SESSION.get(place.dialect, '')} ORDER BY started_at DESC",
        *([] if session is None else [session]),
    )
    if not rows:
        return None
    revision, seconds, host = rows[0]
    return RunningRun(revision=revision, seconds=None if seconds is None else max(float(seconds), 0.0), host=host)
