"""Runs the steps of a plan through ``env.py``, one after the other, and tells what happens."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import replace

from migrator.chain.model import Direction, Revision
from migrator.database.connecting import watching
from migrator.database.keepalive import keepalive_of
from migrator.database.ledger.concluding import conclude_interrupted
from migrator.database.lock.holding import HeldLock
from migrator.database.state import DatabaseState
from migrator.errors import MigratorError
from migrator.events import Listener, RunStarted, StepFailed, StepFinished, StepStarted
from migrator.execution import policy
from migrator.execution.adapter.conduct import Conduct
from migrator.execution.adapter.connections import connection_of, settle
from migrator.execution.adapter.environment import MigrationContext, MigrationStep
from migrator.execution.adapter.reading import durations_of, state_of
from migrator.execution.adapter.recording import RunStart
from migrator.execution.adapter.running import EnvironmentRun, run_environment
from migrator.execution.adapter.siblings import sibling_of
from migrator.execution.adapter.sqlite import takes_back
from migrator.execution.adapter.steps import compiled_ahead, step_of
from migrator.execution.adapter.translation import cause_in_words, nothing_run
from migrator.execution.deadline import Deadline, out_of_time
from migrator.execution.failing import Progress, failure_of, interruption_of, lost_between
from migrator.execution.gathering import bind
from migrator.execution.half_applied import require_settled
from migrator.execution.locking import VisitLocks
from migrator.execution.moves import MoveRequest, PlannedMove
from migrator.execution.planning import Plan, plan_move
from migrator.interruption import ended_by_signal
from migrator.project import Project


def run_steps(
    project: Project, request: MoveRequest, planned: PlannedMove, lock: HeldLock, listen: Listener
) -> list[Plan]:
    """Run every step; the plan is made again from what each database holds when its turn comes.

    Returns:
        The plan of each database, as it was run.

    Raises:
        RunFailed, PartlyApplied: a revision failed, or the lock was lost on the way.
        Interrupted, Terminated: a signal ended the run.
        ConfigurationError: ``env.py`` ended without running anything.

    """
    steps = Stepper(project, request, planned, lock, listen)
    listen(RunStarted(direction=request.direction, steps=steps.total))
    try:
        run_environment(project, steps.environment_run(lock))
    except BaseException as error:
        signal = ended_by_signal(error)
        if signal is not None:
            conclude_interrupted(lock.connection, steps.conduct.recorded)
            raise interruption_of(project, steps.progress, signal, request.direction) from error
        if not isinstance(error, Exception) or isinstance(error, MigratorError):
            raise
        if steps.progress.running is None:
            raise lost_between(project, steps.progress, error) or error from error
        listen(steps.failed(error))
        raise failure_of(project, steps.progress, error, request.direction) from error
    if not steps.progress.plans:
        raise nothing_run(project)
    return steps.progress.plans


class Stepper:
    """Gives Alembic one step after the other. It opens no connection and writes nothing by itself."""

    def __init__(
        self, project: Project, request: MoveRequest, planned: PlannedMove, lock: HeldLock, listen: Listener
    ) -> None:
        self._project = project
        self._request = request
        self._planned = planned
        self._listen = listen
        self._locks = VisitLocks(project, lock, listen)
        self.progress = Progress()
        profile = planned.gathered.profile
        self.conduct = Conduct(
            care=project.care,
            start=self._run_start,
            listen=listen,
            ends_at=None if project.care.deadline is None else request.began + project.care.deadline,
            keepalive=keepalive_of({} if profile is None else profile.url_options),
            kill_blockers=request.kill_blockers,
            second_connection=sibling_of if profile is None else lambda _connection: watching(profile),
        )
        self.total = sum(len(each.steps) for each in planned.plans)

    def environment_run(self, lock: HeldLock) -> EnvironmentRun:
        """What ``env.py`` is to be run for."""
        request, profile = self._request, self._planned.gathered.profile
        return EnvironmentRun(
            work=self.work,
            conduct=self.conduct,
            binding=bind(self._project, profile, lock.connection) if profile is not None else None,
            lock=self._locks.lock if profile is None else None,
            context_options={"destination_rev": request.target, "tag": request.tag},
            command_options={"revision": request.target, "tag": request.tag, "sql": False},
        )

    def _run_start(self) -> RunStart:
        connection = self._locks.current.connection
        return RunStart(
            command=self._request.direction.value, session_id=None if connection is None else connection.session_id
        )

    def work(self, _heads: tuple[str, ...], context: MigrationContext) -> Iterable[MigrationStep]:
        """Yield the steps of the database at hand; whoever iterates has committed a step when asking for the next."""
        state = state_of(context, self._project)
        plan = replace(self._plan_for(state), cut=state.cut)
        require_settled(self._project, plan)
        self.progress.plans.append(plan)
        self.progress.takes_back = takes_back(context)
        self.progress.is_journaled = self._project.care.ledger and context.dialect.name != "sqlite"
        settle(connection_of(context))  # whoever listens may call hooks: no transaction is held open for them
        upgrade = self._request.direction is Direction.UPGRADE
        deadline = self._deadline(context)
        for number, revision in enumerate(compiled_ahead(context, plan.steps)):
            self._locks.current.require(self.progress.finished)
            self._require_time(deadline, plan, plan.steps[number:])
            self._begin(revision)
            yield step_of(context, revision, upgrade=upgrade, others_follow=revision is not plan.steps[-1])
            self._finish(revision)

    def _deadline(self, context: MigrationContext) -> Deadline:
        seconds = self._project.care.deadline
        return Deadline(
            seconds, {} if seconds is None else durations_of(context, self._project, self._request.direction)
        )

    def _require_time(self, deadline: Deadline, plan: Plan, left: Sequence[Revision]) -> None:
        elapsed = time.monotonic() - self._request.began
        if not deadline.allows(left[0].id, elapsed=elapsed):
            raise out_of_time(
                deadline,
                plan,
                left,
                elapsed=elapsed,
                applied=self.progress.finished,
                env_option=self._project.env_option,
            )

    def _begin(self, revision: Revision) -> None:
        self.progress.running = revision
        self._listen(
            StepStarted(
                revision=revision.id,
                doc=revision.title,
                number=self._number,
                steps=max(self.total, self._number),
                direction=self._request.direction,
            )
        )
        self.progress.started = time.monotonic()  # what listeners do before a revision is none of its time

    def _finish(self, revision: Revision) -> None:
        number, seconds = self._number, time.monotonic() - self.progress.started
        self.progress.running = None
        self.progress.finished.append(revision.id)
        self._listen(StepFinished(revision=revision.id, number=number, steps=max(self.total, number), seconds=seconds))

    @property
    def _number(self) -> int:
        """Position of the running step, counted from 1."""
        return len(self.progress.finished) + 1

    def failed(self, error: Exception) -> StepFailed:
        """The event for the running step, which has raised."""
        assert self.progress.running is not None  # noqa: S101 - the caller has looked
        return StepFailed(
            revision=self.progress.running.id, number=self._number, steps=self.total, reason=cause_in_words(error)
        )

    def _plan_for(self, state: DatabaseState) -> Plan:
        """The plan that was shown, or a new one where the database has moved since it was made."""
        shown = self._planned.plans
        for plan in shown:
            if plan.before == state.rows and (plan.location == state.location or len(shown) == 1):
                return plan
        accepts = self._project.care.if_ahead != "fail"
        request = self._request
        plan = plan_move(self._project.chain, state, request.direction, request.target, accepts_ahead=accepts)
        if len(shown) == 1:
            policy.require_same_meaning(shown[0], plan)
        return plan
