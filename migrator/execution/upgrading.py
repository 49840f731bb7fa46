"""Upgrade and downgrade: gather, plan, act, and prove by reading that the database is where the plan said."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.chain.model import Direction
from migrator.database.patience import when_reachable
from migrator.database.state import DatabaseState
from migrator.errors import Unreachable, VerificationFailed
from migrator.execution import policy
from migrator.execution.gathering import Gathered, gather, gather_again
from migrator.execution.moves import MoveRequest, PlannedMove
from migrator.execution.planning import Plan, plan_move
from migrator.execution.results import Outcome, RunReport, StepResult
from migrator.project import Project

if TYPE_CHECKING:
    from migrator.database.lock.holding import HeldLock
    from migrator.events import Event, Listener
    from migrator.execution.destruction import Ask


def plan(project: Project, request: MoveRequest, listen: Listener = lambda _event: None) -> PlannedMove:
    """Read the databases, waiting for them as the profile says, and plan the move for each. Nothing is written.

    Raises:
        MigratorError: see `plan_move` and `gather`.

    """
    project.reading.require_sound()
    gathered = when_reachable(lambda: gather(project), limit=project.care.wait_for_db, listen=listen)
    return _planned(project, request, gathered)


def _planned(project: Project, request: MoveRequest, gathered: Gathered) -> PlannedMove:
    accepts = project.care.if_ahead != "fail"
    return PlannedMove(
        gathered=gathered,
        plans=tuple(
            plan_move(project.chain, state, request.direction, request.target, accepts_ahead=accepts)
            for state in gathered.states
        ),
    )


def move(
    project: Project, request: MoveRequest, planned: PlannedMove, listen: Listener, ask: Ask | None = None
) -> RunReport:
    """Run a planned move, alone: under the lock the databases are read and the move is planned again.

    Args:
        project: whose databases move.
        request: what was asked for.
        planned: what `plan` made of it.
        listen: gets the events.
        ask: asks a person whether what a protected profile refuses is meant; None: there is nobody to ask.

    Raises:
        Refused: the profile's policy forbids it, it would build over existing tables, or somebody moved the database
            meanwhile so that the target means something else now.
        LockNotObtained: another process is migrating.
        RunFailed: a revision failed; nothing was applied.
        PartlyApplied: a revision failed after others had been applied.
        VerificationFailed: afterwards the database was not where the plan said.

    """
    if planned.is_empty:
        return RunReport(outcome=Outcome.NOTHING_TO_DO, direction=request.direction, plans=planned.plans)
    from migrator.execution.permission import obtain_permission

    request = obtain_permission(project, request, planned, ask)
    locked, run_steps = _runner()
    with locked(project, planned.gathered, listen) as lock:
        planned = _planned_under(lock, project, request, planned)
        started = time.monotonic()
        steps: list[StepResult] = []
        if not planned.is_empty:
            invalid_before = _invalid_indexes(lock)
            run = run_steps(project, request, planned, lock, _collecting(steps, listen))
            if len(run) == len(planned.plans):
                planned = replace(planned, plans=tuple(run))
            verify(project, planned, lock)
            _require_no_new_invalid_index(lock, invalid_before)
        seconds = time.monotonic() - started
    if not steps:
        return RunReport(
            outcome=Outcome.NOTHING_TO_DO, direction=request.direction, plans=planned.plans, by_another=True
        )
    from migrator.events import RunFinished

    listen(RunFinished(applied=len(steps), seconds=seconds))
    return RunReport(
        outcome=Outcome.DONE, direction=request.direction, plans=planned.plans, steps=tuple(steps), seconds=seconds
    )


def _planned_under(lock: HeldLock, project: Project, request: MoveRequest, planned: PlannedMove) -> PlannedMove:
    """The plan from what the databases hold now that nobody else can move them."""
    from migrator.execution.half_applied import require_settled

    again = planned
    if planned.gathered.profile is not None:
        again = _planned(project, request, gather_again(project, planned.gathered, lock.connection))
    for before, now in zip(planned.plans, again.plans, strict=True):
        policy.require_same_meaning(before, now)
        if planned.gathered.profile is not None:
            require_settled(project, now)
    if not again.is_empty:
        from migrator.execution.permission import require_permission

        # Not before: where DDL is not transactional, tables without a version row may be another run's first half.
        require_permission(project, request, again)
    return again


def upgrade(project: Project, target: str = "heads", *, listen: Listener = lambda _event: None) -> RunReport:
    """Plan and run an upgrade in one call, for callers that have nothing to ask in between."""
    request = MoveRequest(direction=Direction.UPGRADE, target=target, confirmed=True)
    return move(project, request, plan(project, request), listen)


def verify(project: Project, planned: PlannedMove, lock: HeldLock) -> None:
    """Read the databases again and compare them with the plans.

    Raises:
        VerificationFailed: a database is not where its plan said.

    """
    found = gather_again(project, planned.gathered, lock.connection).states
    for each, state in zip(planned.plans, found, strict=True):
        if set(state.rows) != set(each.after):
            raise VerificationFailed(
                f"the run ended without an error, but the database is at {_named(state)} instead of "
                f"{', '.join(each.after) or 'base'}",
                where=state.location,
                state=f"version table holds {_named(state)}",
                remedy=(
                    "look for a COMMIT, ROLLBACK or session.commit() in env.py or in the revisions that were run; "
                    "then: migrator status"
                ),
            )


def _invalid_indexes(lock: HeldLock) -> frozenset[str]:
    """Indexes that the server does not use, because a concurrent build of them did not end."""
    from migrator.database.probes import invalid_indexes

    try:
        return frozenset() if lock.connection is None else frozenset(invalid_indexes(lock.connection))
    except Unreachable:
        # The lock's session has ended with the last revision; what was done is told all the same.
        return frozenset()


def _require_no_new_invalid_index(lock: HeldLock, before: frozenset[str]) -> None:
    new = sorted(_invalid_indexes(lock) - before)
    if new:
        raise VerificationFailed(
            f"the run ended without an error, but left an index that the server does not use: {', '.join(new)}",
            state="all revisions were applied",
            remedy=f"DROP INDEX CONCURRENTLY {new[0]}, then build it again",
        )


def _named(state: DatabaseState) -> str:
    return ", ".join(state.rows) or "base"


def _collecting(steps: list[StepResult], listen: Listener) -> Listener:
    from migrator.events import StepFinished, StepStarted

    docs: dict[str, str] = {}

    def collect(event: Event) -> None:
        if isinstance(event, StepStarted):
            docs[event.revision] = event.doc
        elif isinstance(event, StepFinished):
            steps.append(StepResult(revision=event.revision, doc=docs[event.revision], seconds=event.seconds))
        listen(event)

    return collect


def _runner() -> tuple[
    Callable[[Project, Gathered, Listener], AbstractContextManager[HeldLock]],
    Callable[[Project, MoveRequest, PlannedMove, HeldLock, Listener], list[Plan]],
]:
    """Imported only when there is something to run: it brings Alembic and SQLAlchemy with it."""
    from migrator.execution.locking import locked
    from migrator.execution.stepping import run_steps

    return locked, run_steps
