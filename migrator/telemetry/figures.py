"""The figures of a run, added up from its events."""

from __future__ import annotations

from dataclasses import dataclass, field

from migrator.events import (
    AttemptFailed,
    Event,
    LockAwaited,
    LockObtained,
    RunStarted,
    StepFinished,
    StepStarted,
)


@dataclass(slots=True)
class Applied:
    """A revision that was committed, either way."""

    revision: str
    doc: str
    seconds: float


@dataclass
class Figures:
    """What a run has done so far."""

    planned: int | None = None
    """Revisions that it was to run; None: it did not come to know."""
    applied: list[Applied] = field(default_factory=list)
    attempts: int = 0
    """At revisions: at least one each."""
    lock_wait: float = 0.0
    """Seconds for which another process had the migration lock."""
    running: StepStarted | None = None
    """The revision that was begun and has not ended."""
    has_begun: bool = False

    @property
    def pending(self) -> int | None:
        """Revisions that are left of the plan."""
        return None if self.planned is None else max(0, self.planned - len(self.applied))

    def take(self, event: Event) -> None:
        """Learn from an event."""
        if isinstance(event, RunStarted):
            self.planned, self.has_begun = event.steps, True
        elif isinstance(event, LockAwaited | LockObtained):
            self.lock_wait = event.waited
        elif isinstance(event, StepStarted):
            self.running, self.planned = event, event.steps
            self.attempts += 1
        elif isinstance(event, AttemptFailed):
            self.attempts += 1
        elif isinstance(event, StepFinished):
            doc = self.running.doc if self.running else ""
            self.applied.append(Applied(event.revision, doc, event.seconds))
            self.running = None
