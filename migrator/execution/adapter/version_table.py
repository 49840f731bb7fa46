"""Writes the version table with statements that are compiled once, and notices when somebody else has moved it."""

from __future__ import annotations

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Update, bindparam, func

from migrator.errors import VerificationFailed
from migrator.execution.version_rows import RowChange


class VersionTableWriter:
    """The three statements on one version table. It does not know which rows should be there."""

    def __init__(self, context: MigrationContext, connection: Connection) -> None:
        table = context._version  # noqa: SLF001
        self._table = table
        self._connection = connection
        self._counts_rows = context.dialect.supports_sane_rowcount
        self._move = table.update().where(table.c.version_num == bindparam("old")).values(version_num=bindparam("new"))
        self._move_without_waiting = self._move
        if context.dialect.name == "postgresql":
            self._move_without_waiting = _without_waiting(self._move)
        self._add = table.insert().values(version_num=bindparam("new")).inline()
        self._remove = table.delete().where(table.c.version_num == bindparam("old"))

    def write(self, change: RowChange, *, others_follow: bool) -> None:
        """Write a change; one row becomes another with a single UPDATE, as Alembic does it.

        Args:
            change: rows to take out and to put in.
            others_follow: whether the run commits further revisions after this one, which then need not wait for
                the disk (ADR 0006).

        Raises:
            VerificationFailed: a row that should be there is not.

        """
        removed, added = list(change.removed), list(change.added)
        while removed and added:
            old, new = removed.pop(), added.pop()
            move = self._move_without_waiting if others_follow else self._move
            self._expect_one(self._connection.execute(move, {"old": old, "new": new}).rowcount, old)
        for old in removed:
            self._expect_one(self._connection.execute(self._remove, {"old": old}).rowcount, old)
        for new in added:
            self._connection.execute(self._add, {"new": new})

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
