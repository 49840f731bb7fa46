"""A run in OpenTelemetry's metrics, and the attributes that its spans and metrics share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from opentelemetry.metrics import Meter

from migrator.telemetry.figures import Figures
from migrator.telemetry.subject import Ending, Subject

_SYSTEMS: Final = {"oracle": "oracle.db", "mssql": "microsoft.sql_server"}
"""Names that the semantic conventions give; for the others they are ours too."""


def database_attributes(subject: Subject) -> Mapping[str, str]:
    """Which database it was, in the words of the semantic conventions."""
    found = {
        "db.system.name": _SYSTEMS.get(subject.dialect, subject.dialect) or "other_sql",
        "db.namespace": subject.database,
        "server.address": subject.address,
        "migrator.profile": subject.profile,
    }
    return {name: value for name, value in found.items() if value}


def measure(meter: Meter, figures: Figures, ending: Ending, subject: Subject) -> None:
    """Record a run that has ended."""
    database = {**database_attributes(subject), "migrator.direction": subject.direction.value}
    meter.create_histogram("migrator.run.duration", unit="s", description="How long a run took.").record(
        ending.seconds, {**database, "migrator.outcome": ending.outcome}
    )
    meter.create_histogram(
        "migrator.lock.wait.duration", unit="s", description="How long a run waited for another one."
    ).record(figures.lock_wait, database)
    meter.create_counter(
        "migrator.revisions.applied", unit="{revision}", description="Revisions that were applied or reverted."
    ).add(len(figures.applied), database)
    meter.create_counter(
        "migrator.attempts", unit="{attempt}", description="Attempts at revisions, at least one each."
    ).add(figures.attempts, database)
