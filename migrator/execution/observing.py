"""A thread that looks at the database from a connection of its own while the statements of a revision run."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from migrator.database.light import LightConnection
from migrator.database.sessions.asking import Asking
from migrator.events import Blocker, Listener, Obstacle
from migrator.execution.observed_statement import Limits, Observation, Watched

_TICK: Final = 0.025
"""Seconds between the glances at what this process does; they cost no question to the server."""
_NOTE_AFTER: Final = 0.3
_FAREWELL: Final = 2.0
"""Seconds that the end of a run waits for the thread: a server that is gone must not hold it up."""


class Observer:
    """Names who is in the way of a statement, protects those who queue behind it, and tells how far it is.

    The thread that runs the statements says what it does by `step`, `statement` and `done`, which only write
    attributes. It reads `blockers` and `cancelled_for` after a statement has failed. Nothing that goes wrong
    here reaches it.
    """

    def __init__(
        self,
        open_it: Callable[[], LightConnection] | None,
        *,
        listen: Listener,
        victim_budget: float,
        kill_after: float | None = None,
        note: Callable[[LightConnection, str], None] | None = None,
    ) -> None:
        """Start nothing yet; use it in a ``with`` statement.

        Args:
            open_it: opens a connection in autocommit to the database that the statements run on, called in the thread,
                and not before a statement takes long; None, as for SQLite: only the time is told.
            listen: told what happens, from the thread.
            victim_budget: seconds that others may queue behind a statement that waits, added up over their sessions,
                before it is cancelled; 0: any. In a deadlock with one of them it is cancelled in any case.
            kill_after: seconds; a client's session in the way whose transaction is older is ended. None: never.
            note: called with the observer's connection for each revision that takes long, once.

        """
        self._asking = Asking(open_it)
        self.victim_budget = victim_budget
        """May be changed between two statements."""
        self._kill_after = kill_after
        self._listen = listen
        self._note = note
        self._step: tuple[str, float] | None = None
        self._noted: tuple[str, float] | None = None
        self._last: Watched | None = None
        self._running: Watched | None = None
        self._observation: Observation | None = None
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="migrator-observer", daemon=True)

    def step(self, revision: str | None) -> None:
        """Say which revision begins; None: it has ended."""
        self._step = None if revision is None else (revision, time.monotonic())

    def statement(self, session: int | None, sql: str, patience: float | None = None) -> None:
        """Say which statement begins, and forget what was found out about the last one.

        Args:
            session: process of the server that runs it; None where the driver can't tell.
            sql: its text.
            patience: seconds that it waits for a lock, so that the first look comes before they are over.

        """
        self._last = self._running = Watched(session, sql, patience)

    def done(self) -> None:
        """Say that the statement has ended, whether well or not."""
        self._running = None

    @property
    def blockers(self) -> tuple[Blocker, ...]:
        """Who was in the way of the last statement, as last seen; the oldest transaction first."""
        return () if self._last is None else self._last.blockers

    @property
    def cancelled_for(self) -> Obstacle | None:
        """Why the last statement was cancelled from here, for the sake of others; None: it was not."""
        return None if self._last is None else self._last.cancelled_for

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop it."""
        self.stop()

    def stop(self) -> None:
        """End the thread and its connection; it is given up where the server doesn't answer."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(_FAREWELL)

    def _run(self) -> None:
        pause = _TICK
        while not self._stopping.wait(pause):
            try:
                pause = self._glance()
            except Exception:  # noqa: BLE001 - whoever listens may fail; the statement must not
                pause = _TICK
        self._asking.close()

    def _glance(self) -> float:
        """Do what is due.

        Returns:
            Seconds until the next time.

        """
        self._note_step()
        running = self._running
        if running is None:
            self._observation = None
            return _TICK
        if self._observation is None or self._observation.watched is not running:
            self._observation = Observation(
                running,
                self._asking,
                limits=Limits(victim_budget=self.victim_budget, kill_after=self._kill_after),
                listen=self._listen,
                is_running=lambda: self._running is running,
            )
        if self._observation.next_look <= time.monotonic():
            self._observation.look()
        if self._running is running:
            self._observation.tell(None if self._step is None else self._step[0])
        # The next statement may begin before the next look at this one.
        return min(_TICK, max(self._observation.next_look - time.monotonic(), 0.0))

    def _note_step(self) -> None:
        """Write down once which revision is being run, when it takes long enough for somebody to ask."""
        step = self._step
        if self._note is None or step is None or step is self._noted or time.monotonic() - step[1] < _NOTE_AFTER:
            return
        self._noted = step
        self._asking.ask(self._note, step[0])
