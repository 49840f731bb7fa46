"""Differences that a team lives with: ``[tool.migrator.drift] ignore``. Pure, reading the file aside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from migrator.chain.rules.models import DRIFT_STALE, DRIFT_WITHOUT_REASON
from migrator.chain.settings import tool_table
from migrator.database.snapshot.comparing import Difference
from migrator.errors import ConfigurationError
from migrator.findings import Finding, RuleInfo

_FILE: Final = "pyproject.toml"
_EXAMPLE: Final = '[tool.migrator.drift]\nignore = [{ object = "index public.tmp_*", reason = "..." }]'


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A pattern on objects whose differences are not drift."""

    object: str
    """Glob on kind and name, as messages show them: ``index public.tmp_*``."""
    reason: str = ""
    line: int = 1
    """Line of ``pyproject.toml``."""

    def fits(self, difference: Difference) -> bool:
        """Whether the pattern is about the object of a difference."""
        return fnmatchcase(str(difference.key), self.object)


def read_ignored(root: Path) -> tuple[Ignored, ...]:
    """Read the patterns of a project.

    Raises:
        ConfigurationError: an entry cannot be used as it is.

    """
    path = root / _FILE
    table = tool_table(path, "migrator").get("drift", {})
    entries = table.get("ignore", []) if isinstance(table, dict) else None
    unknown = sorted(set(table) - {"ignore"}) if isinstance(table, dict) else []
    if not isinstance(entries, list) or unknown or not all(_is_entry(each) for each in entries):
        raise ConfigurationError(
            f"[tool.migrator.drift] cannot be used as it is{f': unknown key {unknown[0]!r}' if unknown else ''}.",
            where=str(path),
            remedy=f"write it so: {_EXAMPLE}",
        )
    lines = path.read_text(encoding="utf-8").splitlines() if entries else []
    return tuple(Ignored(**each, line=_line_of(each["object"], lines)) for each in entries)


def _is_entry(entry: object) -> bool:
    if not isinstance(entry, dict) or "object" not in entry or set(entry) - {"object", "reason"}:
        return False
    return all(isinstance(value, str) for value in entry.values())


def _line_of(pattern: str, lines: Sequence[str]) -> int:
    return next((number for number, line in enumerate(lines, start=1) if f'"{pattern}"' in line), 1)


def first_fitting(patterns: Sequence[Ignored], difference: Difference) -> Ignored | None:
    """The pattern for whose sake a difference is left out."""
    return next((each for each in patterns if each.fits(difference)), None)


def findings_on(patterns: Sequence[Ignored], differences: Sequence[Difference]) -> tuple[Finding, ...]:
    """What is wrong with the patterns themselves, given everything that differs."""
    found = []
    for pattern in patterns:
        if not pattern.reason.strip():
            found.append(_finding(DRIFT_WITHOUT_REASON, pattern, f'"{pattern.object}" is ignored without a reason'))
        if not any(pattern.fits(each) for each in differences):
            found.append(_finding(DRIFT_STALE, pattern, f'nothing differs any more that fits "{pattern.object}"'))
    return tuple(found)


def _finding(rule: RuleInfo, pattern: Ignored, message: str) -> Finding:
    return Finding(
        rule=rule.id,
        severity=rule.severity,
        message=message,
        path=_FILE,
        line=pattern.line,
        cause=rule.why,
        remedy=rule.remedy,
    )
