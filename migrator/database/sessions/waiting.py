"""Who waits for whose lock, as a value, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WaitingSession:
    """A session that waited for a lock when it was looked at."""

    session: int
    blocked_by: tuple[int, ...]
    """Sessions that have the lock, or stand before it in the queue; 0 is a prepared transaction."""
    is_client: bool
    """Whether somebody waits for its answer, unlike for autovacuum's."""
    mark: str | None
    """When its statement began: what tells it from the session's next one; None where it isn't shown to everybody."""


Queue = Mapping[int, WaitingSession]
"""The waiting sessions by their numbers."""


def behind(session: int, queue: Queue) -> frozenset[int]:
    """The sessions that wait for one, directly or through others."""
    found: set[int] = set()
    front = {session}
    while front:
        front = {each for each, waits in queue.items() if not front.isdisjoint(waits.blocked_by)} - found - {session}
        found |= front
    return frozenset(found)


def is_deadlocked(session: int, queue: Queue) -> bool:
    """Whether a session waits for one that waits for it: the server will fail either of them."""
    waiting = queue.get(session)
    return waiting is not None and not behind(session, queue).isdisjoint(waiting.blocked_by)


def victims(session: int, queue: Queue) -> int:
    """How many clients wait for a session."""
    return sum(queue[each].is_client for each in behind(session, queue))
