"""Reads the runs that have changed a database, and tells the killed ones from the one that is at work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from migrator.database.ledger.entries import Actor, actor_of, during
from migrator.database.ledger.place import RUN, LedgerPlace
from migrator.database.ledger.questions import epoch, first, moment
from migrator.database.state import Reader
from migrator.events import LockHolder

RUNNING, KILLED, UNFINISHED = "running", "killed", "unfinished"
_SESSIONS = ("postgresql", "mysql", "mariadb")
"""Dialects whose migration lock belongs to a session of the server."""

_AMONG_EQUALS = {"sqlite": ", rowid DESC"}
"""Its times are in whole seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunEntry:
    """One run."""

    run_id: str
    command: str
    """Such as ``upgrade``."""
    started: datetime | None
    """In UTC."""
    ended: datetime | None
    outcome: str
    """``done``, ``failed`` or ``interrupted`` as it wrote itself. Without an end: ``running`` or ``killed``, or
    ``unfinished`` where it had no lock to tell them apart by."""
    revision: str | None
    """The last one that it was seen on; None when each was done in a moment."""
    process_id: int
    actor: Actor


def read_runs(
    reader: Reader,
    place: LedgerPlace,
    scope: str,
    *,
    holder: LockHolder | None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
) -> tuple[RunEntry, ...]:
    """Read runs, newest first.

    Args:
        reader: of the database.
        place: of its ledger.
        scope: the version table.
        holder: who has the migration lock at this moment, which a run at work always has.
        since: leave out those that started before.
        until: leave out those that started then or later.
        limit: not more than so many.

    """
    narrowed, times = during(reader.dialect, "started_at", since=since, until=until)
    started, ended = (epoch(reader.dialect, name) for name in ("started_at", "ended_at"))
    order = f"started_at DESC{_AMONG_EQUALS.get(reader.dialect, '')}"
    sql = (
        f"SELECT run_id, command, {started}, {ended}, outcome, revision, process_id, session_id, "  # noqa: S608
        f"db_user, os_user, host, tool_version FROM {place.table(RUN)} "
        f"WHERE {' AND '.join(('scope = ?', *narrowed))} ORDER BY {order}"
    )
    rows = reader.fetch(first(reader.dialect, sql, limit), scope, *times)
    # A server gives the number of a dead session to a later one: only the newest run can be the one at work.
    at_work = None if holder is None else next((row[0] for row in rows if _is_by(row, holder)), None)
    return tuple(_run(row, reader.dialect, is_at_work=row[0] == at_work) for row in rows)


def _is_by(row: Sequence[Any], holder: LockHolder) -> bool:
    ended, session_id = row[3], row[7]
    return ended is None and session_id == holder.session_id


def _run(row: Sequence[Any], dialect: str, *, is_at_work: bool) -> RunEntry:
    run_id, command, started, ended, outcome, revision, process_id, session_id, *actor = row
    without_end = RUNNING if is_at_work else UNFINISHED if session_id is None and dialect in _SESSIONS else KILLED
    return RunEntry(
        run_id=run_id,
        command=command,
        started=moment(started),
        ended=moment(ended),
        outcome=outcome or without_end,
        revision=revision,
        process_id=int(process_id),
        actor=actor_of(actor),
    )
