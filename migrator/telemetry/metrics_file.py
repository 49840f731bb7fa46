"""The figures of a run as a file for the textfile collector of Prometheus' node_exporter."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from migrator.telemetry.figures import Figures
from migrator.telemetry.subject import Ending, Subject

_ATTEMPTS: Final = "migrator_attempts_total"
_LAST_SUCCESS: Final = "migrator_last_success_timestamp_seconds"
_HELP: Final = {
    "migrator_run_duration_seconds": "How long the last run took.",
    "migrator_run_outcome": "How the last run ended, as a label; always 1.",
    "migrator_run_exit_code": "Exit code of the last run.",
    "migrator_revisions_applied": "Revisions that the last run applied or reverted.",
    "migrator_revisions_pending": "Revisions that the last run was to run and did not; absent where it did not know.",
    "migrator_lock_wait_seconds": "How long the last run waited for another migration of the database.",
    _ATTEMPTS: "Attempts at revisions, over all runs that wrote this file.",
    _LAST_SUCCESS: "When a run last ended with exit code 0.",
}
_SAMPLE = re.compile(r"(?P<name>[a-z_]+)(?P<labels>\{.*\}) (?P<value>[0-9.e+-]+)")
_READABLE: Final = 0o644
"""The collector runs as somebody else."""


def write_metrics(path: Path, subject: Subject, figures: Figures, ending: Ending) -> None:
    """Replace the file in one step, so that nobody reads half of it.

    What only a former run knows is taken over from the former file: the last success, and the attempts so far.

    Raises:
        OSError: it cannot be written.

    """
    text = metrics_text(subject, figures, ending, now=time.time(), former=_former(path))
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).chmod(_READABLE)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def metrics_text(
    subject: Subject, figures: Figures, ending: Ending, *, now: float, former: Mapping[tuple[str, str], float]
) -> str:
    """The file's text.

    Args:
        subject: what the run was about.
        figures: what it did.
        ending: how it ended.
        now: seconds of the epoch.
        former: samples of the former file, by name and labels.

    """
    labels = {"profile": subject.profile, "database": subject.database}
    known = _labels(labels)
    samples: dict[str, float | None] = {
        "migrator_run_duration_seconds": round(ending.seconds, 6),
        "migrator_run_outcome": 1,
        "migrator_run_exit_code": int(ending.exit_code),
        "migrator_revisions_applied": len(figures.applied),
        "migrator_revisions_pending": figures.pending,
        "migrator_lock_wait_seconds": round(figures.lock_wait, 6),
        _ATTEMPTS: figures.attempts + former.get((_ATTEMPTS, known), 0),
        _LAST_SUCCESS: round(now, 3) if ending.exit_code == 0 else former.get((_LAST_SUCCESS, known)),
    }
    lines: list[str] = []
    for name, value in samples.items():
        if value is not None:
            own = _labels({**labels, "outcome": ending.outcome}) if name == "migrator_run_outcome" else known
            kind = "counter" if name.endswith("_total") else "gauge"
            lines += [f"# HELP {name} {_HELP[name]}", f"# TYPE {name} {kind}", f"{name}{own} {value}"]
    return "\n".join(lines) + "\n"


def _labels(labels: Mapping[str, str]) -> str:
    escaped = (
        (name, value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")) for name, value in labels.items()
    )
    return "{" + ",".join(f'{name}="{value}"' for name, value in escaped) + "}"


def _former(path: Path) -> dict[tuple[str, str], float]:
    """What the former file says; nothing where there is none that can be read."""
    try:
        return dict(_samples(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, ValueError):
        return {}


def _samples(text: str) -> Iterator[tuple[tuple[str, str], float]]:
    for line in text.splitlines():
        if (match := _SAMPLE.fullmatch(line)) is not None:
            yield (match["name"], match["labels"]), float(match["value"])
