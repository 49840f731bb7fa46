"""A rule applied to one case."""

from __future__ import annotations

from migrator.findings import Finding, RuleInfo, Severity


def judge(
    rule: RuleInfo,
    message: str,
    *,
    path: str | None = None,
    line: int | None = None,
    revision: str | None = None,
    severity: Severity | None = None,
    cause: str | None = None,
    remedy: str | None = None,
    related: tuple[str, ...] = (),
) -> Finding:
    """A finding of a rule; severity, cause and remedy are the rule's own unless this case has better ones."""
    return Finding(
        rule=rule.id,
        severity=severity or rule.severity,
        message=message,
        path=path,
        line=line,
        revision=revision,
        cause=cause or rule.why,
        remedy=remedy or rule.remedy,
        related=related,
    )
