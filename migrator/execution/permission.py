"""Asks for what a policy refuses: a person beforehand, and nobody once the lock is held."""

from __future__ import annotations

from dataclasses import replace

from migrator.errors import Refused
from migrator.execution import policy
from migrator.execution.destruction import Ask, agreement_to, objection
from migrator.execution.foresight import estimate, foresee, operations_of
from migrator.execution.kill_policy import require_killing_allowed
from migrator.execution.moves import MoveRequest, PlannedMove
from migrator.execution.planning import Plan
from migrator.project import Project


def obtain_permission(project: Project, request: MoveRequest, planned: PlannedMove, ask: Ask | None) -> MoveRequest:
    """Have a plan that a protected profile refuses agreed to, before the lock that others would wait for.

    Args:
        project: whose database moves.
        request: what was asked for.
        planned: what would be done.
        ask: asks a person; None: there is nobody, which means no.

    Returns:
        The request with what was agreed to.

    Raises:
        Refused: without ``--yes``, and without somebody who says yes.

    """
    require_killing_allowed(project.profile, request)
    if request.confirmed or project.profile is None or not project.profile.protected:
        return request
    agreed = request.agreed
    for plan in planned.plans:
        refused = _objection(project, planned, plan, agreed)
        if refused is None:
            continue
        if ask is None:
            raise refused
        if not ask(refused):
            raise Refused("the answer was no", where=refused.where, state=refused.state, remedy=refused.remedy)
        agreed |= agreement_to([plan])
    return replace(request, agreed=agreed)


def _objection(
    project: Project, planned: PlannedMove, plan: Plan, agreed: frozenset[tuple[str, str]]
) -> Refused | None:
    losses = foresee(project, plan)
    return objection(project.profile, plan, losses, lambda: estimate(planned, losses), agreed=agreed)


def require_permission(project: Project, request: MoveRequest, planned: PlannedMove) -> None:
    """Apply the policy to what will be run now: nothing that nobody agreed to, nothing over existing tables.

    Raises:
        Refused: without ``--yes``.

    """
    if request.confirmed:
        return
    protected = project.profile is not None and project.profile.protected
    for plan, state in zip(planned.plans, planned.gathered.states, strict=True):
        if protected and (refused := _objection(project, planned, plan, request.agreed)):
            raise refused
        if state.tables:
            policy.require_tables_free(plan, state, operations_of(plan))
