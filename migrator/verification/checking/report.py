"""What a check looked at, what it found there, and what it could not look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from migrator.errors import ExitCode
from migrator.findings import Finding, Severity


class Part(StrEnum):
    """One thing that a check looks at; the value names it in reports for programs."""

    CHAIN = "chain"
    BASE = "base"
    LEDGER = "ledger"
    MODELS = "models"
    ROUND_TRIPS = "round-trips"


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionVerdict:
    """What the round trip of one revision showed."""

    revision: str
    title: str
    """First line of its docstring; may be empty."""
    path: str
    """Its file, relative to the project's root when it lies below it."""
    findings: tuple[Finding, ...] = ()
    not_reached: str | None = None
    """Why it was not tried; None when it was."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPart:
    """One part of a check."""

    part: Part
    title: str
    """As people read it, such as ``models against history``."""
    findings: tuple[Finding, ...] = ()
    complete: bool = True
    """It was looked at as far as it goes; False where a finding says what ended it."""
    not_checked: str | None = None
    """Why nothing was looked at; None when it was."""
    kept_since: str | None = None
    """When this was found, ISO 8601, where nothing has changed since then; None: just now."""
    seconds: float = 0.0
    verdicts: tuple[RevisionVerdict, ...] = ()
    """One for each revision that was tried; empty for parts that try none."""
    notes: tuple[str, ...] = ()
    """What limits the answer, a line each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """All parts of a check."""

    revisions: int
    parts: tuple[CheckedPart, ...]
    exit_code: ExitCode = ExitCode.DONE
    folder: str = ""
    """The project's root as seen from the repository's; empty when they are the same."""

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What all parts found."""
        return tuple(finding for part in self.parts for finding in part.findings)

    @property
    def checked(self) -> tuple[str, ...]:
        """Titles of what was looked at."""
        return tuple(part.title for part in self.parts if part.not_checked is None and part.complete)

    @property
    def skipped(self) -> tuple[str, ...]:
        """What was not looked at, each reason once."""
        reasons: dict[str, list[str]] = {}
        for part in self.parts:
            if part.not_checked:
                reasons.setdefault(part.not_checked, []).append(part.title)
        return tuple(f"{', '.join(titles)}: {reason}" for reason, titles in reasons.items())


def exit_code_of(parts: Sequence[CheckedPart]) -> ExitCode:
    """4 for a chain that is none, 9 where a revision does not make its round trip, 1 for any other finding."""
    if any(part.part is Part.CHAIN and _weight(part) is Severity.ERROR for part in parts):
        return ExitCode.CHAIN
    weighty = [part for part in parts if _weight(part) in {Severity.ERROR, Severity.WARNING}]
    if any(part.part is Part.ROUND_TRIPS for part in weighty):
        return ExitCode.VERIFICATION
    return ExitCode.FINDINGS if weighty else ExitCode.DONE


def _weight(part: CheckedPart) -> Severity | None:
    found = {finding.severity for finding in part.findings}
    return next((severity for severity in Severity if severity in found), None)
