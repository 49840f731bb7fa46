"""Progress on stderr: a bar on a terminal, one line an event and a heartbeat in a log."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from migrator.events import Event, Listener, RunStarted, StepFailed, StepFinished, StepStarted
from migrator.report.durations import duration
from migrator.report.waiting import waiting_line

HEARTBEAT_SECONDS = 10.0


@contextmanager
def progress(*, quiet: bool) -> Iterator[Listener]:
    """Give a listener that shows a run's events the way that suits stderr."""
    if quiet:
        yield lambda _event: None
        return
    with _bar() if sys.stderr.isatty() else _lines() as listen:
        yield listen


@contextmanager
def _lines() -> Iterator[Listener]:
    current: list[tuple[StepStarted, float]] = []
    ended = threading.Event()

    def listen(event: Event) -> None:
        if isinstance(event, StepStarted):
            current[:] = [(event, time.monotonic())]
        elif isinstance(event, StepFinished | StepFailed):
            started = current[0][0]
            current.clear()
            _write(_line(event, started))
        elif (line := waiting_line(event)) is not None:
            _write(line)

    def beat() -> None:
        while not ended.wait(HEARTBEAT_SECONDS):
            for event, since in current[:1]:
                elapsed = time.monotonic() - since
                _write(f"[{event.number}/{event.steps}] {event.revision} still running after {elapsed:.0f} s")

    heart = threading.Thread(target=beat, name="migrator-heartbeat", daemon=True)
    heart.start()
    try:
        yield listen
    finally:
        ended.set()
        heart.join()


def _line(event: StepFinished | StepFailed, started: StepStarted) -> str:
    place = f"[{event.number}/{event.steps}] {started.direction.value} {event.revision}  {started.doc}"
    if isinstance(event, StepFailed):
        return f"{place}  FAILED"
    return f"{place}  {duration(event.seconds)}"


def _write(line: str) -> None:
    from migrator.redaction import redact

    sys.stderr.write(redact(line) + "\n")
    sys.stderr.flush()


@contextmanager
def _bar() -> Iterator[Listener]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    with Progress(*columns, console=Console(stderr=True), transient=False) as bar:
        tasks = []

        def listen(event: Event) -> None:
            if isinstance(event, RunStarted):
                tasks.append(bar.add_task("", total=event.steps))
            elif isinstance(event, StepStarted):
                bar.update(tasks[0], description=f"{event.revision}  {event.doc}", total=event.steps)
            elif isinstance(event, StepFinished):
                bar.advance(tasks[0])
            elif isinstance(event, StepFailed):
                bar.update(tasks[0], description=f"{event.revision} failed")
            elif (line := waiting_line(event)) is not None:
                from migrator.redaction import redact

                bar.console.print(redact(line), markup=False, highlight=False, soft_wrap=True)

        yield listen
