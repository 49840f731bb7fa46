"""What a run is doing at this moment, as its events have told."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

from migrator.events import Event, RunFinished, StatementRunning, StepFailed, StepFinished, StepStarted
from migrator.report.durations import duration

_STALE_SECONDS = 5.0
"""Statements are told of each second: one that is not told of any more has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A revision is still running; told by reports themselves, from time to time."""

    revision: str
    number: int
    steps: int
    seconds: float
    """Since the revision was begun."""
    statement: str | None = None
    """The one that has been running for a while, without values."""
    statement_seconds: float | None = None
    phase: str | None = None
    share: float | None = None
    """From 0 to 1, of the phase."""


def statement_line(event: StatementRunning) -> str:
    """Such as ``12.0 s  building index: scanning table, 45 %  CREATE INDEX ...``: what is cut off stands last."""
    return "  ".join(
        word for word in (duration(event.seconds), _doing(event.phase, event.share), event.statement) if word
    )


def heartbeat_line(beat: Heartbeat) -> str:
    """The line for a log."""
    head = f"[{beat.number}/{beat.steps}] {beat.revision} still running after {beat.seconds:.0f} s"
    if beat.statement is None:
        return head
    doing = _doing(beat.phase, beat.share)
    return f"{head}: {beat.statement}{f' ({doing})' if doing else ''}"


def _doing(phase: str | None, share: float | None) -> str:
    known = [phase or "", "" if share is None else f"{share * 100:.0f} %"]
    return ", ".join(word for word in known if word)


class Running:
    """The step that runs, and its statement. Events may come from several threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._step: StepStarted | None = None
        self._since = 0.0
        self._statement: StatementRunning | None = None
        self._told = 0.0

    def take(self, event: Event) -> StepStarted | None:
        """Learn from an event; returns the step that it ended, if it ended one."""
        with self._guard:
            if isinstance(event, StepStarted):
                self._step, self._since, self._statement = event, time.monotonic(), None
            elif isinstance(event, StepFinished | StepFailed | RunFinished):
                ended, self._step, self._statement = self._step, None, None
                return ended
            elif isinstance(event, StatementRunning) and self._is_current(event):
                self._statement, self._told = event, time.monotonic()
            return None

    def _is_current(self, event: StatementRunning) -> bool:
        """A thread may tell of a statement whose revision has ended meanwhile."""
        return self._step is not None and self._step.revision == event.revision

    @property
    def statement(self) -> StatementRunning | None:
        """The statement that has been running for a while."""
        with self._guard:
            return None if time.monotonic() - self._told > _STALE_SECONDS else self._statement

    def beat(self) -> Heartbeat | None:
        """What to tell after a silence; None between steps."""
        statement = self.statement
        with self._guard:
            if self._step is None:
                return None
            return Heartbeat(
                revision=self._step.revision,
                number=self._step.number,
                steps=self._step.steps,
                seconds=time.monotonic() - self._since,
                statement=statement.statement if statement else None,
                statement_seconds=statement.seconds if statement else None,
                phase=statement.phase if statement else None,
                share=statement.share if statement else None,
            )
