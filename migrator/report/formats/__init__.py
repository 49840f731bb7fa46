"""A check in the formats that other programs read: GitHub's commands, SARIF, JUnit, Markdown. Pure functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.verification.checking.report import CheckReport


def check_in_format(report: CheckReport, name: str) -> str:
    """A check as the text of one of the formats that ``migrator check --format`` takes."""
    return _renderer(name)(report)


def _renderer(name: str) -> Callable[[CheckReport], str]:
    from migrator.report.checks import check_as_json, check_as_text
    from migrator.report.formats.github import check_as_github
    from migrator.report.formats.junit import check_as_junit
    from migrator.report.formats.markdown import check_as_markdown
    from migrator.report.formats.sarif import check_as_sarif

    renderers: Mapping[str, Callable[[CheckReport], str]] = {
        "text": check_as_text,
        "json": check_as_json,
        "github": check_as_github,
        "sarif": check_as_sarif,
        "junit": check_as_junit,
        "markdown": check_as_markdown,
    }
    return renderers[name]
