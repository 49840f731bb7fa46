"""Progress on stderr: a bar on a terminal, lines in a log, JSON lines for a program."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from migrator.events import Event, Listener, WatcherFailed
from migrator.redaction import redact


@contextmanager
def progress(*, quiet: bool, as_json: bool = False) -> Iterator[Listener]:
    """Give a listener that shows a run's events the way that suits stderr.

    Args:
        quiet: show nothing but warnings.
        as_json: one JSON object a line, whatever stderr is.

    """
    from migrator.report.log import json_log, text_log

    if quiet:
        yield _warn
    elif as_json:
        with json_log() as listen:
            yield listen
    elif sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        from migrator.report.bar import terminal_bar

        with terminal_bar() as listen:
            yield listen
    else:
        with text_log() as listen:
            yield listen


def _warn(event: Event) -> None:
    if isinstance(event, WatcherFailed):
        from migrator.report.events import event_line

        sys.stderr.write(redact(str(event_line(event))) + "\n")
        sys.stderr.flush()
