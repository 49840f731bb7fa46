"""Findings as text and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict

from migrator.findings import Finding, Severity


def findings_as_text(findings: Sequence[Finding]) -> str:
    """Each finding with its place, cause and remedy; a count at the end."""
    blocks = ["\n".join(_lines(finding)) for finding in findings]
    if findings:
        blocks.append(count_line(findings))
    return "\n".join(blocks)


def _lines(finding: Finding) -> list[str]:
    place = f"{finding.where}: " if finding.where else ""
    lines = [f"{place}{finding.severity.value}[{finding.rule}] {finding.message}"]
    if finding.cause:
        lines.append(f"    why: {finding.cause}")
    lines += [f"    see: {place}" for place in finding.related]
    if finding.remedy:
        lines += [
            f"    fix: {line}" if not number else f"         {line}"
            for number, line in enumerate(finding.remedy.splitlines())
        ]
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
