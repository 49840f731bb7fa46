"""The report of a check, as text and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.report.findings import finding_as_dict, findings_as_text

if TYPE_CHECKING:
    from migrator.verification.check import CheckReport


def check_as_text(report: CheckReport) -> str:
    """Findings first, then what was checked and what was not."""
    lines = [findings_as_text(report.findings)] if report.findings else []
    verdict = "OK" if not report.findings else "Checked"
    lines.append(f"{verdict}: {report.revisions} revisions; {', '.join(report.checked)}.")
    lines += [f"Not checked: {reason}" for reason in report.skipped]
    return "\n".join(lines)


def check_as_dict(report: CheckReport) -> dict[str, object]:
    """The same as JSON."""
    return {
        "schema": "migrator/check/1",
        "revisions": report.revisions,
        "checked": list(report.checked),
        "skipped": list(report.skipped),
        "findings": [finding_as_dict(finding) for finding in report.findings],
        "exit_code": int(report.exit_code),
    }
