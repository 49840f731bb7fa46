"""Writes how a run ended when its own connection can no longer do so."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from migrator.database.ledger.place import RUN, LedgerPlace
from migrator.database.light import LightConnection
from migrator.errors import MigratorError


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """Where a run is written down."""

    place: LedgerPlace
    run_id: str


def conclude_interrupted(connection: LightConnection | None, runs: Iterable[RecordedRun]) -> None:
    """Write down that a signal ended runs; without a connection they stay without an end, as killed ones do.

    Args:
        connection: in autocommit.
        runs: those that were at work.

    """
    if connection is None:
        return
    for run in runs:
        with suppress(MigratorError):
            connection.execute(
                f"UPDATE {run.place.table(RUN)} SET ended_at = CURRENT_TIMESTAMP, outcome = 'interrupted' "  # noqa: S608
                "WHERE run_id = ? AND ended_at IS NULL",
                run.run_id,
            )
