"""Progress on stderr: a bar on a terminal, lines in a log, JSON lines for a program."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.events import Event, Listener


@contextmanager
def progress(*, quiet: bool, as_json: bool = False, each_step: bool = True) -> Iterator[Listener]:
    """Give a listener that shows a run's events the way that suits stderr.

    Nothing is imported before there is something to show: a pod that has nothing to do pays for no words.

    Args:
        quiet: show nothing but warnings.
        as_json: one JSON object a line, whatever stderr is.
        each_step: False: a log gets no line for each revision, only signs of life.

    """
    with ExitStack() as until_the_end:
        listener: Listener | None = None

        def listen(event: Event) -> None:
            nonlocal listener
            if listener is None:
                listener = until_the_end.enter_context(_way(quiet=quiet, as_json=as_json, each_step=each_step)())
            listener(event)

        yield listen


def _way(*, quiet: bool, as_json: bool, each_step: bool) -> Callable[[], AbstractContextManager[Listener]]:
    if quiet:
        from migrator.report.log import warnings_only

        return warnings_only
    if not as_json and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        from migrator.report.bar import terminal_bar

        return terminal_bar
    from migrator.report.log import beats_only, json_log, text_log

    if as_json:
        return json_log
    return text_log if each_step else beats_only
