"""What is to be verified, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migrator.errors import ExitCode
from migrator.findings import Finding, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyRequest:
    """Which revisions are to make a round trip; with nothing said, all of them.

    Several wishes together mean the revisions that fit any of them.
    """

    since: str | None = None
    """Git ref: the revisions that it does not have, or has with another meaning."""
    last: int | None = None
    """So many at the end of the order in which an upgrade applies them."""
    only: tuple[str, ...] = ()
    """Ids as typed: partial ones and symbols too."""
    with_data: bool = True
    """Whether the tables hold rows meanwhile."""


class Outcome(StrEnum):
    """How the round trip of a revision ended."""

    EXACT = "exact"
    """Down led to where it began, up again to where up had led."""
    FAULTY = "faulty"
    """Something was found that is more than a notice."""
    ONE_WAY = "one-way"
    """It declares that there is no way back, or the project's policy does: only up was tried."""
    NOT_REACHED = "not reached"
    """It stands on a revision whose upgrade fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds of one round trip; None for what was not run."""

    up: float | None = None
    down: float | None = None
    again: float | None = None
    total: float = 0.0
    """With the looking at the schema and the rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What the round trip of one revision showed."""

    revision: str
    title: str
    path: str
    """As findings show it."""
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    reason: str | None = None
    """Of a one-way revision, why; of one that was not reached, what is in the way."""
    timing: Timing = Timing()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyReport:
    """What all round trips showed."""

    revisions: int
    """How many the chain has."""
    verdicts: tuple[Verdict, ...]
    """Of the revisions that were chosen, in the order in which an upgrade applies them."""
    beside: tuple[Finding, ...] = ()
    """Findings on revisions that were not chosen, but had to be applied."""
    server: str = ""
    with_data: bool = False
    unfilled: tuple[str, ...] = ()
    """What could not be filled with rows, each with the reason."""
    rebuilt: int = 0
    """How often the state had to be built anew, since a defect had spoiled it."""
    seconds: float = 0.0

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All findings."""
        return (*self.beside, *(finding for verdict in self.verdicts for finding in verdict.findings))

    @property
    def exit_code(self) -> ExitCode:
        """9 as soon as one finding is more than a notice."""
        weighty = any(finding.severity is not Severity.NOTICE for finding in self.findings)
        return ExitCode.VERIFICATION if weighty else ExitCode.DONE
