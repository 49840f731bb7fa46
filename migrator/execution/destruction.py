"""What a plan destroys, and what a protected profile has to say to that: pure decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeAlias

from migrator.chain.model import Direction
from migrator.database.estimates import Estimates, TableName
from migrator.errors import Refused
from migrator.execution.policy import CONFIRM

if TYPE_CHECKING:
    from migrator.chain.operations import Operation
    from migrator.execution.planning import Plan
    from migrator.profiles.model import Profile

_SHOWN: Final = 20

Ask: TypeAlias = Callable[[Refused], bool]
"""Shows a person why something would be refused, and gives their answer: whether it is meant all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """One operation of a plan by which rows or columns are lost."""

    revision: str
    place: str
    """``file:line``."""
    summary: str
    """Such as ``drop table users``."""
    table: TableName | None
    """None: it cannot be told."""

    def in_words(self, estimates: Estimates) -> str:
        """Such as ``migrations/versions/ae10.py:12: ae10: drop table users: users (about 1,200 rows)``."""
        size = f": {estimates.in_words(self.table)}" if self.table else ""
        return f"{self.place}: {self.revision}: {self.summary}{size}"


def table_of(operation: Operation) -> TableName | None:
    """The table that an operation is about, as far as the file tells."""
    return TableName(operation.table, operation.schema) if operation.table else None


def losses_of(
    plan: Plan, operations: Mapping[str, Sequence[Operation]], display: Callable[[str], str] = str
) -> tuple[Loss, ...]:
    """What a plan destroys, in its order.

    Args:
        plan: up or down.
        operations: of each revision of the plan, in its direction.
        display: makes of a path what people are shown.

    """
    return tuple(
        Loss(
            revision=revision.id,
            place=f"{display(revision.path)}:{operation.line}",
            summary=operation.summary,
            table=table_of(operation),
        )
        for revision in plan.steps
        for operation in operations.get(revision.id, ())
        if operation.destructive
    )


def agreement_to(plans: Sequence[Plan]) -> frozenset[tuple[str, str]]:
    """What somebody has agreed to who was shown these plans: each database with each revision."""
    return frozenset((plan.location, revision.id) for plan in plans for revision in plan.steps)


def objection(
    profile: Profile | None,
    plan: Plan,
    losses: Sequence[Loss],
    estimates: Callable[[], Estimates],
    *,
    agreed: AbstractSet[tuple[str, str]],
) -> Refused | None:
    """Why a protected profile refuses a plan: it goes back, or it destroys something that nobody has agreed to.

    Args:
        profile: None when the connection is ``env.py``'s own, which nothing protects.
        plan: for one database.
        losses: what it destroys.
        estimates: of the tables that are concerned; asked for only when there is an objection.
        agreed: what somebody has been shown and agreed to, see `agreement_to`.

    """
    if profile is None or not profile.protected:
        return None
    new = {revision.id for revision in plan.steps if (plan.location, revision.id) not in agreed}
    lost = [loss for loss in losses if loss.revision in new]
    if plan.direction is Direction.UPGRADE and not lost:
        return None
    if not new:
        return None
    what = "it refuses a downgrade" if plan.direction is Direction.DOWNGRADE else "it refuses a destructive plan"
    known = estimates()
    lines = [loss.in_words(known) for loss in lost]
    rest = len(lines) - _SHOWN
    return Refused(
        f"profile {profile.name!r} is protected: {what}",
        where=str(profile.path or "process environment"),
        state="nothing was run",
        remedy=CONFIRM,
        details=[*lines[:_SHOWN], *([f"and {rest} more"] if rest > 0 else [])],
    )
