"""Writes the version table with statements that are compiled once, and notices when somebody else has moved it."""

from __future__ import annotations

from collections.abc import Mapping

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Update, bindparam, func

from migrator.errors import VerificationFailed
from migrator.execution.adapter.recording import Recorder, returning_insert
from migrator.execution.version_rows import RowChange


class VersionTableWriter:
    """The three statements on one version table. It does not know which rows should be there."""

    def __init__(self, context: MigrationContext, connection: Connection, recorder: Recorder | None = None) -> None:
        table = context._version  # noqa: SLF001
        self._table = table
        self._connection = connection
        self._recorder = recorder
        self._counts_rows = context.dialect.supports_sane_rowcount
        self._move = table.update().where(table.c.version_num == bindparam("old")).values(version_num=bindparam("new"))
        self._move_without_waiting = self._move
        if context.dialect.name == "postgresql":
            self._move_without_waiting = _without_waiting(self._move)
        self._recorded_in_one = recorder is not None and context.dialect.name == "postgresql"
        if recorder is not None and self._recorded_in_one:
            self._recording = returning_insert(recorder, self._move)
            self._recording_without_waiting = returning_insert(recorder, self._move_without_waiting)
        self._add = table.insert().values(version_num=bindparam("new")).inline()
        self._remove = table.delete().where(table.c.version_num == bindparam("old"))

    def write(self, change: RowChange, entry: Mapping[str, object] | None = None, *, others_follow: bool) -> None:
        """Write a change; one row becomes another with a single UPDATE, as Alembic does it.

        Args:
            change: rows to take out and to put in.
            entry: the ledger's row for it, where there is a ledger.
            others_follow: whether the run commits further revisions after this one, which then need not wait for
                the disk (ADR 0006).

        Raises:
            VerificationFailed: a row that should be there is not.

        """
        removed, added = list(change.removed), list(change.added)
        if entry and self._recorded_in_one and len(removed) == len(added) == 1:
            recording = self._recording_without_waiting if others_follow else self._recording
            values = {"old": removed[0], "new": added[0], **entry}
            self._expect_one(self._connection.execute(recording, values).rowcount, removed[0])
            return
        while removed and added:
            old, new = removed.pop(), added.pop()
            move = self._move_without_waiting if others_follow else self._move
            self._expect_one(self._connection.execute(move, {"old": old, "new": new}).rowcount, old)
        for old in removed:
            self._expect_one(self._connection.execute(self._remove, {"old": old}).rowcount, old)
        for new in added:
            self._connection.execute(self._add, {"new": new})
        if entry and self._recorder is not None:
            self._recorder.write([entry])

    def _expect_one(self, found: int, row: str) -> None:
        if self._counts_rows and found != 1:
            raise VerificationFailed(
                f"{found} rows of the version table hold {row} where one is expected",
                where=str(self._table),
                state="the transaction of this revision was rolled back",
                remedy="another process has moved the database; look at it: migrator status",
            )


def _without_waiting(move: Update) -> Update:
    """The same UPDATE, which also lets the commit of its transaction return before the log is on disk.

    The setting is local to the transaction, so that neither ``env.py``'s pool nor a pooler hands it on to anybody, and
    it rides on a statement that is sent anyway.
    """
    return move.where(func.set_config("synchronous_commit", "off", True).is_not(None))
