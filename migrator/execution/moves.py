"""A move as it was asked for and as it is planned, before anything has been run."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from migrator.chain.model import Direction
from migrator.execution.gathering import Gathered
from migrator.execution.planning import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveRequest:
    """What the user asked for."""

    direction: Direction
    target: str
    confirmed: bool = False
    """``--yes``: what a policy would refuse or ask about is meant."""
    tag: str | None = None
    kill_blockers: float | None = None
    """Seconds after which a transaction that is in the way of a lock is ended; None: never."""
    agreed: frozenset[tuple[str, str]] = frozenset()
    """What a person was asked about and agreed to: each database with each revision."""
    began: float = field(default_factory=time.monotonic, compare=False)
    """When the command began, by `time.monotonic`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMove:
    """A plan for each database that the project leads to; nothing has been run."""

    gathered: Gathered
    plans: tuple[Plan, ...]

    @property
    def is_empty(self) -> bool:
        """Whether every database is at the goal already, and nothing of it was cut half way."""
        return not any(plan.steps or plan.cut for plan in self.plans)
