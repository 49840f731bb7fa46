"""What is run of a revision that was cut half way, when it is run again: a pure comparison with its journal.

A revision is a program: run again, it emits its statements again, unless it looks first at what is there. A statement
that the journal knows to be done is not executed a second time. Where the two cannot be brought together, the run stops
and says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from migrator.database.ledger.journal import JournalEntry

_FINDS_ITS_OWN_PLACE = ("UPDATE", "DELETE")


class Verdict(StrEnum):
    """What is to be done with a statement."""

    RUN = "run"
    SKIP = "skip"
    """It took effect."""
    DOUBT = "doubt"
    """It was begun, and only the catalog can tell whether it took effect."""
    STOP = "stop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict on one statement."""

    verdict: Verdict
    entry: JournalEntry | None = None
    """Of the journal, when there is one for it."""
    reason: str = ""
    """Why the run stops."""


_RUN = Judgement(verdict=Verdict.RUN)


class Replay:
    """The journal of one revision, used up as the revision emits its statements again."""

    def __init__(self, entries: Iterable[JournalEntry], *, checksum: str) -> None:
        """Begin.

        Args:
            entries: in the order in which the statements were run.
            checksum: of the revision's file as it is now.

        """
        self._left = list(entries)
        self._unchanged = all(entry.checksum == checksum for entry in self._left)

    @property
    def is_over(self) -> bool:
        """Whether everything that follows is new."""
        return not self._left

    def judge(self, *, text_digest: str, digest: str, verb: str) -> Judgement:
        """Say what to do with the next statement.

        Args:
            text_digest: of its text.
            digest: of its text and values.
            verb: its first word or words.

        """
        for number, entry in enumerate(self._left):
            if entry.digest == digest:
                # Those before it are done, and the revision has seen so by itself.
                del self._left[: number + 1]
                return _known(entry)
        same_text = [entry for entry in self._left if entry.text_digest == text_digest]
        if same_text:
            if not verb.startswith(_FINDS_ITS_OWN_PLACE):
                reason = f"it now has other values than when it took effect: {same_text[0].statement}"
                return Judgement(verdict=Verdict.STOP, entry=same_text[0], reason=reason)
            # A loop over batches that asks for what is left to do: what it did before, it does not ask for again.
            self._left = [entry for entry in self._left if entry.text_digest != text_digest]
            return _RUN
        return self._stop_if_changed() or _RUN

    def conclude(self) -> Judgement:
        """Say whether the revision may be called applied now that its function has returned."""
        return self._stop_if_changed() or _RUN

    def _stop_if_changed(self) -> Judgement | None:
        if not self._left or self._unchanged:
            return None
        entry = self._left[0]
        reason = f"the file was edited meanwhile and no longer has a statement that took effect: {entry.statement}"
        return Judgement(verdict=Verdict.STOP, entry=entry, reason=reason)


def _known(entry: JournalEntry) -> Judgement:
    if not entry.is_done:
        return Judgement(verdict=Verdict.DOUBT, entry=entry)
    if entry.returns_rows:
        reason = f"the revision needs the rows that a statement returned when it took effect: {entry.statement}"
        return Judgement(verdict=Verdict.STOP, entry=entry, reason=reason)
    return Judgement(verdict=Verdict.SKIP, entry=entry)
