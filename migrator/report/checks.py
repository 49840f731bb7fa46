"""The report of a check, as text and as JSON."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING

from migrator.report.findings import finding_as_dict, findings_as_text

if TYPE_CHECKING:
    from migrator.verification.checking.report import CheckedPart, CheckReport


def check_as_text(report: CheckReport) -> str:
    """Findings first, then what was checked and what was not."""
    lines = [findings_as_text(report.findings)] if report.findings else []
    return "\n".join([*lines, *summary_lines(report)])


def summary_lines(report: CheckReport) -> list[str]:
    """What was checked, what of it was known already, and what was not checked, a line each."""
    verdict = "Checked" if report.findings else "OK"
    lines = [f"{verdict}: {report.revisions} revisions; {', '.join(report.checked)}."]
    kept: dict[str, list[str]] = {}
    for part in report.parts:
        if part.kept_since:
            kept.setdefault(_minute(part.kept_since), []).append(part.title)
    lines += [f"Unchanged since {moment}, from the cache: {', '.join(titles)}." for moment, titles in kept.items()]
    lines += [note for part in report.parts for note in part.notes]
    return [*lines, *(f"Not checked: {reason}" for reason in report.skipped)]


def _minute(moment: str) -> str:
    """A moment on the clock of whoever reads it."""
    return datetime.fromisoformat(moment).astimezone().strftime("%Y-%m-%d %H:%M")


def check_as_json(report: CheckReport) -> str:
    """The same for programs."""
    return json.dumps(check_as_dict(report), ensure_ascii=False, indent=2)


def check_as_dict(report: CheckReport) -> dict[str, object]:
    """The body of that."""
    return {
        "schema": "migrator/check/1",
        "revisions": report.revisions,
        "checked": list(report.checked),
        "skipped": list(report.skipped),
        "findings": [finding_as_dict(finding) for finding in report.findings],
        "parts": [_part_as_dict(part) for part in report.parts],
        "exit_code": int(report.exit_code),
    }


def _part_as_dict(part: CheckedPart) -> dict[str, object]:
    return {
        "part": part.part.value,
        "title": part.title,
        "findings": len(part.findings),
        "not_checked": part.not_checked,
        "unchanged_since": part.kept_since,
        "notes": list(part.notes),
        "seconds": round(part.seconds, 3),
        "revisions": [
            {
                "revision": verdict.revision,
                "path": verdict.path,
                "findings": len(verdict.findings),
                "not_reached": verdict.not_reached,
            }
            for verdict in part.verdicts
        ],
    }
