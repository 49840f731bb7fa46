"""Resolve: a person says how a half-applied revision counts, after having brought the schema there by hand."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.chain.resolve import resolve
from migrator.database.ledger.journal import CutRevision
from migrator.database.patience import when_reachable
from migrator.database.state import DatabaseState
from migrator.errors import UsageError, VerificationFailed
from migrator.events import Listener
from migrator.execution.gathering import Gathered, bind, gather, gather_again
from migrator.execution.locking import VisitLocks, locked
from migrator.execution.policy import require_unprotected
from migrator.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveRequest:
    """What the user has decided."""

    revision: str
    """As it was named."""
    is_applied: bool
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolveReport:
    """What was settled."""

    revision: str
    is_applied: bool
    before: tuple[str, ...]
    after: tuple[str, ...]


def settle(project: Project, request: ResolveRequest, *, listen: Listener = lambda _event: None) -> ResolveReport:
    """Let a half-applied revision count as applied or as reverted; no statement of it is run.

    Raises:
        UsageError: nothing of the revision is half applied.
        Refused: the profile is protected.
        LockNotObtained: another process is migrating.
        VerificationFailed: the journal still has it afterwards.

    """
    from migrator.execution.adapter.recording import RunStart
    from migrator.execution.adapter.resolving import resolving
    from migrator.execution.adapter.running import EnvironmentRun, run_environment

    (revision,) = resolve(project.chain, request.revision)
    gathered = when_reachable(lambda: gather(project), limit=project.care.wait_for_db, listen=listen)
    if not request.confirmed:
        require_unprotected(project.profile, "a resolve")
    with locked(project, gathered, listen) as lock:
        before = gather_again(project, gathered, lock.connection)
        state, cut = _cut(project, before, revision)
        session = None if lock.connection is None else lock.connection.session_id
        work = resolving(
            project.chain,
            cut,
            is_applied=request.is_applied,
            start=RunStart(command="resolve", session_id=session),
            ledger_schema=project.care.ledger_schema,
        )
        profile = gathered.profile
        run_environment(
            project,
            EnvironmentRun(
                work=work,
                commits=True,
                binding=bind(project, profile, lock.connection) if profile is not None else None,
                lock=VisitLocks(project, lock, listen).lock if profile is None else None,
            ),
        )
        after = gather_again(project, gathered, lock.connection).state
    if any(each.revision == revision for each in after.cut):
        raise VerificationFailed(
            f"{revision} is still half applied: env.py ended without a commit", remedy="migrator status"
        )
    return ResolveReport(revision=revision, is_applied=request.is_applied, before=state.rows, after=after.rows)


def _cut(project: Project, gathered: Gathered, revision: str) -> tuple[DatabaseState, CutRevision]:
    for state in gathered.states:
        for cut in state.cut:
            if cut.revision == revision:
                return state, cut
    raise UsageError(
        f"nothing of {revision} is half applied",
        state=f"version table holds {', '.join(gathered.state.rows) or 'no row'}",
        remedy=f"migrator status{project.env_option}; to change what the version table says: migrator stamp",
    )
