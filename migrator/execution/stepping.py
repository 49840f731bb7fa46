"""Runs the steps of a plan through ``env.py`` and says, when one fails, what the database holds now."""

from __future__ import annotations

import time
import traceback
from collections.abc import Iterable
from dataclasses import dataclass, field

from migrator.chain.model import Direction, Revision
from migrator.database.lock.holding import HeldLock
from migrator.database.state import DatabaseState
from migrator.errors import ConfigurationError, MigratorError, PartlyApplied, RunFailed
from migrator.events import Listener, RunStarted, StepFailed, StepFinished, StepStarted
from migrator.execution import policy
from migrator.execution.adapter.environment import MigrationContext, MigrationStep
from migrator.execution.adapter.reading import state_of
from migrator.execution.adapter.running import EnvironmentRun, run_environment
from migrator.execution.adapter.steps import step_of
from migrator.execution.adapter.translation import cause_in_words, kind_and_cause
from migrator.execution.gathering import bind, gather
from migrator.execution.locking import VisitLocks
from migrator.execution.planning import Plan, plan_move
from migrator.execution.upgrading import MoveRequest, PlannedMove
from migrator.project import Project


@dataclass
class Progress:
    """How far the run has come; read when it ends early."""

    plans: list[Plan] = field(default_factory=list)
    running: Revision | None = None
    finished: list[str] = field(default_factory=list)
    started: float = 0.0
    transactional: bool = True
    """Whether the database takes back what a failed revision changed."""


def run_steps(
    project: Project, request: MoveRequest, planned: PlannedMove, lock: HeldLock, listen: Listener
) -> list[Plan]:
    """Run every step; the plan is made again from what each database holds when its turn comes.

    Returns:
        The plan of each database, as it was run.

    Raises:
        RunFailed, PartlyApplied: a revision failed, or the lock was lost on the way.
        ConfigurationError: ``env.py`` ended without running anything.

    """
    upgrade = request.direction is Direction.UPGRADE
    progress = Progress()
    total = sum(len(each.steps) for each in planned.plans)
    listen(RunStarted(direction=request.direction, steps=total))
    visits = VisitLocks(project, lock, listen)

    def work(_heads: tuple[str, ...], context: MigrationContext) -> Iterable[MigrationStep]:
        plan = _plan_for(project, request, planned, state_of(context))
        progress.plans.append(plan)
        progress.transactional = context.impl.transactional_ddl
        for revision in plan.steps:
            visits.current.require(progress.finished)
            progress.running, progress.started = revision, time.monotonic()
            number = len(progress.finished) + 1
            listen(
                StepStarted(
                    revision=revision.id,
                    doc=revision.title,
                    number=number,
                    steps=max(total, number),
                    direction=request.direction,
                )
            )
            yield step_of(context, revision, upgrade=upgrade, others_follow=revision is not plan.steps[-1])
            progress.running = None
            progress.finished.append(revision.id)
            listen(
                StepFinished(
                    revision=revision.id,
                    number=number,
                    steps=max(total, number),
                    seconds=time.monotonic() - progress.started,
                )
            )

    profile = planned.gathered.profile
    run = EnvironmentRun(
        work=work,
        moves_along_chain=True,
        binding=bind(project, profile, lock.connection) if profile is not None else None,
        lock=visits.lock if profile is None else None,
        context_options={"destination_rev": request.target, "tag": request.tag},
        command_options={"revision": request.target, "tag": request.tag, "sql": False},
    )
    try:
        run_environment(project, run)
    except MigratorError:
        raise
    except Exception as error:
        if progress.running is None:
            raise
        listen(_failed(progress, total, error))
        raise _failure(project, progress, error, request.direction) from error
    if not progress.plans:
        raise ConfigurationError(
            "env.py ended without calling context.run_migrations(): no revision was run",
            where=project.display(str(project.layout.script_location / "env.py")),
            state="nothing was applied",
            remedy="call context.configure(connection=...) and context.run_migrations() in env.py",
        )
    return progress.plans


def _plan_for(project: Project, request: MoveRequest, planned: PlannedMove, state: DatabaseState) -> Plan:
    """The plan that was shown, or a new one where the database has moved since it was made."""
    for plan in planned.plans:
        if plan.before == state.rows and (plan.location == state.location or len(planned.plans) == 1):
            return plan
    accepts = project.care.if_ahead != "fail"
    plan = plan_move(project.chain, state, request.direction, request.target, accepts_ahead=accepts)
    if len(planned.plans) == 1:
        policy.require_same_meaning(planned.plans[0], plan)
    return plan


def _failed(progress: Progress, total: int, error: Exception) -> StepFailed:
    assert progress.running is not None  # noqa: S101 - the caller has looked
    return StepFailed(
        revision=progress.running.id,
        number=len(progress.finished) + 1,
        steps=total,
        reason=cause_in_words(error),
    )


def _failure(project: Project, progress: Progress, error: Exception, direction: Direction) -> MigratorError:
    """The error for a revision that raised, with what the database says of itself now."""
    revision = progress.running
    assert revision is not None  # noqa: S101 - the caller has looked
    try:
        rows: tuple[str, ...] | None = gather(project).state.rows
    except MigratorError:
        rows = None
    before = progress.plans[0].before
    moved = rows is not None and set(rows) != set(before)
    kind = PartlyApplied if moved else RunFailed
    now = "could not be read" if rows is None else f"version table holds {', '.join(rows) or 'no row'}"
    done = f"; {len(progress.finished)} of {len(progress.plans[0].steps)} revisions were applied" if moved else ""
    return kind(
        f"{direction.value} of {revision.id} ({revision.title or 'no message'}) failed: {kind_and_cause(error)}",
        where=_line_in_revision(project, revision, error),
        state=f"{now}{done}; {_left_by(revision, progress)}",
        remedy=f"correct the revision or the data, then run the same command again; to see the plan: "
        f"migrator {direction.value} {progress.plans[0].target} --dry-run",
    )


def _line_in_revision(project: Project, revision: Revision, error: Exception) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == revision.path]
    place = project.display(revision.path)
    return f"{place}:{lines[-1]}" if lines else place


def _left_by(revision: Revision, progress: Progress) -> str:
    if not progress.transactional:
        return (
            f"this database does not take schema changes back: what {revision.id} did before that statement may still "
            "be there"
        )
    return f"the transaction of {revision.id} was rolled back{_outside(revision)}"


def _outside(revision: Revision) -> str:
    """A warning for a revision that ran statements outside of its transaction."""
    with open(revision.path, "rb") as file:  # noqa: PTH123
        source = file.read()
    if b"autocommit_block" in source or b"CONCURRENTLY" in source.upper():
        return ", but what it ran outside of it (autocommit_block) stays"
    return ""
