"""The error for a revision that raised: where, why, and what the database says of itself now."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field

from migrator.chain.model import Direction, Revision
from migrator.database.failures import Reason, reason_of
from migrator.database.ledger.journal import CutRevision
from migrator.errors import Interrupted, MigratorError, PartlyApplied, RunFailed, Terminated, Unreachable
from migrator.execution.adapter.translation import is_connection_failure, kind_and_cause
from migrator.execution.gathering import gather
from migrator.execution.half_applied import CannotGoOn, half_applied
from migrator.execution.planning import Plan
from migrator.execution.retrying import LocksNotObtained
from migrator.interruption import Termination
from migrator.project import Project


@dataclass
class Progress:
    """How far the run has come; read when it ends early."""

    plans: list[Plan] = field(default_factory=list)
    running: Revision | None = None
    finished: list[str] = field(default_factory=list)
    started: float = 0.0
    is_journaled: bool = False
    """Whether what a revision does outside of its transaction is written down."""
    takes_back: Callable[[Revision], bool] = lambda _revision: True
    """Whether the database takes back what a failed revision changed."""


def failure_of(project: Project, progress: Progress, error: Exception, direction: Direction) -> MigratorError:
    """The error for a revision that raised, with what the database says of itself now."""
    revision = progress.running
    assert revision is not None  # noqa: S101 - the caller has looked
    now = _state_now(project, progress)
    cut = next((each for each in now.cut if each.revision == revision.id), None)
    if cut is not None:
        return half_applied(
            project,
            cut,
            _message(revision, direction, error),
            where=_line_in_revision(project, revision, error),
            held=now.words,
            first=""
            if isinstance(error, CannotGoOn)
            else "correct the cause and run the same command again: what took effect is not run twice; or ",
        )
    state, moved = now.words, now.has_moved
    kind = PartlyApplied if moved else RunFailed
    return kind(
        _message(revision, direction, error),
        where=_line_in_revision(project, revision, error),
        state=f"{state}; {_left_by(revision, progress)}",
        remedy=_remedy(error, f"migrator {direction.value} {progress.plans[0].target} --dry-run{project.env_option}"),
        details=[f"in the way: {each}" for each in error.blockers] if isinstance(error, LocksNotObtained) else (),
    )


def _message(revision: Revision, direction: Direction, error: Exception) -> str:
    what = f"{direction.value} of {revision.id} ({revision.title or 'no message'})"
    if isinstance(error, CannotGoOn):
        return f"{what} was cut half way and cannot be gone on with: {error}"
    return f"{what} failed: {error if isinstance(error, LocksNotObtained) else kind_and_cause(error)}"


def _remedy(error: Exception, dry_run: str) -> str:
    if isinstance(error, LocksNotObtained):
        return (
            "run the same command again at a quieter time, or give it longer: MIGRATOR_LOCK_BUDGET=15min; to end "
            "sessions whose transaction is older than a minute: --kill-blockers 60s"
        )
    if _TYPED_PARAMETERS.search(str(error)):
        return (
            "the revision passes a text for a column of another type, which psycopg2 lets the server convert and "
            "psycopg 3 and asyncpg do not; for a history written for psycopg2: DB_DRIVER=psycopg2, else cast it"
        )
    return f"correct the revision or the data, then run the same command again; to see the plan: {dry_run}"


_TYPED_PARAMETERS = re.compile(r"is of type \S+ but expression is of type")


def interruption_of(
    project: Project, progress: Progress, signal: KeyboardInterrupt, direction: Direction
) -> Interrupted | Terminated:
    """The error for a run that a signal ended, with what the database says of itself now."""
    terminated = isinstance(signal, Termination)
    name, kind = ("SIGTERM", Terminated) if terminated else ("Ctrl-C", Interrupted)
    revision = progress.running
    if revision is None and not progress.finished:
        return kind(f"{name} ended the {direction.value} before a revision was begun", state="nothing was run")
    now = _state_now(project, progress)
    if revision is None:
        return kind(
            f"{name} ended the {direction.value} between two revisions",
            state=now.words,
            remedy=f"run the same command again: it goes on from there; to look first: "
            f"migrator status{project.env_option}",
        )
    return kind(
        f"{name} ended the {direction.value} in {revision.id} ({revision.title or 'no message'})",
        where=project.display(revision.path),
        state=f"{now.words}; the running statement was cancelled; {_left_by(revision, progress)}",
        remedy=f"run the same command again: it goes on from there; to look first: migrator {direction.value} "
        f"{progress.plans[0].target} --dry-run",
    )


def lost_between(project: Project, progress: Progress, error: Exception) -> MigratorError | None:
    """The error for a connection that was lost before, between or after revisions; None for any other failure."""
    if reason_of(error) is not Reason.LOST and not is_connection_failure(error):
        return None
    kind = PartlyApplied if progress.finished else Unreachable
    state = _state_now(project, progress).words if progress.plans else "nothing was run"
    return kind(
        f"the connection was lost: {kind_and_cause(error)}",
        state=state,
        remedy=f"run the same command again: it goes on from there; to look first: migrator status{project.env_option}",
    )


@dataclass(frozen=True, slots=True)
class _StateNow:
    """What the database says of itself after a failure."""

    words: str
    has_moved: bool = False
    cut: tuple[CutRevision, ...] = ()


def _state_now(project: Project, progress: Progress) -> _StateNow:
    try:
        state = gather(project).state
    except MigratorError:
        return _StateNow("could not be read")
    held = f"version table holds {', '.join(state.rows) or 'no row'}"
    if set(state.rows) == set(progress.plans[0].before):
        return _StateNow(held, cut=state.cut)
    plan = progress.plans[0]
    done = "applied" if plan.direction is Direction.UPGRADE else "reverted"
    applied = f"{len(progress.finished)} of {len(plan.steps)} revisions were {done}"
    return _StateNow(f"{held}; {applied}", has_moved=True, cut=state.cut)


def _line_in_revision(project: Project, revision: Revision, error: Exception) -> str:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == revision.path]
    place = project.display(revision.path)
    return f"{place}:{lines[-1]}" if lines else place


def _left_by(revision: Revision, progress: Progress) -> str:
    if progress.is_journaled:
        # What is left would stand in the journal, and this would be a half-applied revision.
        rolled_back = f"the transaction of {revision.id} was rolled back"
        return rolled_back if progress.takes_back(revision) else f"nothing of {revision.id} took effect"
    if not progress.takes_back(revision):
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
