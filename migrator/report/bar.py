"""A run on a terminal: a bar over the revisions, the statement at hand below it, everything else as lines above."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from migrator.events import Event, Listener, RunStarted, StepFailed, StepFinished, StepStarted
from migrator.redaction import redact
from migrator.report.events import event_line
from migrator.report.running import Running, statement_line

if TYPE_CHECKING:
    from rich.progress import Progress


@contextmanager
def terminal_bar() -> Iterator[Listener]:
    """Give a listener that draws; nothing is drawn, and nothing imported for it, before a run begins."""
    bar = _Bar()
    try:
        yield bar.listen
    finally:
        bar.close()


class _Bar:
    """The drawing of one run. Events may come from several threads."""

    def __init__(self) -> None:
        self._guard = threading.RLock()
        self._running = Running()
        self._progress: Progress | None = None

    def listen(self, event: Event) -> None:
        with self._guard:
            self._running.take(event)
            if isinstance(event, RunStarted):
                self._open(event.steps)
            elif isinstance(event, StepStarted):
                self._describe(f"{event.revision}  {event.doc}", total=event.steps)
            elif isinstance(event, StepFinished):
                self._describe("", advance=1)
            elif isinstance(event, StepFailed):
                self._describe(f"{event.revision} failed")
            elif (line := event_line(event)) is not None:
                self._print(line)

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stop()

    def _open(self, steps: int) -> None:
        if self._progress is None:
            self._progress = _drawing(self._running)
            self._progress.add_task("", total=steps)
            self._progress.start()

    def _describe(self, text: str, *, total: int | None = None, advance: int = 0) -> None:
        if self._progress is not None:
            task = self._progress.task_ids[0]
            self._progress.update(task, description=redact(text), total=total, advance=advance, refresh=True)

    def _print(self, line: str) -> None:
        import rich.console

        console = rich.console.Console(stderr=True) if self._progress is None else self._progress.console
        console.print(redact(line), markup=False, highlight=False)


def _drawing(running: Running) -> Progress:
    from rich.console import Console, RenderableType
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column
    from rich.text import Text

    class Drawing(Progress):
        """The usual bar, and below it the statement that has been running for a while."""

        def get_renderables(self) -> Iterable[RenderableType]:
            yield self.make_tasks_table(self.tasks)
            statement = running.statement
            if statement is not None:
                line = redact(f"  {statement_line(statement)}")
                yield Text(line, no_wrap=True, overflow="ellipsis", style="dim")

    return Drawing(
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1)),
        console=Console(stderr=True),
        expand=True,
    )
