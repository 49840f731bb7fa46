"""Whether there is time left for another revision: pure decisions on the clock and on what is known of past runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from migrator.chain.model import Direction, Revision
from migrator.errors import PartlyApplied, RunFailed
from migrator.execution.planning import Plan
from migrator.execution.policy import is_relative

UNKNOWN: Final = 1.0
"""Seconds that a revision is taken to need where nothing at all is known of former runs."""
_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a run must have ended, and how long revisions take in this database."""

    seconds: float | None
    """After the command's start; None: there is no hurry."""
    past: Mapping[str, float] = field(default_factory=dict)
    """Longest former run of each revision in the direction of this run, in seconds."""

    def expected(self, revision: str) -> float:
        """Seconds that a revision is expected to take.

        That is its own longest former run in this database, else the median of all revisions that ran here, else
        one second. It is a guess: what turns out to take longer is not stopped.
        """
        if revision in self.past:
            return self.past[revision]
        known = sorted(self.past.values())
        return known[len(known) // 2] if known else UNKNOWN

    def allows(self, revision: str, *, elapsed: float) -> bool:
        """Whether a revision may start so many seconds after the command did."""
        return self.seconds is None or elapsed + self.expected(revision) <= self.seconds


def out_of_time(
    deadline: Deadline,
    plan: Plan,
    left: Sequence[Revision],
    *,
    elapsed: float,
    applied: Sequence[str],
    env_option: str = "",
) -> PartlyApplied | RunFailed:
    """The error that ends a run before a revision which would not be done in time.

    Args:
        deadline: what does not allow it.
        plan: of the database at hand.
        left: the revisions of the plan that have not been run, that one first.
        elapsed: seconds since the command began.
        applied: what this run has done already, in its order.
        env_option: such as `` --env prod``, for the command to type next.

    Returns:
        `PartlyApplied` where something was done, else `RunFailed`.

    """
    limit, next_ = deadline.seconds or 0.0, left[0]
    done = "reverted" if plan.direction is Direction.DOWNGRADE else "applied"
    names = [f"not run: {revision.id} {revision.title}".rstrip() for revision in left]
    # What was given, and what is left on top of it: waiting for a server or a lock takes its share again.
    longer = math.ceil(limit + sum(deadline.expected(revision.id) for revision in left))
    kind = PartlyApplied if applied else RunFailed
    return kind(
        f"no time for {next_.id} ({next_.title or 'no message'}): it is expected to take "
        f"{deadline.expected(next_.id):.1f} s, and {elapsed:.1f} s of the deadline of {limit:.1f} s are over",
        state=f"{len(applied) or 'nothing'} {done}, {len(left)} left; no revision was cut",
        remedy=f"migrator {plan.direction.value} {_goal(plan, applied)}{env_option} --deadline {longer}s",
        details=names if len(names) <= _SHOWN else [*names[:_SHOWN], f"and {len(names) - _SHOWN} more"],
    )


def _goal(plan: Plan, applied: Sequence[str]) -> str:
    """The target for the rest of the way: ``+3`` would go further from where the run has come to."""
    if not applied or not is_relative(plan.target) or len(plan.after) > 1:
        return plan.target
    return plan.after[0] if plan.after else "base"
