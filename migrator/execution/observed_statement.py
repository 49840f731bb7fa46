"""One statement of a revision under observation: who is in its way, who waits behind it, and how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from migrator.database.light import LightConnection
from migrator.database.sessions.asking import Asking
from migrator.database.sessions.postgresql import (
    BlockingSession,
    blocking_sessions,
    cancel_waiting,
    end_session,
    waiting_sessions,
)
from migrator.database.sessions.progress import Progress, progress_of
from migrator.database.sessions.waiting import Queue, WaitingSession, is_deadlocked, victims
from migrator.database.statements import LockClass, one_line, read_statement
from migrator.events import Blocker, BlockerEnded, Listener, Obstacle, StatementRunning

_FIRST_LOOK: Final = 0.1
_TELL_EVERY: Final = 1.0
_NAME_AGAIN: Final = 0.5
"""Seconds after which the same blockers are read again: their ages and what they do."""
_WITH_VICTIMS: Final = 0.02
_WAITING: Final = 0.05
_WORKING: Final = 0.2
_OWN_SHARE: Final = 4.0
"""Pauses are at least so many times as long as the look took: a large queue is not asked for all the time."""


class Watched:
    """A statement, as the thread that runs it describes it. What is found out about it is kept here too."""

    __slots__ = ("began", "blockers", "cancelled_for", "patience", "session", "sql")

    def __init__(self, session: int | None, sql: str, patience: float | None = None) -> None:
        """Begin now.

        Args:
            session: process of the server that runs it; None where the driver can't tell.
            sql: its text.
            patience: seconds that it waits for a lock.

        """
        self.session = session
        self.sql = sql
        self.patience = patience
        self.began = time.monotonic()
        self.blockers: tuple[Blocker, ...] = ()
        self.cancelled_for: Obstacle | None = None

    @property
    def first_look(self) -> float:
        """When to look for the first time: early enough to see the blockers before its patience ends."""
        if not self.patience:
            return self.began + _FIRST_LOOK
        return self.began + min(_FIRST_LOOK, self.patience / 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a statement may cost others, in seconds."""

    victim_budget: float
    """Sum over the sessions that queue behind it while it waits; 0: any."""
    kill_after: float | None = None
    """Age of a blocker's transaction at which its session is ended; None: never."""


class Observation:
    """What the observer's thread knows of one statement."""

    def __init__(
        self, watched: Watched, asking: Asking, *, limits: Limits, listen: Listener, is_running: Callable[[], bool]
    ) -> None:
        self.watched = watched
        self.next_look = watched.first_look
        """By the monotonic clock."""
        self._asking = asking
        self._limits = limits
        self._listen = listen
        self._is_running = is_running
        self._waiting: WaitingSession | None = None
        self._looked = watched.began
        self._victims = 0
        self._victim_seconds = 0.0
        self._blocking: tuple[BlockingSession, ...] = ()
        self._named: tuple[frozenset[int], float] = (frozenset(), 0.0)
        self._ended: set[int] = set()
        self._waited_until: dict[int, float] = {}
        self._tell_at = watched.began + _TELL_EVERY

    def look(self) -> None:
        """Look at the server once, do what follows, and settle when to look again."""
        began = time.monotonic()
        pause = _WAITING if self.watched.session is None else self._look(self.watched.session)
        now = time.monotonic()
        self.next_look = now + max(pause, (now - began) * _OWN_SHARE)

    def _look(self, session: int) -> float:
        queue = self._asking.ask(_queue)
        now = time.monotonic()
        if queue is None or not self._is_running():
            # What was seen may belong to the session's next statement already.
            return _WAITING
        self._waiting = queue.get(session)
        if self._waiting is None:
            self._looked, self._victims = now, 0
            return _WORKING
        self._name(self._waiting, now)
        self._count(session, queue, now)
        if is_deadlocked(session, queue):
            # The server would fail whichever of the two has waited for a second first: not the application's, please.
            self._cancel(self._waiting, Obstacle.DEADLOCK)
        elif 0 < self._limits.victim_budget < self._victim_seconds:
            self._cancel(self._waiting, Obstacle.VICTIMS)
        if self._limits.kill_after is not None:
            self._end_old_ones(session, queue, self._limits.kill_after)
        return _WITH_VICTIMS if self._victims else _WAITING

    def _name(self, waiting: WaitingSession, now: float) -> None:
        """Read who is in the way, where that has changed or is old."""
        numbers, read = self._named
        wanted = frozenset(waiting.blocked_by)
        if wanted == numbers and now - read < _NAME_AGAIN:
            return
        found = self._asking.ask(blocking_sessions, waiting.blocked_by)
        if found:
            self._named = (wanted, now)
            self._blocking = found
            self.watched.blockers = tuple(each.shown for each in found)

    def _count(self, session: int, queue: Queue, now: float) -> None:
        """Add up how long others have waited, as if their number had changed evenly between two looks."""
        count = victims(session, queue)
        self._victim_seconds += (self._victims + count) / 2 * (now - self._looked)
        self._victims, self._looked = count, now

    def _cancel(self, waiting: WaitingSession, reason: Obstacle) -> None:
        watched = self.watched
        # A build that is cut leaves an invalid index behind, and keeps nobody from working while it waits.
        if watched.cancelled_for or read_statement(watched.sql, "postgresql").lock is LockClass.ONLINE:
            return
        # Before the server is told: the other thread looks at it as soon as its statement fails.
        watched.cancelled_for = reason
        if not self._is_running() or not self._asking.ask(cancel_waiting, waiting):
            watched.cancelled_for = None

    def _end_old_ones(self, session: int, queue: Queue, age: float) -> None:
        """End the blockers that are old enough, once each.

        One that waits itself goes on when another has ended, and its age counts from there.
        """
        now = time.monotonic()
        for each in self._blocking:
            number, seconds = each.shown.session, each.shown.transaction_seconds
            if number in queue:
                self._waited_until[number] = now
            seconds = min(seconds or 0.0, now - self._waited_until.get(number, float("-inf")))
            if seconds <= age or number in self._ended or not self._is_running():
                continue
            self._ended.add(number)
            if self._asking.ask(end_session, each, own=session):
                self._listen(BlockerEnded(blocker=each.shown))

    def tell(self, revision: str | None) -> None:
        """Say each second that it runs, and what it is at."""
        now = time.monotonic()
        if revision is None or now < self._tell_at:
            return
        self._tell_at = now + _TELL_EVERY
        session = self.watched.session
        progress = None if session is None else self._asking.ask(progress_of, session)
        phase, share = self._phase(progress)
        self._listen(
            StatementRunning(
                revision=revision,
                statement=one_line(self.watched.sql),
                seconds=now - self.watched.began,
                phase=phase,
                share=share,
            )
        )

    def _phase(self, progress: Progress | None) -> tuple[str | None, float | None]:
        blockers = self.watched.blockers if self._waiting is not None else ()
        if not blockers:
            return (None, None) if progress is None else (progress.phase, progress.share)
        others = f" and {len(blockers) - 1} more" if len(blockers) > 1 else ""
        held = f"a lock held by {blockers[0]}{others}"
        if progress is None:
            return f"waiting for {held}", None
        return f"{progress.phase}: {held}", progress.share


def _queue(connection: LightConnection) -> Queue | None:
    return waiting_sessions(connection) if connection.dialect == "postgresql" else None
