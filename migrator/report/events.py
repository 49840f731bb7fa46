"""An event as one line for people, and as a JSON object for programs."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, Any

from migrator.events import (
    AttemptFailed,
    BlockerEnded,
    DatabaseAwaited,
    Event,
    HeadsAwaited,
    HookPrinted,
    InvalidIndexDropped,
    LedgerCreated,
    LockAwaited,
    LockObtained,
    StepResumed,
    WatcherFailed,
)
from migrator.redaction import redact_within
from migrator.report.durations import duration

if TYPE_CHECKING:
    from migrator.report.running import Heartbeat

SCHEMA = "migrator/event/1"
_WORD = re.compile(r"(?<!^)(?=[A-Z])")


def event_line(event: Event) -> str | None:
    """What happened beside the steps themselves, as a line; None for an event that progress shows in its own way."""
    if isinstance(event, DatabaseAwaited | LockAwaited | LockObtained):
        return _waiting(event)
    if isinstance(event, HeadsAwaited):
        return _awaited(event)
    if isinstance(event, AttemptFailed | BlockerEnded | StepResumed | InvalidIndexDropped | LedgerCreated):
        return _detour(event)
    if isinstance(event, HookPrinted):
        return f"{event.hook}: {event.line}"
    if isinstance(event, WatcherFailed):
        return "\n".join([f"Warning: {event.watcher} failed: {event.reason}", *(f"  {line}" for line in event.output)])
    return None


def _waiting(event: DatabaseAwaited | LockAwaited | LockObtained) -> str:
    if isinstance(event, DatabaseAwaited):
        return f"Waiting for the database ({event.waited:.0f} of {event.limit:.0f} s): {event.reason}"
    if isinstance(event, LockAwaited):
        holder = event.holder or "a process that the server does not name"
        return f"Waiting for the migration lock ({event.waited:.0f} of {event.limit:.0f} s): held by {holder}"
    return f"Obtained the migration lock after {duration(event.waited)}"


def _awaited(event: HeadsAwaited) -> str:
    at = ", ".join(event.current) or "base"
    lacks = f"{event.pending} revision{'' if event.pending == 1 else 's'}"
    if event.holder is not None:
        now = f"the migration lock is held by {event.holder}"
    elif event.half_applied:
        now = f"{', '.join(event.half_applied)} half applied, and nobody migrates"
    else:
        now = "nobody migrates"
    return f"Waiting for {lacks} ({event.waited:.0f} of {event.limit:.0f} s): the database is at {at}, {now}"


def _detour(event: AttemptFailed | BlockerEnded | StepResumed | InvalidIndexDropped | LedgerCreated) -> str:
    if isinstance(event, AttemptFailed):
        return _attempt(event)
    if isinstance(event, BlockerEnded):
        return f"Ended {event.blocker}, which was in the way (--kill-blockers)"
    if isinstance(event, StepResumed):
        done = f"{event.done} statement{'' if event.done == 1 else 's'}"
        return f"{event.revision} was cut half way and is gone on with: {done} had taken effect"
    if isinstance(event, InvalidIndexDropped):
        return f"Dropped index {event.index}, the invalid rest of a build that was cut; it is built again"
    adopted = f", with {event.adopted} revisions that had been applied before" if event.adopted else ""
    return f"Created the ledger in {event.place}{adopted}"


def _attempt(event: AttemptFailed) -> str:
    head = (
        f"{event.revision}, attempt {event.attempt} rolled back: {event.obstacle.value}; again in "
        f"{duration(event.pause)} ({event.waited:.0f} of {event.limit:.0f} s)"
    )
    return "\n".join(
        [head, f"  statement: {event.statement}", *(f"  blocked by {blocker}" for blocker in event.blockers)]
    )


def event_as_dict(event: Event | Heartbeat, moment: float) -> dict[str, object]:
    """The event for a program: its name and its fields as they are declared, secrets masked.

    Args:
        event: any event.
        moment: when it happened, in seconds of the epoch.

    """
    return {
        "schema": SCHEMA,
        "event": _WORD.sub("_", type(event).__name__).lower(),
        "time": datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        **redact_within(plain(event)),
    }


def event_as_json(event: Event | Heartbeat, moment: float) -> str:
    """The same on one line."""
    import json

    return json.dumps(event_as_dict(event, moment), ensure_ascii=False)


def plain(value: Any) -> Any:
    """Give an event, or a value of one, in JSON's own types."""
    if dataclasses.is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Enum):
        return value.name.lower()  # its value may be words for people
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if isinstance(value, float):
        return round(value, 6)
    return value
