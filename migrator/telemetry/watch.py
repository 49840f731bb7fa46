"""The one place where a run is watched; nothing is imported for those whom nobody asked for."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.chain.model import Direction
    from migrator.events import Event, Listener
    from migrator.execution.results import RunReport
    from migrator.project import Project
    from migrator.telemetry.watching import Watching


@contextmanager
def watched(project: Project, direction: Direction, target: str, shown: Listener) -> Iterator[Watch]:
    """Tell hooks, metrics file and OpenTelemetry of what happens in a ``with`` block, as the project's settings say.

    The block plans and runs with ``watch.listen`` and hands the outcome to ``watch.result``; whatever it raises is an
    outcome too.

    Args:
        project: whose database moves.
        direction: up or down.
        target: as the user named it.
        shown: where events go in any case; it also gets the output of hooks, from another thread.

    Raises:
        ConfigurationError: a hook is not there.

    """
    watch = Watch(project, direction, target, shown)
    try:
        yield watch
    except BaseException as error:
        watch.end(error)
        raise
    watch.end(watch.report)


class Watch:
    """One run, and those who are told of it once there is something to tell."""

    def __init__(self, project: Project, direction: Direction, target: str, shown: Listener) -> None:
        self._about = (project, direction, target, shown)
        self._began = time.monotonic()
        self._planned: int | None = None
        self._watching: Watching | None = None
        self.report: RunReport | None = None
        """What the block handed in; None: it did not come so far."""
        if _is_asked_for(project):
            self._opened()

    def planned(self, steps: int) -> None:
        """Take the number of revisions that are to be run, before it is known whether they will be."""
        self._planned = steps
        if self._watching is not None:
            self._watching.planned(steps)

    def listen(self, event: Event) -> None:
        """Take an event of the run. Before a revision or a run begins, its hooks may stop it.

        Raises:
            ConfigurationError: a hook is not there.
            RunFailed, PartlyApplied: a hook failed that was to be called before what is about to begin.

        """
        self._opened().listen(event)

    def result(self, report: RunReport) -> RunReport:
        """Take the outcome of the run, and give it back."""
        self.report = report
        return report

    def end(self, result: RunReport | BaseException | None) -> None:
        """Tell everybody how it ended; None: it was stopped before anything was to be run."""
        if result is not None and self._watching is not None:
            self._watching.end(result)

    def _opened(self) -> Watching:
        if self._watching is None:
            from migrator.telemetry.subject import subject_of
            from migrator.telemetry.watching import Watching

            project, direction, target, shown = self._about
            subject = subject_of(project.profile, direction, target)
            self._watching = Watching(project, subject, shown, began=self._began, planned=self._planned)
        return self._watching


def _is_asked_for(project: Project) -> bool:
    """Whether somebody wants to know of a run in which nothing happens."""
    care = project.care
    return care.has_hooks or care.metrics_file is not None or any(name.startswith("OTEL_") for name in os.environ)
