"""What happened during a run, in the past tense. The executor emits these; reports and progress listen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
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
    session_id: int | None = None
    """The server's number of the session, where the lock has one."""
    since_seconds: float | None = None
    """How long its run goes on, where that is known."""
    revision: str | None = None
    """The revision that it is on, where that is known."""

    def __str__(self) -> str:
        """Such as ``PostgreSQL process 4711 (migrator lock pod-1:7, user app), migrating for 12 s, at ab12cd``."""
        runs = self.since_seconds is not None
        age = "" if runs or self.connected_seconds is None else f"connected for {self.connected_seconds:.0f} s"
        words = [
            self.application or "",
            f"user {self.user}" if self.user else "",
            f"from {self.client}" if self.client else "",
            age,
        ]
        known = ", ".join(word for word in words if word)
        named = f"{self.session} ({known})" if known else self.session
        if self.since_seconds is not None:
            named += f", migrating for {self.since_seconds:.0f} s"
        return f"{named}, at {self.revision}" if self.revision else named


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
class HeadsAwaited:
    """The database was not at the wanted revisions yet; told at each change, and from time to time without one."""

    location: str
    current: tuple[str, ...]
    """Version rows."""
    pending: int
    """Revisions that it lacks."""
    holder: LockHolder | None
    """Who migrates it now."""
    half_applied: tuple[str, ...]
    """Revisions that were cut half way, while nobody migrates."""
    waited: float
    """Seconds so far."""
    limit: float
    """Seconds after which it is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LockObtained:
    """The migration lock was obtained after another process had had it."""

    waited: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """A session that had a lock which a statement of a revision wanted."""

    session: int
    """Process id of the server, as ``pg_terminate_backend`` wants it."""
    user: str | None = None
    application: str | None = None
    client: str | None = None
    """Machine that it runs on, by name or address."""
    state: str | None = None
    """Such as ``idle in transaction``."""
    transaction_seconds: float | None = None
    """Age of its transaction."""
    query: str | None = None
    """The statement that it ran last, its values left out."""

    def __str__(self) -> str:
        """Such as ``process 4711 (app, user web, from 10.0.0.3, idle in transaction for 12 s: UPDATE users ...)``."""
        age = "" if self.transaction_seconds is None else f" for {self.transaction_seconds:.0f} s"
        words = [
            self.application or "",
            f"user {self.user}" if self.user else "",
            f"from {self.client}" if self.client else "",
            f"{self.state or 'transaction open'}{age}",
        ]
        known = ", ".join(word for word in words if word)
        return f"process {self.session} ({known}{f': {self.query}' if self.query else ''})"


class Obstacle(StrEnum):
    """Why an attempt at a revision was given up and rolled back."""

    LOCK_TIMEOUT = "it did not get a lock in time"
    DEADLOCK = "deadlock"
    VICTIMS = "too many sessions queued behind it"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFailed:
    """A revision did not get its locks; it was rolled back and is tried again after a pause."""

    revision: str
    obstacle: Obstacle
    statement: str
    """One line, without values."""
    blockers: tuple[Blocker, ...]
    attempt: int
    """Counted from 1."""
    pause: float
    """Seconds until the next attempt."""
    waited: float
    """Seconds since the first attempt began."""
    limit: float
    """Seconds after which it is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockerEnded:
    """``--kill-blockers``: a session that was in the way for too long was ended."""

    blocker: Blocker


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRunning:
    """A statement has been running for a while; told each second, from a thread of its own."""

    revision: str
    statement: str
    """One line, without values."""
    seconds: float
    phase: str | None = None
    """What the server says it is doing, such as ``building index: scanning table``; or what it waits for."""
    share: float | None = None
    """From 0 to 1, of the phase, where the server tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepResumed:
    """A revision that was cut half way is gone on with: what had taken effect is not run again."""

    revision: str
    done: int
    """Statements that had taken effect."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InvalidIndexDropped:
    """The rest of a concurrent build that was cut half way was dropped, to be built again."""

    index: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerCreated:
    """The ledger's tables were created, with a row for each revision that had been applied before."""

    place: str
    """Schema, or the database."""
    adopted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HookPrinted:
    """A hook wrote a line to its output; told from a thread of its own."""

    hook: str
    """``before_run``, ``after_run``, ``before_revision`` or ``after_revision``."""
    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WatcherFailed:
    """Somebody who was to be told of the run could not be; the run itself is not concerned."""

    watcher: str
    """A hook with its command, the metrics file, or OpenTelemetry."""
    reason: str
    output: tuple[str, ...] = ()
    """The last lines that it wrote."""


Event: TypeAlias = (
    RunStarted
    | StepStarted
    | StepFinished
    | StepFailed
    | RunFinished
    | DatabaseAwaited
    | LockAwaited
    | HeadsAwaited
    | LockObtained
    | AttemptFailed
    | BlockerEnded
    | StatementRunning
    | StepResumed
    | InvalidIndexDropped
    | LedgerCreated
    | HookPrinted
    | WatcherFailed
)
Listener: TypeAlias = Callable[[Event], None]
