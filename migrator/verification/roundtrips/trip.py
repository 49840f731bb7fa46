"""One revision up, down and up again."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from enum import Enum, auto

from migrator.chain.model import Body, Revision
from migrator.database.snapshot.comparing import compare
from migrator.database.snapshot.model import Snapshot
from migrator.findings import Finding
from migrator.verification.roundtrips import judging
from migrator.verification.roundtrips.leg import Leg, failure_of
from migrator.verification.roundtrips.model import Timing


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


def round_trip(leg: Leg, revision: Revision, *, one_way: bool) -> Trip:
    """Take a revision up, down and up again, and look at the schema after each step.

    Args:
        leg: stands where the revision begins.
        revision: all that it stands on is applied.
        one_way: only up.

    """
    return _RoundTrip(leg, revision).run(one_way=one_way)


class _RoundTrip:
    def __init__(self, leg: Leg, revision: Revision) -> None:
        self._leg = leg
        self._revision = revision
        self._trip = Trip()
        self._up: float | None = None
        self._down: float | None = None
        self._again: float | None = None

    def run(self, *, one_way: bool) -> Trip:
        started = time.perf_counter()
        before = self._leg.look()
        if self._goes_up(before) and not one_way:
            after = self._leg.look()
            if self._goes_down(after):
                undone = self._is_undone(before)
                self._goes_up_again(before, after, undone=undone)
        self._trip.timing = Timing(up=self._up, down=self._down, again=self._again, total=time.perf_counter() - started)
        return self._trip

    def _goes_up(self, before: Snapshot) -> bool:
        moved = self._leg.up(self._revision)
        self._up = moved.seconds
        if moved.error is None:
            return True
        failure = failure_of(self._revision, moved.error)
        self._trip.findings.append(judging.upgrade_failed(self._revision, failure, on_data=False))
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
            self._trip.findings.append(judging.downgrade_failed(revision, failure, on_data=False))
        if not self._leg.looks_like(after):
            self._trip.left = Left.SPOILED
        return False

    def _is_undone(self, before: Snapshot) -> bool:
        back = self._leg.look()
        differences = compare(before, back)
        wanted = compare(back, before)
        self._trip.findings += judging.not_undone(self._revision, differences, wanted, self._leg.dialect)
        return not differences

    def _goes_up_again(self, before: Snapshot, after: Snapshot, *, undone: bool) -> None:
        moved = self._leg.up(self._revision)
        self._again = moved.seconds
        if moved.error is not None:
            failure = failure_of(self._revision, moved.error)
            self._trip.findings.append(judging.upgrade_again_failed(self._revision, failure, known=not undone))
            self._trip.left = self._brought_forward(before, after)
            return
        differences = compare(after, self._leg.look())
        if differences:
            self._trip.findings += judging.upgrade_again_differs(self._revision, differences)
            self._trip.left = Left.AFTER if self._leg.repaired(after) else Left.SPOILED

    def _brought_forward(self, before: Snapshot, after: Snapshot) -> Left:
        """Undo what downgrade() has left by statements of our own, which is quicker than building the state anew."""
        leg = self._leg
        if leg.walk.is_usable and leg.repaired(before) and leg.up(self._revision).error is None:
            return Left.AFTER if leg.looks_like(after) else Left.SPOILED
        return Left.SPOILED
