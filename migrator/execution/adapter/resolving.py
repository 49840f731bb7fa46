"""Writes what a person has decided about a half-applied revision: version row, ledger row and journal, in one."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from alembic.runtime.migration import MigrationContext, MigrationStep
from sqlalchemy import delete

from migrator.chain.model import Chain
from migrator.database.ledger.journal import CutRevision
from migrator.database.ledger.place import JOURNAL
from migrator.execution.adapter.connections import connection_of
from migrator.execution.adapter.recording import RunStart, recorder_of
from migrator.execution.adapter.version_table import VersionTableWriter
from migrator.execution.version_rows import RowChange, VersionRows

_NO_CHANGE = RowChange((), ())


def resolving(
    chain: Chain, cut: CutRevision, *, is_applied: bool, start: RunStart, ledger_schema: str | None
) -> Callable[[tuple[str, ...], MigrationContext], Iterable[MigrationStep]]:
    """The work that settles a cut revision; it runs no revision and yields no step.

    Args:
        chain: the revision files.
        cut: what the journal has of it.
        is_applied: how it counts from now on.
        start: what is known of this run.
        ledger_schema: ``MIGRATOR_LEDGER_SCHEMA``.

    """

    def work(heads: tuple[str, ...], context: MigrationContext) -> Iterable[MigrationStep]:
        connection = connection_of(context)
        recorder = recorder_of(context, start, chain=chain, rows=heads, configured=ledger_schema)
        change = _change(VersionRows(chain, heads), cut, is_applied=is_applied)
        outcome = "applied" if is_applied else "reverted"
        entry = recorder.moved(chain.revisions[cut.revision], direction="resolve", outcome=outcome, seconds=None)
        VersionTableWriter(context, connection, recorder).write(change, entry, others_follow=False)
        journal = recorder.table(JOURNAL)
        mine = (journal.c.scope == recorder.scope, journal.c.revision == cut.revision)
        connection.execute(delete(journal).where(*mine, journal.c.direction == cut.direction))
        recorder.conclude("done")
        return ()

    return work


def _change(rows: VersionRows, cut: CutRevision, *, is_applied: bool) -> RowChange:
    if cut.direction == "upgrade":
        return rows.apply(cut.revision) if is_applied else _NO_CHANGE
    return _NO_CHANGE if is_applied else rows.revert(cut.revision)
