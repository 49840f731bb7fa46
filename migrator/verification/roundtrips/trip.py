"""One revision up, down and up again."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto

from migrator.chain.model import Body, Revision
from migrator.chain.rules.round_trips import UPGRADE_AGAIN_DIFFERS, UPGRADE_AGAIN_FAILS
from migrator.database.snapshot.model import Snapshot
from migrator.execution.adapter.walking import Moved
from migrator.findings import Finding
from migrator.verification.roundtrips import judging
from migrator.verification.roundtrips.leg import Leg, failure_of
from migrator.verification.roundtrips.missing import base_table
from migrator.verification.roundtrips.model import Timing
from migrator.verification.roundtrips.newer_rows import Former, suspects, try_newer_rows
from migrator.verification.rows.contents import Contents

_UP_AGAIN = frozenset({UPGRADE_AGAIN_FAILS.id, UPGRADE_AGAIN_DIFFERS.id})
"""Where the second upgrade() has led elsewhere, a third one tells nothing new."""


class Left(Enum):
    """Where a round trip leaves the database."""

    AFTER = auto()
    """As upgrade() makes it: the walk goes on."""
    BEFORE = auto()
    """As it was: upgrade() fails."""
    SPOILED = auto()
    """Neither: the state has to be built anew."""


@dataclass(slots=True)
class Trip:
    """What came of one round trip."""

    left: Left = Left.AFTER
    applied: bool = True
    """Whether upgrade() works, so that what stands on it can be tried."""
    findings: list[Finding] = field(default_factory=list)
    timing: Timing = field(default_factory=Timing)


def round_trip(leg: Leg, revision: Revision, *, one_way: bool, loses_data: str | None = None) -> Trip:
    """Take a revision up, down and up again, and look at the schema after each step.

    Args:
        leg: stands where the revision begins.
        revision: all that it stands on is applied.
        one_way: only up.
        loses_data: why it is accepted that rows or values do not come back.

    """
    return _RoundTrip(leg, revision, loses_data).run(one_way=one_way)


class _RoundTrip:
    def __init__(self, leg: Leg, revision: Revision, loses_data: str | None) -> None:
        self._leg = leg
        self._revision = revision
        self._loses_data = loses_data
        self._data = leg.data
        self._held: Contents | None = None
        """The rows before the round trip; None: there are none to compare."""
        self._needs_empty_tables = False
        """upgrade() works without rows only."""
        self._fails_on_rows = False
        """downgrade() works without rows only."""
        self._needs_same_run = False
        """upgrade() works only in the run that has also applied what is below it."""
        self._trip = Trip()
        self._up: float | None = None
        self._down: float | None = None
        self._again: float | None = None

    def run(self, *, one_way: bool) -> Trip:
        started = time.perf_counter()
        before = self._leg.look()
        if self._data is not None:
            self._held = self._data.begin()
        if self._goes_up(before) and not one_way:
            after = self._leg.look()
            if self._data is not None:
                self._data.refresh()
            if self._goes_down(after):
                undone = self._is_undone(before)
                self._keeps_data()
                former = self._looser(before, after)
                self._goes_up_again(before, after, undone=undone)
                self._takes_newer_rows(former)
        self._trip.timing = Timing(up=self._up, down=self._down, again=self._again, total=time.perf_counter() - started)
        return self._trip

    def _goes_up(self, before: Snapshot) -> bool:
        moved = self._leg.up(self._revision)
        self._up = moved.seconds
        if moved.alone is not None:
            self._needs_same_run = True
            alone = failure_of(self._revision, moved.alone)
            self._trip.findings.append(judging.upgrade_failed_alone(self._revision, alone))
        if moved.error is None:
            return True
        failure = failure_of(self._revision, moved.error)
        on_data = self._works_without_rows(self._leg.up, before)
        table = None if on_data else base_table(moved.error, before)
        self._trip.findings.append(judging.upgrade_failed(self._revision, failure, on_data=on_data, base_table=table))
        if on_data:
            self._needs_empty_tables = True
            return True
        self._trip.applied = False
        self._trip.left = Left.BEFORE if self._leg.looks_like(before) else Left.SPOILED
        return False

    def _goes_down(self, after: Snapshot) -> bool:
        revision = self._revision
        if revision.downgrade is Body.MISSING:
            self._trip.findings.append(judging.no_way_back(revision, ""))
            return False
        moved = self._leg.down(revision)
        self._down = moved.seconds
        if moved.error is None:
            return True
        failure = failure_of(revision, moved.error)
        if revision.downgrade is Body.RAISES or isinstance(moved.error, NotImplementedError):
            self._trip.findings.append(judging.no_way_back(revision, failure.message))
        else:
            on_data = self._works_without_rows(self._leg.down, after)
            self._trip.findings.append(judging.downgrade_failed(revision, failure, on_data=on_data))
            if on_data:
                self._fails_on_rows = True
                return True
        if not self._leg.looks_like(after):
            self._trip.left = Left.SPOILED
        return False

    def _works_without_rows(self, step: Callable[[Revision], Moved], begins: Snapshot) -> bool:
        """Whether a step that has failed works once the tables are empty.

        Args:
            step: that has failed.
            begins: the schema that it has to begin with.

        """
        if self._data is None or not self._leg.looks_like(begins) or not self._data.give_up():
            return False
        self._held = None
        return step(self._revision).error is None

    def _keeps_data(self) -> None:
        """Compare the rows that were there before with those that are there after the round trip."""
        if self._data is not None and self._held is not None:
            lost, left = self._data.lost(self._held)
            self._trip.findings += judging.rows_not_kept(self._revision, lost, accepted=self._loses_data)
            self._trip.findings += judging.rows_left(self._revision, left)

    def _looser(self, before: Snapshot, after: Snapshot) -> Former | None:
        """The tables that may hold more after upgrade(), as they are without it; None: there are none to try."""
        tables = suspects(self._leg.compare(before, after), after) if self._data is not None else frozenset()
        if self._data is None or not tables or self._fails_on_rows:
            return None
        return Former(self._leg.look(), self._data.facts(tables), self._data.contents(tables))

    def _takes_newer_rows(self, former: Former | None) -> None:
        is_sound = self._trip.left is Left.AFTER and all(each.rule not in _UP_AGAIN for each in self._trip.findings)
        if self._data is None or former is None or not is_sound:
            return
        tried = try_newer_rows(
            self._leg,
            self._data,
            self._revision,
            former,
            accepted=self._loses_data,
            empty_first=self._needs_empty_tables,
        )
        self._trip.findings += tried.findings
        if not tried.is_after:
            self._trip.left = Left.SPOILED

    def _is_undone(self, before: Snapshot) -> bool:
        back = self._leg.look()
        differences = self._leg.compare(before, back)
        wanted = self._leg.compare(back, before)
        self._trip.findings += judging.not_undone(self._revision, differences, wanted, self._leg.dialect)
        return not differences

    def _goes_up_again(self, before: Snapshot, after: Snapshot, *, undone: bool) -> None:
        if self._data is not None and self._needs_empty_tables:
            self._data.give_up()
        moved = self._leg.up(self._revision)
        self._again = moved.seconds
        # What is new after downgrade(): before it, the same failure is told already.
        alone = None if self._needs_same_run else moved.alone
        error = moved.error if alone is None else alone
        if error is not None:
            failure = failure_of(self._revision, error)
            self._trip.findings.append(judging.upgrade_again_failed(self._revision, failure, known=not undone))
        if moved.error is not None:
            self._trip.left = self._brought_forward(before, after)
            return
        differences = self._leg.compare(after, self._leg.look())
        if differences:
            self._trip.findings += judging.upgrade_again_differs(self._revision, differences)
            self._trip.left = Left.AFTER if self._leg.repaired(after) else Left.SPOILED

    def _brought_forward(self, before: Snapshot, after: Snapshot) -> Left:
        """Undo what downgrade() has left by statements of our own, which is quicker than building the state anew."""
        leg = self._leg
        if self._data is not None:
            self._data.give_up()
        if leg.walk.is_usable and leg.repaired(before) and leg.up(self._revision).error is None:
            return Left.AFTER if leg.looks_like(after) else Left.SPOILED
        return Left.SPOILED
