"""A run in a log: one line an event and a heartbeat, as text or as JSON."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from migrator.events import Event, Listener, StatementRunning, StepFailed, StepFinished, StepStarted, WatcherFailed
from migrator.redaction import redact
from migrator.report.durations import duration
from migrator.report.events import event_as_json, event_line
from migrator.report.running import Heartbeat, Running, heartbeat_line

HEARTBEAT_SECONDS = 10.0


@contextmanager
def text_log() -> Iterator[Listener]:
    """Give a listener that writes lines for people."""
    running = Running()

    def listen(event: Event) -> None:
        ended = running.take(event)
        if isinstance(event, StepFinished | StepFailed):
            _write(_step_line(event, ended))
        elif (line := event_line(event)) is not None:
            _write(line)

    with _heart(running, lambda beat: _write(heartbeat_line(beat))) as start:
        yield _starting(start, listen)


@contextmanager
def json_log() -> Iterator[Listener]:
    """Give a listener that writes one JSON object a line."""
    running = Running()

    def listen(event: Event) -> None:
        running.take(event)
        if not isinstance(event, StatementRunning):  # a heartbeat tells of it: a line each second would bury the rest
            _write(event_as_json(event, time.time()))

    with _heart(running, lambda beat: _write(event_as_json(beat, time.time()))) as start:
        yield _starting(start, listen)


@contextmanager
def beats_only() -> Iterator[Listener]:
    """Give a listener that writes no line for a revision, and lets a log see that a long run is alive."""
    running = Running()

    def listen(event: Event) -> None:
        running.take(event)

    with _heart(running, lambda beat: _write(heartbeat_line(beat))) as start:
        yield _starting(start, listen)


@contextmanager
def warnings_only() -> Iterator[Listener]:
    """Give a listener that writes only what went wrong with those who look on (``--quiet``)."""

    def listen(event: Event) -> None:
        if isinstance(event, WatcherFailed):
            _write(str(event_line(event)))

    yield listen


def _starting(start: Callable[[], None], listen: Listener) -> Listener:
    """The heart begins with the first step: a run with nothing to do needs no thread."""

    def begin(event: Event) -> None:
        if isinstance(event, StepStarted):
            start()
        listen(event)

    return begin


@contextmanager
def _heart(running: Running, tell: Callable[[Heartbeat], None]) -> Iterator[Callable[[], None]]:
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            if (what := running.beat()) is not None:
                tell(what)

    heart = threading.Thread(target=beat, name="migrator-heartbeat", daemon=True)

    def start() -> None:
        if heart.ident is None:
            heart.start()

    try:
        yield start
    finally:
        ended.set()
        if heart.ident is not None:
            heart.join()


def _step_line(event: StepFinished | StepFailed, started: StepStarted | None) -> str:
    verb, doc = (f"{started.direction.value} ", f"  {started.doc}") if started else ("", "")
    place = f"[{event.number}/{event.steps}] {verb}{event.revision}{doc}"
    return f"{place}  FAILED" if isinstance(event, StepFailed) else f"{place}  {duration(event.seconds)}"


def _write(line: str) -> None:
    sys.stderr.write(redact(line) + "\n")
    sys.stderr.flush()
