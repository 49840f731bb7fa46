"""What a hook is told: a JSON object on its standard input, and variables in its environment."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from migrator.errors import error_parts
from migrator.events import StepStarted
from migrator.redaction import redact_within
from migrator.telemetry.figures import Applied, Figures
from migrator.telemetry.subject import Ending, Subject

SCHEMA: Final = "migrator/hook/1"


def hook_report(
    moment: str, subject: Subject, figures: Figures, *, revision: Mapping[str, Any] | None, ending: Ending | None
) -> dict[str, Any]:
    """The report for a hook, secrets masked.

    Args:
        moment: ``before_run`` and its like.
        subject: what the run is about.
        figures: what it has done so far.
        revision: the one at hand, for the hooks of a revision.
        ending: of the run, or of the revision that ends with it; None while it goes on.

    """
    report: dict[str, Any] = {
        "schema": SCHEMA,
        "hook": moment,
        "time": datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "direction": subject.direction.value,
        "target": subject.target,
        "profile": subject.profile or None,
        "location": subject.location or None,
        "steps": figures.planned,
        "applied": [
            {"revision": each.revision, "doc": each.doc, "seconds": round(each.seconds, 6)} for each in figures.applied
        ],
        "revision": revision,
        "outcome": ending.outcome if ending else None,
        "seconds": round(ending.seconds, 6) if ending else None,
        "error": error_parts(ending.error) if ending and ending.error else None,
    }
    masked: dict[str, Any] = redact_within(report)
    return masked


def begun(step: StepStarted) -> dict[str, Any]:
    """The revision that is about to run, or was cut off."""
    return {
        "revision": step.revision,
        "doc": step.doc,
        "number": step.number,
        "steps": step.steps,
        "outcome": None,
        "seconds": None,
    }


def committed(step: StepStarted, applied: Applied) -> dict[str, Any]:
    """The revision that was committed."""
    return {**begun(step), "outcome": "done", "seconds": round(applied.seconds, 6)}


def variables(report: Mapping[str, Any]) -> dict[str, str]:
    """The same in short, for commands that read no JSON; a value that is not known is left out."""
    revision = report["revision"] or {}
    error = report["error"] or {}
    found = {
        "MIGRATOR_HOOK": report["hook"],
        "MIGRATOR_DIRECTION": report["direction"],
        "MIGRATOR_TARGET": report["target"],
        "MIGRATOR_PROFILE": report["profile"],
        "MIGRATOR_REVISION": revision.get("revision"),
        "MIGRATOR_OUTCOME": revision.get("outcome") or report["outcome"],
        "MIGRATOR_EXIT_CODE": error.get("exit_code", 0 if report["outcome"] else None),
    }
    return {name: str(value) for name, value in found.items() if value is not None}
