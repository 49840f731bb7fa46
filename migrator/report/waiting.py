"""What a process that waits says on stderr: one line at each change, and one from time to time without."""

from __future__ import annotations

import sys

from migrator.events import DatabaseAwaited, Event, Listener, LockAwaited, LockObtained
from migrator.redaction import redact
from migrator.report.durations import duration


def waiting_line(event: Event) -> str | None:
    """The line for an event of waiting; None for any other event."""
    if isinstance(event, DatabaseAwaited):
        return f"Waiting for the database ({event.waited:.0f} of {event.limit:.0f} s): {event.reason}"
    if isinstance(event, LockAwaited):
        holder = event.holder or "a process that the server does not name"
        return f"Waiting for the migration lock ({event.waited:.0f} of {event.limit:.0f} s): held by {holder}"
    if isinstance(event, LockObtained):
        return f"Obtained the migration lock after {duration(event.waited)}"
    return None


def notices(*, quiet: bool) -> Listener:
    """A listener that prints those lines, for what comes before a run."""

    def listen(event: Event) -> None:
        line = None if quiet else waiting_line(event)
        if line is not None:
            sys.stderr.write(redact(line) + "\n")
            sys.stderr.flush()

    return listen
