"""Findings as a person reads them."""

from __future__ import annotations

from migrator.findings import Finding, Severity
from migrator.report.findings import findings_as_text


def finding(line: int, remedy: str) -> Finding:
    return Finding(
        rule="downgrade-empty",
        severity=Severity.NOTICE,
        message=f"revision {line} cannot be taken back",
        path="versions/a.py",
        line=line,
        cause="A downgrade succeeds and changes nothing.",
        remedy=remedy,
        related=("versions/b.py:1", "versions/c.py:2"),
    )


def test_what_was_said_once_is_not_said_again() -> None:
    text = findings_as_text([finding(1, "write it"), finding(2, "write it"), finding(3, "write it\nfor revision 3")])
    assert text == (
        "versions/a.py:1: notice[downgrade-empty] revision 1 cannot be taken back\n"
        "    why: A downgrade succeeds and changes nothing.\n"
        "    see: versions/b.py:1\n"
        "         versions/c.py:2\n"
        "    fix: write it\n"
        "versions/a.py:2: notice[downgrade-empty] revision 2 cannot be taken back\n"
        "versions/a.py:3: notice[downgrade-empty] revision 3 cannot be taken back\n"
        "    fix: write it\n"
        "         for revision 3\n"
        "3 notices"
    )
