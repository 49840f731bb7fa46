"""Writes the journal: what a revision runs outside of its last transaction, in step with what takes effect."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, bindparam

from migrator.database.ledger.journal import DONE, INTENDED
from migrator.database.ledger.orphans import session_at_work
from migrator.database.ledger.place import JOURNAL
from migrator.database.state import Reader
from migrator.database.statements import one_line
from migrator.execution.adapter.recording import Recorder


@dataclass(frozen=True, slots=True)
class Emitted:
    """A statement as the driver got it."""

    text: str
    values: Any
    returns_rows: bool = False
    row_count: int = -1

    @property
    def text_digest(self) -> str:
        """Of the text alone."""
        return hashlib.sha256(self.text.encode(errors="surrogatepass")).hexdigest()

    @property
    def digest(self) -> str:
        """Of the text and the values."""
        return hashlib.sha256(f"{self.text}\0{self.values!r}".encode(errors="surrogatepass")).hexdigest()


class Journal:
    """The journal rows of one revision. It decides nothing; every row is written over the revision's connection."""

    def __init__(self, recorder: Recorder, key: Mapping[str, str], *, written: int, session: int | None) -> None:
        """Open it.

        Args:
            recorder: of the ledger, on the connection that runs the revision.
            key: ``scope``, ``revision``, ``direction`` and ``checksum`` of its rows.
            written: how many rows of an earlier run there are.
            session: the server's name for the connection.

        """
        self._connection = recorder.connection
        self._place = recorder.run.place
        self._table = recorder.table(JOURNAL)
        self._key = dict(key)
        self._position = written
        self._session = session

    @cached_property
    def _mine(self) -> tuple[ColumnElement[bool], ...]:
        """The condition for this revision's rows; made late, since most revisions never have any."""
        names = ("scope", "revision", "direction")
        return tuple(self._table.c[name] == bindparam(f"b_{name}", self._key[name]) for name in names)

    @property
    def is_empty(self) -> bool:
        """Whether the revision has run nothing outside of its last transaction so far."""
        return self._position == 0

    def session_at_work(self, reader: Reader, digest: str) -> int | None:
        """The session that still runs an intended statement, though its client has died."""
        return session_at_work(reader, self._place, self._key["scope"], digest)

    def done(self, statements: Iterable[Emitted]) -> None:
        """Write down statements that take effect with the transaction at hand, or have taken effect."""
        rows = [self._row(each, DONE) for each in statements]
        if rows:
            self._connection.execute(self._table.insert(), rows)

    def intend(self, statement: Emitted) -> int:
        """Write down a statement that is about to be run on its own; returns its position."""
        self._connection.execute(self._table.insert(), [self._row(statement, INTENDED)])
        return self._position

    def confirm(self, position: int, statement: Emitted) -> None:
        """Write down that an intended statement took effect."""
        change = self._table.update().where(*self._mine, self._table.c.position == bindparam("b_position"))
        self._connection.execute(
            change.values(state=DONE, row_count=statement.row_count, returns_rows=statement.returns_rows),
            {"b_position": position},
        )

    def confirm_digest(self, digest: str) -> None:
        """Write down that a statement, of which the journal did not say how it ended, took effect."""
        change = self._table.update().where(*self._mine, self._table.c.digest == bindparam("b_digest"))
        self._connection.execute(change.values(state=DONE), {"b_digest": digest})

    def forget(self, position: int) -> None:
        """Take back an intention: the statement failed and left nothing."""
        gone = self._table.delete().where(*self._mine, self._table.c.position == bindparam("b_position"))
        self._connection.execute(gone, {"b_position": position})
        self._position -= 1

    def forget_doubtful(self, digest: str) -> None:
        """Take back the intention of a statement that did not take effect, and is about to be run again."""
        gone = self._table.delete().where(*self._mine, self._table.c.digest == bindparam("b_digest"))
        self._connection.execute(gone.where(self._table.c.state == INTENDED), {"b_digest": digest})

    def clear(self) -> None:
        """Remove the rows, in the transaction that concludes the revision."""
        if not self.is_empty:
            self._connection.execute(self._table.delete().where(*self._mine))

    def _row(self, statement: Emitted, state: str) -> dict[str, object]:
        self._position += 1
        return {
            **self._key,
            "position": self._position,
            "statement": one_line(statement.text, dialect=self._connection.dialect.name),
            "text_digest": statement.text_digest,
            "digest": statement.digest,
            "state": state,
            "returns_rows": statement.returns_rows,
            "row_count": statement.row_count,
            "session_id": self._session,
        }
