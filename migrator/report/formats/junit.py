"""A check as JUnit XML: a test case for each part, and one for each revision that made its round trip."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from migrator.findings import Finding, Severity
from migrator.report.findings import findings_as_text
from migrator.report.formats.places import repository_path

if TYPE_CHECKING:
    from migrator.verification.checking.report import CheckedPart, CheckReport

_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, escaped or not."""


def check_as_junit(report: CheckReport) -> str:
    """One suite; notices do not fail a case, and what was not checked is skipped with its reason."""
    cases = [case for part in report.parts for case in _cases(part, report.folder)]
    failed = sum("<failure" in case for case in cases)
    skipped = sum("<skipped" in case for case in cases)
    seconds = sum(part.seconds for part in report.parts)
    counts = f'tests="{len(cases)}" failures="{failed}" errors="0" skipped="{skipped}" time="{seconds:.3f}"'
    return "\n".join(
        (
            '<?xml version="1.0" encoding="UTF-8"?>',
            f'<testsuites name="migrator check" {counts}>',
            f'<testsuite name="migrator check" {counts}>',
            *cases,
            "</testsuite>",
            "</testsuites>",
        )
    )


def _cases(part: CheckedPart, folder: str) -> Iterator[str]:
    of_revisions = {finding for verdict in part.verdicts for finding in verdict.findings}
    own = [finding for finding in part.findings if finding not in of_revisions]
    yield _case(f"migrator.{part.part.value}", part.title, own, part.seconds, skipped=part.not_checked, folder=folder)
    for verdict in part.verdicts:
        yield _case(
            f"migrator.{part.part.value}",
            f"{verdict.revision} {verdict.title}".rstrip(),
            verdict.findings,
            verdict.seconds,
            skipped=verdict.not_reached,
            folder=folder,
            at=verdict.path,
        )


def _case(
    class_name: str,
    name: str,
    findings: Sequence[Finding],
    seconds: float,
    *,
    folder: str,
    skipped: str | None = None,
    at: str | None = None,
) -> str:
    first = at or next((finding.path for finding in findings if finding.path), None)
    file = repository_path(Finding(rule="", severity=Severity.NOTICE, message="", path=first), folder)
    attributes = {"classname": class_name, "name": name, "time": f"{seconds:.3f}", "file": file}
    head = " ".join(f"{key}={quoteattr(_clean(value))}" for key, value in attributes.items() if value is not None)
    body = _body(findings, skipped)
    return f"<testcase {head}>{body}</testcase>" if body else f"<testcase {head}/>"


def _body(findings: Sequence[Finding], skipped: str | None) -> str:
    weighty = [finding for finding in findings if finding.severity is not Severity.NOTICE]
    notices = [finding for finding in findings if finding.severity is Severity.NOTICE]
    body = f"<skipped message={quoteattr(_clean(skipped))}/>" if skipped else ""
    if weighty:
        more = f" (and {len(weighty) - 1} more)" if len(weighty) > 1 else ""
        message = quoteattr(_clean(weighty[0].message + more))
        text = escape(_clean(findings_as_text(weighty)))
        body += f'<failure message={message} type="{weighty[0].rule}">{text}</failure>'
    if notices:
        body += f"<system-out>{escape(_clean(findings_as_text(notices)))}</system-out>"
    return body


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
