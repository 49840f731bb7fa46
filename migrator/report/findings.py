"""Findings as text and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from migrator.findings import Finding, Severity


def findings_as_text(findings: Sequence[Finding]) -> str:
    """Each finding with its place, cause and remedy; a count at the end.

    A cause or remedy that an earlier finding of the same rule gave in the same words is not repeated.
    """
    said: set[tuple[str, str]] = set()
    blocks = ["\n".join(_lines(finding, said)) for finding in findings]
    if findings:
        blocks.append(count_line(findings))
    return "\n".join(blocks)


def _lines(finding: Finding, said: set[tuple[str, str]]) -> list[str]:
    place = f"{finding.where}: " if finding.where else ""
    lines = [f"{place}{finding.severity.value}[{finding.rule}] {finding.message}"]
    for label, text in (("why", finding.cause), ("see", "\n".join(finding.related)), ("fix", finding.remedy)):
        if text and (finding.rule, text) not in said:
            said.add((finding.rule, text))
            first, *rest = text.splitlines()
            lines += [f"    {label}: {first}", *(f"         {line}" for line in rest)]
    return lines


def count_line(findings: Sequence[Finding]) -> str:
    """Such as ``2 errors, 1 warning``."""
    counts = Counter(finding.severity for finding in findings)
    return ", ".join(
        f"{counts[severity]} {severity.value}{'s' if counts[severity] != 1 else ''}"
        for severity in Severity
        if counts[severity]
    )


def finding_as_dict(finding: Finding) -> dict[str, object]:
    """A finding as JSON sees it."""
    return {**asdict(finding), "severity": finding.severity.value, "related": list(finding.related)}
