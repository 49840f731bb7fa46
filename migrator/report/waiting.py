"""What a process that waits says on stderr, where no run follows: one line at each change, and from time to time."""

from __future__ import annotations

import sys
import time

from migrator.events import Event, Listener
from migrator.redaction import redact
from migrator.report.events import event_as_json, event_line


def notices(*, quiet: bool, as_json: bool = False) -> Listener:
    """A listener that prints the lines of events, for commands that run no revisions."""

    def listen(event: Event) -> None:
        line = event_as_json(event, time.time()) if as_json else event_line(event)
        if line is not None and not quiet:
            sys.stderr.write(redact(line) + "\n")
            sys.stderr.flush()

    return listen
