"""When a revision that did not get its locks is tried again: pure decisions on what the server said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from migrator.database.patience import Schedule
from migrator.events import Blocker, Obstacle

RETRY: Final = Schedule(first=0.5, longest=10.0)

_BY_SQLSTATE: Final = {"55P03": Obstacle.LOCK_TIMEOUT, "40P01": Obstacle.DEADLOCK}
_BY_NUMBER: Final = {1205: Obstacle.LOCK_TIMEOUT, 1213: Obstacle.DEADLOCK}
_CANCELLED: Final = "57014"


def obstacle_of(sqlstate: str | None, number: int | None, *, cancelled_for: Obstacle | None) -> Obstacle | None:
    """What kept an attempt from its locks; None for every other failure.

    Args:
        sqlstate: PostgreSQL's code.
        number: MySQL's and MariaDB's.
        cancelled_for: why this tool has cancelled the statement for the sake of others, if it has.

    """
    if sqlstate == _CANCELLED:
        return cancelled_for
    return _BY_SQLSTATE.get(sqlstate or "") or _BY_NUMBER.get(number or 0)


class LocksNotObtained(Exception):
    """A revision was tried until its time was over; the last attempt's error is the cause."""

    def __init__(
        self, obstacle: Obstacle, *, statement: str, blockers: Sequence[Blocker], attempts: int, waited: float
    ) -> None:
        """Keep what is known.

        Args:
            obstacle: of the last attempt.
            statement: the one that waited, without values.
            blockers: who was in the way, at the last look.
            attempts: how many there were.
            waited: seconds since the first one began.

        """
        times = f"{attempts} attempts in {waited:.0f} s" if attempts > 1 else "one attempt"
        super().__init__(f"{obstacle.value} ({times}): {statement}")
        self.obstacle = obstacle
        self.blockers = tuple(blockers)
