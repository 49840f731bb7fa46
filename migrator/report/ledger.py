"""What a database remembers of its migrations, as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from migrator.execution.applied_source import Sameness, SourceComparison
from migrator.report.durations import duration

if TYPE_CHECKING:
    from migrator.database.ledger.entries import Actor, LedgerEntry
    from migrator.database.ledger.runs import RunEntry
    from migrator.execution.history import DatabaseLog

_NO_LEDGER = "No ledger yet: the next upgrade, downgrade or stamp creates it, and notes what is applied already."
_UNKNOWN_TIME = "time unknown"
_SAMENESS = {
    Sameness.IDENTICAL: "{0}: the file is what was applied.",
    Sameness.SAME_MEANING: "{0}: the file means what was applied; only comments, docstrings or formatting differ.",
    Sameness.EDITED: "{0}: the file means something else than what was applied.",
    Sameness.FILE_GONE: "{0}: the file is gone; this was applied.",
    Sameness.NOT_STORED: "{0}: the ledger does not have the source that was applied.",
}


def log_as_text(logs: Sequence[DatabaseLog], *, runs: bool) -> str:
    """One line an entry, newest first; with a heading where there are several databases."""
    blocks = []
    for log in logs:
        lines = [log.location] if len(logs) > 1 else []
        if not log.has_ledger:
            lines.append(_NO_LEDGER)
        elif not (log.runs or log.entries):
            lines.append("Nothing in the ledger fits.")
        else:
            lines += _aligned([_run_cells(each) for each in log.runs] if runs else _entry_rows(log.entries))
        if log.more:
            lines.append("Older ones are left out: --limit 0 shows all.")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _entry_rows(entries: Sequence[LedgerEntry]) -> list[list[str]]:
    return [
        [
            time_of(each.at),
            f"{each.direction} {'FAILED' if each.outcome == 'failed' else each.outcome}",
            each.revision,
            "" if each.seconds is None else duration(each.seconds),
            f"by {by(each.actor)}",
            each.doc + (f"  ({each.detail})" if each.detail else ""),
        ]
        for each in entries
    ]


def _run_cells(run: RunEntry) -> list[str]:
    took = "" if run.started is None or run.ended is None else duration((run.ended - run.started).total_seconds())
    return [
        time_of(run.started),
        f"{run.command} {run.outcome}",
        took,
        f"by {by(run.actor)}, process {run.process_id}",
        f"at {run.revision}" if run.revision and run.outcome != "done" else "",
    ]


def _aligned(rows: list[list[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def by(actor: Actor) -> str:
    """Who it was, and with which version of this tool."""
    tool = "" if actor.tool_version is None else f"migrator {actor.tool_version}"
    return ", ".join(filter(None, (str(actor), tool))) or "nobody knows"


def time_of(at: datetime | None) -> str:
    """Such as ``2026-05-04 10:30:12 UTC``."""
    return _UNKNOWN_TIME if at is None else f"{at:%Y-%m-%d %H:%M:%S} UTC"


def log_as_dict(logs: Sequence[DatabaseLog], *, runs: bool) -> dict[str, object]:
    """The same as JSON."""
    return {
        "schema": "migrator/log/1",
        "databases": [
            {
                "location": log.location,
                "ledger": log.has_ledger,
                "more": log.more,
                **(
                    {"runs": [_run_as_dict(each) for each in log.runs]}
                    if runs
                    else {"entries": [entry_as_dict(each) for each in log.entries]}
                ),
            }
            for log in logs
        ],
    }


def entry_as_dict(entry: LedgerEntry) -> dict[str, object]:
    """An entry as JSON sees it."""
    return {
        "at": _iso(entry.at),
        "revision": entry.revision,
        "direction": entry.direction,
        "outcome": entry.outcome,
        "doc": entry.doc,
        "seconds": None if entry.seconds is None else round(entry.seconds, 6),
        "detail": entry.detail,
        "run": entry.run_id,
        **_actor_as_dict(entry.actor),
    }


def _run_as_dict(run: RunEntry) -> dict[str, object]:
    return {
        "run": run.run_id,
        "command": run.command,
        "outcome": run.outcome,
        "started": _iso(run.started),
        "ended": _iso(run.ended),
        "revision": run.revision,
        "process": run.process_id,
        **_actor_as_dict(run.actor),
    }


def _actor_as_dict(actor: Actor) -> dict[str, object]:
    return {
        "db_user": actor.db_user,
        "os_user": actor.os_user,
        "host": actor.host,
        "tool_version": actor.tool_version,
    }


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def comparison_as_text(found: SourceComparison) -> str:
    """What there is to say, then the difference."""
    said = _SAMENESS[found.sameness].format(found.revision)
    return f"{said}\n{found.diff.rstrip()}".rstrip()


def comparison_as_dict(found: SourceComparison) -> dict[str, object]:
    """The same as JSON."""
    return {
        "schema": "migrator/log-diff/1",
        "revision": found.revision,
        "compared": found.sameness.value,
        "path": found.path,
        "diff": found.diff,
    }
