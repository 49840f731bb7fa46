"""The journal of a revision that was cut half way: which of its statements took effect, as far as is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from migrator.database.ledger.place import JOURNAL, LedgerPlace
from migrator.database.state import Reader

INTENDED, DONE = "intended", "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalEntry:
    """One statement that a revision has run outside of its last transaction."""

    statement: str
    """One line, without values."""
    text_digest: str
    digest: str
    """Of the text and its values."""
    is_done: bool
    """False: it was begun, and nothing says how it ended."""
    returns_rows: bool = False
    row_count: int = -1
    checksum: str = ""
    """Of the revision's file when it ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CutRevision:
    """A revision that has run something outside of its last transaction, and has not ended."""

    revision: str
    direction: str
    entries: tuple[JournalEntry, ...]

    @property
    def done(self) -> tuple[str, ...]:
        """Statements that took effect."""
        return tuple(entry.statement for entry in self.entries if entry.is_done)

    @property
    def doubtful(self) -> tuple[str, ...]:
        """Statements that were begun, of which the journal does not say how they ended."""
        return tuple(entry.statement for entry in self.entries if not entry.is_done)


def read_cut_revisions(reader: Reader, place: LedgerPlace, scope: str) -> tuple[CutRevision, ...]:
    """Read the journal; it is empty unless a revision is being run, or was cut half way."""
    rows = reader.fetch(
        "SELECT revision, direction, statement, text_digest, digest, state, returns_rows, row_count, checksum "  # noqa: S608
        f"FROM {place.table(JOURNAL)} WHERE scope = ? ORDER BY revision, direction, position, entry",
        scope,
    )
    return tuple(
        CutRevision(revision=str(revision), direction=str(direction), entries=tuple(map(_entry, found)))
        for (revision, direction), found in groupby(rows, key=lambda row: (row[0], row[1]))
    )


def _entry(row: Sequence[object]) -> JournalEntry:
    statement, text_digest, digest, state, returns_rows, row_count, checksum = row[2:]
    return JournalEntry(
        statement=str(statement),
        text_digest=str(text_digest),
        digest=str(digest),
        is_done=state == DONE,
        returns_rows=bool(returns_rows),
        row_count=int(str(row_count)),
        checksum=str(checksum),
    )
