"""A check as GitHub's workflow commands: each finding becomes an annotation on its line of the pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from migrator.findings import Finding, Severity
from migrator.report.checks import summary_lines
from migrator.report.formats.places import repository_path

if TYPE_CHECKING:
    from migrator.verification.checking.report import CheckReport

_COMMANDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTICE: "notice"}


def check_as_github(report: CheckReport) -> str:
    """One workflow command for each finding, then what was checked, in plain lines of the log."""
    return "\n".join([*(_command(finding, report.folder) for finding in report.findings), *summary_lines(report)])


def _command(finding: Finding, folder: str) -> str:
    properties = {"file": repository_path(finding, folder), "line": finding.line, "title": f"migrator: {finding.rule}"}
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items() if value is not None)
    parts = [finding.message]
    if finding.cause:
        parts.append(f"Why: {finding.cause}")
    if finding.remedy:
        parts.append(f"Fix: {finding.remedy}")
    text = _data("\n".join(parts))
    return f"::{_COMMANDS[finding.severity]} {given}::{text}"


def _data(text: str) -> str:
    """The runner takes a command to the end of its line: what would end it is written as an escape."""
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
