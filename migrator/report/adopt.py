"""The report of an adoption, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.verification.adopt import AdoptReport


def adopt_as_text(report: AdoptReport) -> str:
    """What the schema was found to be, and what was written."""
    rows = ", ".join(report.revisions) or "base"
    built = "1 schema" if report.compared == 1 else f"{report.compared} schemas"
    found = f"{report.location} has the schema of {rows} ({built} of the history built and compared)."
    if report.stamped is None:
        return f"{found}\nNothing was written (--dry-run)."
    return f"{found}\nAdopted: the version table holds {', '.join(report.stamped.after) or 'no row'}."


def adopt_as_dict(report: AdoptReport) -> dict[str, object]:
    """The same for a program."""
    return {
        "schema": "migrator/adopt/1",
        "location": report.location,
        "revisions": list(report.revisions),
        "compared": report.compared,
        "dry_run": report.stamped is None,
        "stamped": None if report.stamped is None else list(report.stamped.after),
    }
