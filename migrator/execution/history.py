"""Reads what has happened to a project's databases, from their ledgers. Nothing is written, no table is created."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from migrator.chain.resolve import revisions_for
from migrator.database.ledger.entries import EntryFilter, LedgerEntry, read_entries, read_recorded_ids
from migrator.database.ledger.place import find_place, scope_of
from migrator.database.state import Reader, VersionTable
from migrator.errors import UsageError
from migrator.execution.gathering import ask
from migrator.project import Project

if TYPE_CHECKING:
    from migrator.database.ledger.runs import RunEntry

_SHORTEST_PART = 4
_SHOWN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRequest:
    """What of the ledger is asked for."""

    revision: str | None = None
    """As the user named it."""
    wanted: EntryFilter = field(default_factory=EntryFilter)
    runs: bool = False
    """The runs instead of the revisions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseLog:
    """What one database remembers."""

    location: str
    has_ledger: bool
    entries: tuple[LedgerEntry, ...] = ()
    """Newest first."""
    runs: tuple[RunEntry, ...] = ()
    """Newest first."""
    more: bool = False
    """There are older ones, beyond the limit."""


def read_log(project: Project, request: LogRequest) -> tuple[DatabaseLog, ...]:
    """Read the ledger of each of the project's databases.

    Raises:
        UsageError: neither ledger nor chain knows the revision, or it is the beginning of several.
        Unreachable: a database cannot be reached.

    """

    def question(reader: Reader, version_table: VersionTable, location: str) -> DatabaseLog:
        place = find_place(reader, version_table, project.care.ledger_schema)
        if place is None:
            return DatabaseLog(location=location, has_ledger=False)
        scope, wanted = scope_of(version_table), request.wanted
        # One more than is shown tells whether there are more.
        asked = replace(wanted, limit=None if wanted.limit is None else wanted.limit + 1)
        if request.runs:
            from migrator.database.ledger.runs import read_runs
            from migrator.execution.lock_holder import holder_of

            holder = holder_of(project, reader, version_table, location)
            runs = read_runs(
                reader, place, scope, holder=holder, since=asked.since, until=asked.until, limit=asked.limit
            )
            shown = runs[: wanted.limit]
            return DatabaseLog(location=location, has_ledger=True, runs=shown, more=len(runs) > len(shown))
        if request.revision is not None:
            recorded = read_recorded_ids(reader, place, scope)
            asked = replace(asked, revisions=revisions_meant(project, request.revision, recorded))
        entries = read_entries(reader, place, scope, asked)
        kept = entries[: wanted.limit]
        return DatabaseLog(location=location, has_ledger=True, entries=kept, more=len(entries) > len(kept))

    return ask(project, question)[1]


def revisions_meant(project: Project, symbol: str, recorded: tuple[str, ...]) -> tuple[str, ...]:
    """The revisions that a symbol stands for, also those of which this code has no file.

    Args:
        project: whose chain gives heads and labels a meaning; it is read only for those.
        symbol: an id, its beginning, or whatever the chain can resolve without a database.
        recorded: ids that the ledger knows.

    Raises:
        UsageError: none, or several where one is meant.

    """
    if symbol in recorded:
        return (symbol,)
    starting = [id_ for id_ in recorded if len(symbol) >= _SHORTEST_PART and id_.startswith(symbol)]
    if len(starting) > 1:
        raise UsageError(
            f"{symbol!r} is the beginning of {len(starting)} revisions.",
            details=starting[:_SHOWN],
            remedy="Type more characters of the id.",
        )
    return tuple(starting) or revisions_for(project.chain, symbol)
