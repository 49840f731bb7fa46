"""Reads the ledger's rows: what has happened to which revision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from migrator.database.ledger.place import LEDGER, RUN, LedgerPlace
from migrator.database.ledger.questions import epoch, first, moment
from migrator.database.state import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did something, from where, with which version of this tool; None where it is not known."""

    db_user: str | None
    os_user: str | None
    host: str | None
    tool_version: str | None

    def __str__(self) -> str:
        """Such as ``app (root@pod-1)``."""
        machine = "@".join(filter(None, (self.os_user, self.host)))
        return f"{self.db_user} ({machine})" if self.db_user and machine else self.db_user or machine


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerEntry:
    """One thing that has happened to a revision."""

    revision: str
    direction: str
    """``upgrade``, ``downgrade``, ``stamp``, ``adopt`` or ``resolve``."""
    outcome: str
    """``applied``, ``reverted`` or ``failed``."""
    at: datetime | None
    """In UTC."""
    seconds: float | None
    """How long it ran; None where nothing was run."""
    doc: str
    detail: str | None
    """Why it failed."""
    run_id: str
    actor: Actor


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilter:
    """Which entries are wanted; what is None or empty does not narrow them down."""

    revisions: tuple[str, ...] = ()
    outcome: str | None = None
    direction: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    present: bool = False
    """Only what has made a revision count as applied, of those that do."""
    limit: int | None = None


def read_present(reader: Reader, place: LedgerPlace, scope: str) -> frozenset[str]:
    """The revisions that are applied, as far as the ledger knows."""
    table = place.table(LEDGER)
    rows = reader.fetch(
        f"SELECT revision FROM {table} WHERE outcome = 'applied' AND entry IN "  # noqa: S608
        f"(SELECT max(entry) FROM {table} WHERE scope = ? AND outcome <> 'failed' GROUP BY revision)",
        scope,
    )
    return frozenset(str(row[0]) for row in rows)


def read_recorded_ids(reader: Reader, place: LedgerPlace, scope: str) -> tuple[str, ...]:
    """Every revision that has a row, in the order of their ids."""
    rows = reader.fetch(
        f"SELECT DISTINCT revision FROM {place.table(LEDGER)} WHERE scope = ? ORDER BY revision",  # noqa: S608
        scope,
    )
    return tuple(str(row[0]) for row in rows)


def read_entries(reader: Reader, place: LedgerPlace, scope: str, wanted: EntryFilter) -> tuple[LedgerEntry, ...]:
    """Read entries, newest first."""
    conditions, parameters = ["l.scope = ?"], [scope]
    if wanted.revisions:
        conditions.append(f"l.revision IN ({', '.join('?' * len(wanted.revisions))})")
        parameters += wanted.revisions
    for name, value in (("outcome", wanted.outcome), ("direction", wanted.direction)):
        if value is not None:
            conditions.append(f"l.{name} = ?")
            parameters.append(value)
    if wanted.present:
        conditions.append(
            "l.outcome = 'applied' AND l.entry IN "  # noqa: S608
            f"(SELECT max(entry) FROM {place.table(LEDGER)} WHERE scope = ? AND outcome <> 'failed' GROUP BY revision)"
        )
        parameters.append(scope)
    narrowed, times = during(reader.dialect, "l.recorded_at", since=wanted.since, until=wanted.until)
    at = epoch(reader.dialect, "l.recorded_at")
    sql = (
        f"SELECT l.revision, l.direction, l.outcome, {at}, l.seconds, l.doc, l.detail, l.run_id, "  # noqa: S608
        "r.db_user, r.os_user, r.host, r.tool_version "
        f"FROM {place.table(LEDGER)} l LEFT JOIN {place.table(RUN)} r ON r.run_id = l.run_id "
        f"WHERE {' AND '.join((*conditions, *narrowed))} ORDER BY l.entry DESC"
    )
    rows = reader.fetch(first(reader.dialect, sql, wanted.limit), *parameters, *times)
    return tuple(_entry(row) for row in rows)


def during(
    dialect: str, column: str, *, since: datetime | None, until: datetime | None
) -> tuple[list[str], list[float]]:
    """Conditions on a time column, and their parameters."""
    bounds = ((">=", since), ("<", until))
    expression = epoch(dialect, column)
    return (
        [f"{expression} {sign} ?" for sign, bound in bounds if bound is not None],
        [bound.timestamp() for _, bound in bounds if bound is not None],
    )


def _entry(row: Sequence[Any]) -> LedgerEntry:
    revision, direction, outcome, at, seconds, doc, detail, run_id, *actor = row
    return LedgerEntry(
        revision=revision,
        direction=direction,
        outcome=outcome,
        at=moment(at),
        seconds=None if seconds is None else float(seconds),
        doc=doc or "",
        detail=detail,
        run_id=run_id,
        actor=actor_of(actor),
    )


def actor_of(row: Sequence[Any]) -> Actor:
    """From the last four columns of a query for a run."""
    db_user, os_user, host, tool_version = row
    return Actor(db_user=db_user, os_user=os_user, host=host, tool_version=tool_version)
