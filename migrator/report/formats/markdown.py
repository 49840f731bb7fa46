"""A check as Markdown: the comment on a pull request, short, with the details folded."""

from __future__ import annotations

import html
from typing import TYPE_CHECKING, Final

from migrator.findings import Finding, Severity
from migrator.report.checks import summary_lines
from migrator.report.findings import count_line, findings_as_text

if TYPE_CHECKING:
    from migrator.verification.checking.report import CheckReport

MARK: Final = "<!-- migrator check -->"
"""The first line, by which a workflow finds its earlier comment and replaces it."""
_MOST_ROWS: Final = 20
_LONGEST_DETAILS: Final = 40_000
"""Characters; GitHub takes 65,536 in a comment, and escapes count."""
_SYMBOLS: Final = {Severity.ERROR: ":x:", Severity.WARNING: ":warning:", Severity.NOTICE: ":information_source:"}


def check_as_markdown(report: CheckReport) -> str:
    """A heading with the verdict, a row for each finding, what was checked; causes and remedies folded."""
    findings = report.findings
    verdict = f"{count_line(findings)}" if findings else "all is well"
    symbol = _SYMBOLS[_weightiest(findings)] if findings else ":white_check_mark:"
    blocks = [f"{MARK}\n### {symbol} Migrations: {verdict}"]
    if findings:
        blocks.append(_table(findings))
    blocks.append("\n".join(f"{_inline(line)}  " for line in summary_lines(report)))
    if findings:
        blocks.append(_details(findings))
    return "\n\n".join(blocks)


def _weightiest(findings: tuple[Finding, ...]) -> Severity:
    found = {finding.severity for finding in findings}
    return next(severity for severity in Severity if severity in found)


def _table(findings: tuple[Finding, ...]) -> str:
    rows = ["| | rule | where | what |", "|---|---|---|---|"]
    rows += [
        f"| {_SYMBOLS[finding.severity]} | {_inline(finding.rule)} | {_inline(finding.where)} | "
        f"{_inline(finding.message)} |"
        for finding in findings[:_MOST_ROWS]
    ]
    if len(findings) > _MOST_ROWS:
        rows.append(f"| | | | and {len(findings) - _MOST_ROWS} more |")
    return "\n".join(rows)


def _details(findings: tuple[Finding, ...]) -> str:
    text = findings_as_text(findings)
    if len(text) > _LONGEST_DETAILS:
        text = f"{text[:_LONGEST_DETAILS]}\n... (cut here)"
    return f"<details><summary>Causes and remedies</summary>\n\n<pre>{html.escape(text)}</pre>\n\n</details>"


def _inline(text: str) -> str:
    """Text that stays itself in a cell: no markup, no mention of a person, no end of the row."""
    escaped = html.escape(" ".join(text.split()), quote=False)
    for character in "\\`*_[]|~#":
        escaped = escaped.replace(character, f"\\{character}")
    return escaped.replace("@", "@<!-- -->")
