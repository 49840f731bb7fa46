"""Reads what a plan would do and destroy: from the revision files, and from the catalog's own figures."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from typing import TYPE_CHECKING

from migrator.chain.model import Direction
from migrator.database.estimates import Estimates, read_estimates
from migrator.execution.destruction import Loss, losses_of
from migrator.execution.moves import PlannedMove
from migrator.execution.planning import Plan
from migrator.project import Project

if TYPE_CHECKING:
    from migrator.chain.operations import Operation


def operations_of(plan: Plan) -> dict[str, tuple[Operation, ...]]:
    """The operations of each revision of a plan, in its direction."""
    from migrator.chain.operations import read_operations

    found = {revision.id: read_operations(revision.path) for revision in plan.steps}
    upgrade = plan.direction is Direction.UPGRADE
    return {id_: each.upgrade if upgrade else each.downgrade for id_, each in found.items()}


def foresee(project: Project, plan: Plan) -> tuple[Loss, ...]:
    """What a plan would destroy, as its files tell."""
    return losses_of(plan, operations_of(plan), project.display)


def sizes_of(project: Project, planned: PlannedMove) -> Estimates:
    """The sizes of all tables that a move would take something from, see `estimate`."""
    return estimate(planned, [loss for plan in planned.plans for loss in foresee(project, plan)])


def estimate(planned: PlannedMove, losses: Sequence[Loss]) -> Estimates:
    """How many rows the tables have that a move would take something from, as far as the server knows at no cost.

    Nothing is known where ``env.py`` alone knows the way to the database, or leads to several.

    Args:
        planned: the move.
        losses: what it would destroy.

    """
    profile = planned.gathered.profile
    tables = {loss.table for loss in losses if loss.table is not None}
    if profile is None or len(planned.plans) != 1 or not tables:
        return Estimates()
    from migrator.database.connecting import connect

    try:
        with closing(connect(profile)) as connection:
            return read_estimates(connection, tables)
    except Exception:  # noqa: BLE001 - a figure that cannot be had is "unknown"; what matters is that the table is named
        return Estimates()
