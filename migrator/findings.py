"""What any check has to say: rules, findings and their severities."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Severity(StrEnum):
    """How much a finding weighs; only ``ERROR`` makes a chain unusable."""

    ERROR = "error"
    WARNING = "warning"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleInfo:
    """A rule as data: what it looks for, why it matters and what to do instead."""

    id: str
    """Stable name, kebab-case, such as ``unknown-parent``."""
    severity: Severity
    summary: str
    """What the rule finds, one sentence."""
    why: str
    """What happens when it is ignored."""
    remedy: str
    """What to write or type instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that a check saw, at one place."""

    rule: str
    """Id of the rule that found it."""
    severity: Severity
    message: str
    """What is wrong here, with the names of this case."""
    path: str | None = None
    """File, relative to the project's root when it lies below it."""
    line: int | None = None
    """Line in that file, counted from 1."""
    revision: str | None = None
    cause: str | None = None
    """Why it is wrong, or what it leads to."""
    remedy: str | None = None
    """What to type or write next, ready to paste."""
    related: tuple[str, ...] = field(default=())
    """Further places, ``file:line`` each."""

    @property
    def where(self) -> str:
        """``file:line`` as editors and terminals understand it, or an empty string."""
        if self.path is None:
            return ""
        return self.path if self.line is None else f"{self.path}:{self.line}"
