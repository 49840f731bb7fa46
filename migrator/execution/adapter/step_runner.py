"""Runs one step after the other on one database: each a transaction with its version row and its ledger row."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from typing import Any

from alembic.runtime.migration import MigrationContext
from sqlalchemy.exc import SQLAlchemyError

from migrator import RevisionOptions
from migrator.chain.model import Chain, Revision
from migrator.database.connection_reader import ConnectionReader
from migrator.database.failures import codes_of
from migrator.database.ledger.journal import CutRevision, read_cut_revisions
from migrator.database.ledger.running import note_revision
from migrator.database.statements import one_line
from migrator.events import AttemptFailed, StepResumed
from migrator.execution.adapter.conduct import Conduct
from migrator.execution.adapter.connections import connection_of
from migrator.execution.adapter.guarding import guard
from migrator.execution.adapter.journaling import Journal
from migrator.execution.adapter.recording import Recorder, recorder_of
from migrator.execution.adapter.sqlite import begin_where_the_driver_does_not
from migrator.execution.adapter.statements import StatementGuard
from migrator.execution.adapter.steps import PlannedStep
from migrator.execution.adapter.timeouts import timeouts_for
from migrator.execution.adapter.translation import kind_and_cause
from migrator.execution.adapter.version_table import VersionTableWriter
from migrator.execution.observing import Observer
from migrator.execution.replay import Replay
from migrator.execution.retrying import RETRY, LocksNotObtained, obstacle_of
from migrator.execution.version_rows import RowChange, VersionRows
from migrator.redaction import redact


class StepRunner:
    """Carries out a move on the database of one context."""

    def __init__(
        self, context: MigrationContext, chain: Chain, heads: tuple[str, ...], conduct: Conduct, *, own_commits: bool
    ) -> None:
        """Prepare.

        Args:
            context: configured by ``env.py``.
            chain: the revision files.
            heads: the version rows.
            conduct: how it is to be done.
            own_commits: False: ``env.py`` holds a transaction around everything.

        """
        self._context = context
        self._chain = chain
        self._heads = heads
        self._conduct = conduct
        self._own_commits = own_commits
        self._connection = connection_of(context)
        self._rows = VersionRows(chain, heads)
        self._recorder: Recorder | None = None
        self._cut: dict[tuple[str, str], CutRevision] = {}
        self._running: PlannedStep | None = None

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Open the ledger and stand guard for the time of a ``with`` block."""
        conduct, connection = self._conduct, self._connection
        if conduct.care.ledger:
            self._open_ledger()
        self._writer = VersionTableWriter(self._context, connection, self._recorder)
        self._timeouts = timeouts_for(connection, conduct.care.table_lock_timeout)
        self._commit()
        guard(connection, conduct.keepalive)
        self._observer = Observer(
            conduct.second_connection(connection),
            listen=conduct.listen,
            victim_budget=conduct.care.victim_budget,
            kill_after=conduct.kill_blockers,
            note=None if self._recorder is None else note_revision(self._recorder.run.run_id, self._recorder.run.place),
        )
        self._guard = StatementGuard(
            connection, timeouts=self._timeouts, observer=self._observer, listen=conduct.listen
        )
        with self._observer, self._guard.attached():
            try:
                yield
            except Exception as error:
                self._record_failure(error)
                raise
            self._timeouts.restore()
            self._conclude("done")

    def run(self, step: PlannedStep, arguments: dict[str, Any]) -> None:
        """Run a step until it is committed.

        Raises:
            LocksNotObtained: it was tried for as long as the settings allow.
            CannotGoOn: an earlier run of it was cut half way, and this one does not fit to what that did.
            Exception: whatever the revision raised.

        """
        revision = self._chain.revisions[step.revision.revision]
        change = self._rows.apply(revision.id) if step.is_upgrade else self._rows.revert(revision.id)
        declared = getattr(step.revision.module, "migrator", None)
        options = declared if isinstance(declared, RevisionOptions) else RevisionOptions()
        clock, pauses = self._conduct.clock, RETRY.pauses(self._conduct.clock.chance)
        self._running, started = step, clock.now()
        self._observer.step(revision.id)
        with self._timeouts_of(options):
            for number in count(1):
                try:
                    self._attempt(step, revision, change, options, arguments)
                    break
                except Exception as error:  # noqa: BLE001 - raised again unless another attempt may follow
                    waited, pause = clock.now() - started, next(pauses)
                    failed = self._failed_attempt(error, revision, options, number=number, waited=waited, pause=pause)
                self._conduct.listen(failed)
                clock.sleep(failed.pause)
        self._running = None
        self._observer.step(None)

    def _attempt(
        self,
        step: PlannedStep,
        revision: Revision,
        change: RowChange,
        options: RevisionOptions,
        arguments: dict[str, Any],
    ) -> None:
        began, direction = self._conduct.clock.now(), _direction(step)
        entry: dict[str, object] = {}
        if self._recorder is not None:
            outcome = "applied" if step.is_upgrade else "reverted"
            entry = self._recorder.moved(revision, direction=direction, outcome=outcome, seconds=None)
        journal, replay = self._journal_of(entry, options)
        with self._guard.guarding(journal, replay), self._context.begin_transaction(_per_migration=True):
            if self._own_commits:
                begin_where_the_driver_does_not(self._connection, revision)
            step.migration_fn(**arguments)
            self._guard.conclude()
            entry["seconds"] = self._conduct.clock.now() - began
            self._writer.write(change, entry, others_follow=self._own_commits and step.others_follow)
            if journal is not None:
                journal.clear()
            for callback in self._context.on_version_apply_callbacks:
                callback(ctx=self._context, step=step.info, heads=set(self._rows.rows), run_args=arguments)

    def _journal_of(self, entry: dict[str, object], options: RevisionOptions) -> tuple[Journal | None, Replay | None]:
        """The journal of a revision, and what an earlier run or attempt has left in it."""
        if self._recorder is None or not self._own_commits or self._connection.dialect.name == "sqlite":
            return None, None
        names = ("scope", "revision", "direction", "checksum")
        key = {name: str(entry[name] or "") for name in names}
        cut = self._cut.get((key["revision"], key["direction"]))
        entries = () if cut is None else cut.entries
        journal = Journal(self._recorder, key, written=len(entries), session=self._guard.session)
        if not entries or options.resumable:
            return journal, None
        self._conduct.listen(StepResumed(revision=key["revision"], done=sum(each.is_done for each in entries)))
        return journal, Replay(entries, checksum=key["checksum"])

    def _failed_attempt(
        self,
        error: Exception,
        revision: Revision,
        options: RevisionOptions,
        *,
        number: int,
        waited: float,
        pause: float,
    ) -> AttemptFailed:
        """What is told of an attempt that will be followed by another one; raises where none may follow."""
        sqlstate, code = codes_of(error)
        obstacle = obstacle_of(sqlstate, code, cancelled_for=self._observer.cancelled_for)
        if obstacle is None or not self._own_commits or self._guard.has_left_something:
            raise error
        statement, blockers = (
            one_line(self._guard.running, dialect=self._connection.dialect.name),
            self._observer.blockers,
        )
        limit = self._conduct.care.lock_budget if options.lock_budget is None else options.lock_budget
        ends_at, clock = self._conduct.ends_at, self._conduct.clock
        if waited + pause > limit or (ends_at is not None and clock.now() + pause > ends_at):
            raise LocksNotObtained(
                obstacle, statement=statement, blockers=blockers, attempts=number, waited=waited
            ) from error
        self._read_cut()
        return AttemptFailed(
            revision=revision.id,
            obstacle=obstacle,
            statement=statement,
            blockers=blockers,
            attempt=number,
            pause=pause,
            waited=waited,
            limit=limit,
        )

    @contextmanager
    def _timeouts_of(self, options: RevisionOptions) -> Iterator[None]:
        """What a revision declares, for the time of a ``with`` block."""
        timeouts, usual = self._timeouts, self._timeouts.strong
        timeouts.strong = usual if options.lock_timeout is None else options.lock_timeout
        timeouts.statement = options.statement_timeout
        self._observer.victim_budget = (
            self._conduct.care.victim_budget if options.victim_budget is None else options.victim_budget
        )
        try:
            yield
        finally:
            timeouts.strong, timeouts.statement = usual, None

    def _open_ledger(self) -> None:
        self._recorder = recorder_of(
            self._context,
            self._conduct.start(),
            chain=self._chain,
            rows=self._heads,
            configured=self._conduct.care.ledger_schema,
            listen=self._conduct.listen,
        )
        self._conduct.recorded.append(self._recorder.run)
        self._read_cut()

    def _read_cut(self) -> None:
        if self._recorder is not None:
            found = read_cut_revisions(
                ConnectionReader(self._connection), self._recorder.run.place, self._recorder.scope
            )
            self._cut = {(each.revision, each.direction): each for each in found}
            self._commit()

    def _record_failure(self, error: Exception) -> None:
        """Write down what failed; a connection that is gone cannot, and whoever reads sees a run without an end."""
        if self._recorder is None or not self._own_commits:
            return
        with suppress(SQLAlchemyError):
            self._connection.rollback()
            step = self._running
            if step is not None:
                revision = self._chain.revisions[step.revision.revision]
                row = self._recorder.moved(revision, direction=_direction(step), outcome="failed", seconds=None)
                first_line = kind_and_cause(error).partition(" DETAIL: ")[0]
                self._recorder.write([{**row, "source": None, "detail": redact(first_line)}])
            self._conclude("failed")

    def _conclude(self, outcome: str) -> None:
        if self._recorder is not None:
            self._recorder.conclude(outcome)
        self._commit()

    def _commit(self) -> None:
        if self._own_commits:
            self._connection.commit()


def _direction(step: PlannedStep) -> str:
    return "upgrade" if step.is_upgrade else "downgrade"
