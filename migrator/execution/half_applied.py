"""A revision that was cut half way and cannot be finished by itself: what is said, and how a person settles it."""

from __future__ import annotations

from migrator.database.ledger.journal import CutRevision
from migrator.errors import PartlyApplied
from migrator.execution.planning import Plan
from migrator.project import Project

_SHOWN = 10


class CannotGoOn(Exception):
    """A revision that was cut half way cannot be gone on with; the message says why."""


def half_applied(
    project: Project, cut: CutRevision, message: str, *, where: str | None = None, first: str = "", held: str = ""
) -> PartlyApplied:
    """The error for a half-applied revision, with its statements and the two commands that settle it.

    Args:
        project: whose revision it is.
        cut: what the journal has of it.
        message: what happened.
        where: file and line, or database.
        first: what to try before settling it by hand.
        held: what the version table holds, in words.

    """
    env = project.env_option
    counted = "applied" if cut.direction == "upgrade" else "reverted"
    return PartlyApplied(
        message,
        where=where,
        state=f"{f'{held}; ' if held else ''}{cut.revision} is half applied: {len(cut.done)} of its statements took "
        f"effect outside of its last transaction, {len(cut.doubtful)} are in doubt; the version table does not count "
        f"it as {counted}",
        remedy=(
            f"{first}bring the schema by hand to where the revision ends, then: "
            f"migrator resolve {cut.revision} --{_ENDS[cut.direction]}{env}; or back to where it began, then: "
            f"migrator resolve {cut.revision} --{_BEGAN[cut.direction]}{env}"
        ),
        details=[
            *(f"done: {statement}" for statement in cut.done[:_SHOWN]),
            *([f"done: {len(cut.done) - _SHOWN} more"] if len(cut.done) > _SHOWN else []),
            *(f"in doubt: {statement}" for statement in cut.doubtful),
        ],
    )


def require_settled(project: Project, plan: Plan) -> None:
    """Refuse a plan that does not finish a revision which was cut half way; asked under the lock.

    Raises:
        PartlyApplied: such a revision is not among the plan's steps, or goes the other way.

    """
    planned = {revision.id for revision in plan.steps}
    for cut in plan.cut:
        if cut.revision not in planned or cut.direction != plan.direction.value:
            raise half_applied(
                project,
                cut,
                f"the {cut.direction} of {cut.revision} was cut half way, and {plan.direction.value} to {plan.target} "
                "does not finish it",
                where=plan.location,
                first=f"{_finishing(project, cut)}; or ",
            )


def found_half_applied(project: Project, cut: CutRevision) -> PartlyApplied:
    """What to say of a half-applied revision that nobody is working on."""
    message = f"the {cut.direction} of {cut.revision} was cut half way"
    return half_applied(project, cut, message, first=f"{_finishing(project, cut)}; or ")


def _finishing(project: Project, cut: CutRevision) -> str:
    """What to type so that a revision is gone on with, where that can be done."""
    target = cut.revision
    if cut.direction != "upgrade":
        known = project.reading.chain.revisions.get(cut.revision)
        target = known.parents[0] if known is not None and known.parents else "base"
    return f"finish it: migrator {cut.direction} {target}{project.env_option}"


_ENDS = {"upgrade": "applied", "downgrade": "reverted"}
_BEGAN = {"upgrade": "reverted", "downgrade": "applied"}
