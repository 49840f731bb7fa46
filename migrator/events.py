"""What happened during a run, in the past tense. The executor emits these; reports and progress listen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from migrator.chain.model import Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """A plan with at least one step was begun."""

    direction: Direction
    steps: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StepStarted:
    """A revision's ``upgrade()`` or ``downgrade()`` was entered."""

    revision: str
    doc: str
    number: int
    """Position in the plan, counted from 1."""
    steps: int
    direction: Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFinished:
    """A revision and its version row were committed."""

    revision: str
    number: int
    steps: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFailed:
    """A revision raised; its transaction was rolled back."""

    revision: str
    number: int
    steps: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    """The last step was committed and the database was read again."""

    applied: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LockHolder:
    """The session or process that has a migration lock."""

    session: str
    """Such as ``PostgreSQL process 4711``."""
    application: str | None = None
    user: str | None = None
    client: str | None = None
    """Machine that it runs on, by name or address."""
    connected_seconds: float | None = None
    """Age of its session when it was looked at."""
    ended_by: str | None = None
    """The statement or command that ends it."""

    def __str__(self) -> str:
        """Such as ``PostgreSQL process 4711 (migrator lock pod-1:7, user app, from 10.0.0.3, connected for 12 s)``."""
        age = "" if self.connected_seconds is None else f"connected for {self.connected_seconds:.0f} s"
        words = [
            self.application or "",
            f"user {self.user}" if self.user else "",
            f"from {self.client}" if self.client else "",
            age,
        ]
        known = ", ".join(word for word in words if word)
        return f"{self.session} ({known})" if known else self.session


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseAwaited:
    """The database did not answer and will be tried again; told at each change, and from time to time without one."""

    reason: str
    waited: float
    """Seconds so far."""
    limit: float
    """Seconds after which it is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockAwaited:
    """Another process had the migration lock; told at each change of holder, and from time to time without one."""

    holder: LockHolder | None
    waited: float
    """Seconds so far."""
    limit: float
    """Seconds after which it is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockObtained:
    """The migration lock was obtained after another process had had it."""

    waited: float


Event: TypeAlias = (
    RunStarted | StepStarted | StepFinished | StepFailed | RunFinished | DatabaseAwaited | LockAwaited | LockObtained
)
Listener: TypeAlias = Callable[[Event], None]
