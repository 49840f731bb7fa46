"""What a run was: each step's outcome and the conclusion."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from migrator.chain.model import Direction
from migrator.execution.planning import Plan


class Outcome(StrEnum):
    """How a run ended."""

    NOTHING_TO_DO = "nothing to do"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResult:
    """One revision that was run and committed."""

    revision: str
    doc: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """A run that ended as planned; one that did not is an error instead."""

    outcome: Outcome
    direction: Direction
    plans: tuple[Plan, ...]
    """One for each database or schema that ``env.py`` led to."""
    steps: tuple[StepResult, ...] = ()
    seconds: float = 0.0
    by_another: bool = False
    """There was something to do, but another process had done it when this one got the lock."""

    @property
    def before(self) -> tuple[str, ...]:
        """Version rows before the run."""
        return self.plans[0].before if self.plans else ()

    @property
    def after(self) -> tuple[str, ...]:
        """Version rows after the run, as read from the database."""
        return self.plans[0].after if self.plans else ()
