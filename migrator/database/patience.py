"""Waiting: how long to pause between attempts, when to say something, and the loop that does both."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from migrator.errors import Unreachable

if TYPE_CHECKING:
    from migrator.events import Listener

T = TypeVar("T")
HEARTBEAT_SECONDS: Final = 10.0
_GROWTH: Final = 1.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How the pauses between attempts grow."""

    first: float
    """Seconds."""
    longest: float
    """Seconds, before the jitter, which adds or takes up to a half."""

    def pauses(self, chance: Callable[[], float]) -> Iterator[float]:
        """Endless pauses in seconds, from the first again at each call.

        Args:
            chance: numbers from 0 to 1; they keep processes that began together from asking together.

        """
        pause = self.first
        while True:
            yield pause * (0.5 + chance())
            pause = min(pause * _GROWTH, self.longest)


LOCK: Final = Schedule(first=0.1, longest=1.0)
DATABASE: Final = Schedule(first=0.2, longest=3.0)


@dataclass(frozen=True, slots=True)
class Clock:
    """What the loop below takes from the machine."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    chance: Callable[[], float] = random.random


class Heartbeat:
    """Says when a waiting process has something to tell: at each change, and after each ten seconds without one."""

    def __init__(self) -> None:
        self._said: tuple[object, float] | None = None

    def is_due(self, subject: object, now: float) -> bool:
        """Whether to speak of a subject now; True counts as spoken."""
        if self._said is not None and self._said[0] == subject and now - self._said[1] < HEARTBEAT_SECONDS:
            return False
        self._said = (subject, now)
        return True


def attempts(schedule: Schedule, *, limit: float, clock: Clock) -> Iterator[float]:
    """Pause between the turns of a loop; yields the seconds waited so far, and ends when the limit is over.

    There is always a first turn, and one at the very end of the limit.
    """
    started = clock.now()
    pauses = schedule.pauses(clock.chance)
    while True:
        waited = clock.now() - started
        yield waited
        left = limit - waited
        if left <= 0:
            return
        clock.sleep(min(next(pauses), left))


def when_reachable(attempt: Callable[[], T], *, limit: float, listen: Listener, clock: Clock | None = None) -> T:
    """Return what an attempt returns as soon as the database answers.

    Args:
        attempt: connects and reads.
        limit: seconds to wait for what may pass: nothing listens, the name is not known yet, the server starts.
        listen: told why it waits.
        clock: time and chance; the machine's when None.

    Raises:
        Unreachable: it did not answer in time, or for a reason that waiting does not change.

    """
    clock = clock or Clock()
    heartbeat = Heartbeat()
    last: Unreachable | None = None
    waited = 0.0
    for waited in attempts(DATABASE, limit=limit, clock=clock):
        try:
            return attempt()
        except Unreachable as error:
            from migrator.database.failures import may_pass
            from migrator.events import DatabaseAwaited

            if not may_pass(error):
                raise
            last = error
            if limit > 0 and heartbeat.is_due(error.message, clock.now()):
                listen(DatabaseAwaited(reason=error.message, waited=waited, limit=limit))
    assert last is not None  # noqa: S101 - there is always a first attempt
    if limit <= 0:
        raise last
    from migrator.database.failures import after_waiting

    raise after_waiting(last, waited) from last
