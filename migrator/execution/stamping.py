"""Stamp: writes version rows without running a revision, and proves that they are there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

from migrator.chain.graph import ancestors
from migrator.chain.model import Chain
from migrator.chain.resolve import resolve
from migrator.database.patience import when_reachable
from migrator.errors import UsageError, VerificationFailed
from migrator.events import Listener
from migrator.execution.gathering import Gathered, bind, gather, gather_again
from migrator.execution.locking import VisitLocks, locked
from migrator.execution.planning import require_known
from migrator.execution.policy import require_unprotected
from migrator.execution.position import maximal, position_of
from migrator.project import Project

if TYPE_CHECKING:
    from migrator.database.lock.holding import HeldLock
    from migrator.execution.adapter.environment import MigrationContext, MigrationStep


@dataclass(frozen=True, slots=True, kw_only=True)
class StampRequest:
    """What the user asked for."""

    targets: tuple[str, ...]
    purge: bool = False
    dry_run: bool = False
    confirmed: bool = False
    tag: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StampReport:
    """What the version table held, and holds now (or would hold, for a dry run)."""

    location: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    dry_run: bool


def stamp(
    project: Project,
    request: StampRequest,
    *,
    announce: Callable[[Gathered], None] = lambda _gathered: None,
    listen: Listener = lambda _event: None,
) -> StampReport:
    """Move the version rows to the targets.

    Args:
        project: whose database is meant.
        request: what is wanted.
        announce: called with the database's state before anything is written.
        listen: told what is waited for.

    Raises:
        UsageError: a target is unknown.
        Refused: the profile is protected.
        AheadOfCode, VerificationFailed: unknown rows are there (and ``--purge`` was not asked for), or the rows are
            not what they should be afterwards.
        LockNotObtained: another process is migrating.

    """
    target_ids(project.chain, request.targets)
    gathered = when_reachable(lambda: gather(project), limit=project.care.wait_for_db, listen=listen)
    announce(gathered)
    report = _planned(project, request, gathered)
    if request.dry_run:
        return report
    if not request.confirmed:
        require_unprotected(project.profile, "a stamp")
    with locked(project, gathered, listen) as lock:
        if gathered.profile is not None:
            report = _planned(project, request, gather_again(project, gathered, lock.connection))
        _write(project, request, gathered, lock, listen)
        _verify(report, gather_again(project, gathered, lock.connection).state.rows)
    return report


def _planned(project: Project, request: StampRequest, gathered: Gathered) -> StampReport:
    """What the stamp would change."""
    chain, state = project.chain, gathered.state
    if not request.purge:
        require_known(position_of(chain, state), chain)
    after = stamped_rows(chain, () if request.purge else state.rows, target_ids(chain, request.targets))
    return StampReport(location=state.location, before=state.rows, after=after, dry_run=request.dry_run)


def _verify(report: StampReport, found: tuple[str, ...]) -> None:
    after = report.after
    if set(found) != set(after):
        raise VerificationFailed(
            f"after the stamp the database is at {', '.join(found) or 'base'} instead of {', '.join(after) or 'base'}",
            where=report.location,
            state=f"version table holds {', '.join(found) or 'no row'}",
            remedy="migrator status",
        )


def target_ids(chain: Chain, targets: Sequence[str]) -> tuple[str, ...]:
    """The revisions that the targets name; empty for ``base``."""
    found: list[str] = []
    for target in targets:
        found += resolve(chain, target)
    return tuple(dict.fromkeys(found))


def stamped_rows(chain: Chain, rows: Sequence[str], targets: Sequence[str]) -> tuple[str, ...]:
    """Version rows after a stamp: each target takes the place of the rows on its own line."""
    if not targets:
        return ()
    kept = [
        row
        for row in rows
        if not any(row in ancestors(chain, (each,)) or each in ancestors(chain, (row,)) for each in targets)
    ]
    return tuple(sorted(maximal(chain, {*kept, *targets})))


def _write(project: Project, request: StampRequest, gathered: Gathered, lock: HeldLock, listen: Listener) -> None:
    from migrator.execution.adapter.running import EnvironmentRun, run_environment

    run_environment(
        project,
        EnvironmentRun(
            work=_recorded(project, request, lock),
            commits=True,
            binding=bind(project, gathered.profile, lock.connection) if gathered.profile is not None else None,
            lock=VisitLocks(project, lock, listen).lock if gathered.profile is None else None,
            context_options={
                "purge": request.purge,
                "destination_rev": request.targets[0],
                "tag": request.tag,
            },
        ),
    )


def _stamping(request: StampRequest) -> Callable[[tuple[str, ...], MigrationContext], Iterable[MigrationStep]]:
    def work(heads: tuple[str, ...], context: MigrationContext) -> Iterable[MigrationStep]:
        from migrator.execution.adapter.steps import stamp_steps

        return stamp_steps(context, request.targets, heads)

    return work


def _recorded(
    project: Project, request: StampRequest, lock: HeldLock
) -> Callable[[tuple[str, ...], MigrationContext], Iterable[MigrationStep]]:
    """The same, with what it changed in the ledger."""
    from migrator.execution.adapter.recording import RunStart, record_stamp, recorder_of

    stamping, care, chain = _stamping(request), project.care, project.chain

    def work(heads: tuple[str, ...], context: MigrationContext) -> Iterable[MigrationStep]:
        session = None if lock.connection is None else lock.connection.session_id
        start = RunStart(command="stamp", session_id=session)
        recorder = (
            recorder_of(context, start, chain=chain, rows=heads, configured=care.ledger_schema) if care.ledger else None
        )
        yield from stamping(heads, context)
        if recorder is not None:
            record_stamp(recorder, chain, before=heads, after=context.get_current_heads())

    return work


def write_stamp_sql(project: Project, request: StampRequest, *, output: TextIO) -> None:
    """Print the SQL of a stamp; a range ``a:b`` says where it starts. No database is asked.

    Raises:
        UsageError: several targets with a range, or ``--purge``.

    """
    from migrator.execution.adapter.running import EnvironmentRun, run_environment

    if request.purge:
        raise UsageError("--purge needs the database, so it cannot be combined with --sql")
    starting, targets = None, request.targets
    if ":" in targets[0]:
        if len(targets) > 1:
            raise UsageError("a range such as a:b allows only one revision")
        starting, _, target = targets[0].partition(":")
        targets = (target,)
    target_ids(project.chain, targets)
    run_environment(
        project,
        EnvironmentRun(
            work=_stamping(StampRequest(targets=targets)),
            as_sql=True,
            output=output,
            context_options={"starting_rev": starting, "destination_rev": targets[0], "tag": request.tag},
        ),
    )
