"""The one place where a run is watched: hooks, figures and OpenTelemetry around it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from migrator.events import Event, Listener, RunStarted, StatementRunning, StepFinished, StepStarted, WatcherFailed
from migrator.execution.results import RunReport
from migrator.telemetry.figures import Figures
from migrator.telemetry.subject import Ending, Subject, ending_of, subject_of

if TYPE_CHECKING:
    from migrator.chain.model import Direction
    from migrator.project import Project
    from migrator.telemetry.exporting import Exporting
    from migrator.telemetry.hook_moments import HookMoments

_AFTER_SIGNAL_SECONDS: Final = 2.5
"""For all who are told of a run that a signal has ended: the process is to be gone soon."""
_EXPORT_SECONDS: Final = 3.0


@contextmanager
def watched(project: Project, direction: Direction, target: str, shown: Listener) -> Iterator[Watch]:
    """Tell hooks, metrics file and OpenTelemetry of what happens in a ``with`` block, as the project's settings say.

    The block plans and runs with ``watch.listen`` and hands the outcome to ``watch.result``; whatever it raises is an
    outcome too. Nothing is imported and nothing written for those whom nobody asked for.

    Args:
        project: whose database moves.
        direction: up or down.
        target: as the user named it.
        shown: where events go in any case; it also gets the output of hooks, from another thread.

    Raises:
        ConfigurationError: a hook is not there.

    """
    watch = Watch(project, subject_of(project.profile, direction, target), shown)
    try:
        yield watch
    except BaseException as error:
        watch.end(error)
        raise
    watch.end(watch.report)


class Watch:
    """One run and everybody who is told of it."""

    def __init__(self, project: Project, subject: Subject, shown: Listener) -> None:
        self._project = project
        self._subject = subject
        self._shown = shown
        self._began = time.monotonic()
        self._figures = Figures()
        self._exporting = _exporting(subject)
        care = project.care
        hooked = care.before_run or care.after_run or care.before_revision or care.after_revision
        self._hooks = self._moments() if hooked else None
        self.report: RunReport | None = None
        """What the block handed in; None: it did not come so far."""

    def result(self, report: RunReport) -> RunReport:
        """Take the outcome of the run, and give it back."""
        self.report = report
        if not report.steps:
            self._figures.planned = 0
        return report

    def planned(self, steps: int) -> None:
        """Take the number of revisions that are to be run, before it is known whether they will be."""
        self._figures.planned = steps

    def listen(self, event: Event) -> None:
        """Take an event of the run. Before a revision or a run begins, its hooks may stop it.

        Raises:
            ConfigurationError: a hook is not there.
            RunFailed, PartlyApplied: a hook failed that was to be called before what is about to begin.

        """
        if isinstance(event, StatementRunning):  # from a thread of its own: for the eyes only
            self._shown(event)
            return
        step = self._figures.running
        if isinstance(event, StepStarted) and self._hooks is not None:
            self._hooks.before_revision(event)
        self._figures.take(event)
        if self._exporting is not None:
            self._exporting.take(event)
        if isinstance(event, RunStarted):
            self._hooks = self._hooks or self._moments()
            self._hooks.before_run()
        self._shown(event)
        if isinstance(event, StepFinished) and step is not None and self._hooks is not None:
            self._hooks.after_revision(step)

    def end(self, result: RunReport | BaseException | None) -> None:
        """Tell everybody how it ended; nobody's failure is the run's."""
        if result is None:  # stopped before anything was to be run
            return
        ending = ending_of(result, time.monotonic() - self._began)
        end = time.monotonic() + _AFTER_SIGNAL_SECONDS if ending.by_signal else None
        try:
            self._write_metrics(ending)
            if self._hooks is not None and self._figures.has_begun:
                self._hooks.after_run(ending, end)
        finally:
            if self._exporting is not None:
                limit = _EXPORT_SECONDS if end is None else max(0.5, end - time.monotonic())
                reason = self._exporting.end(self._figures, ending, limit=limit)
                if reason:
                    self._shown(WatcherFailed(watcher="OpenTelemetry", reason=reason))

    def _write_metrics(self, ending: Ending) -> None:
        named = self._project.care.metrics_file
        if named is None:
            return
        from migrator.telemetry.metrics_file import write_metrics

        path = self._project.root / named
        try:
            write_metrics(path, self._subject, self._figures, ending)
        except OSError as error:
            reason = error.strerror or str(error)
            self._shown(WatcherFailed(watcher=f"writing the metrics file {path}", reason=reason))

    def _moments(self) -> HookMoments:
        from migrator.telemetry.hook_moments import HookMoments

        variables = self._exporting.trace_variables if self._exporting is not None else dict
        return HookMoments(self._project, self._subject, self._figures, shown=self._shown, variables=variables)


def _exporting(subject: Subject) -> Exporting | None:
    """OpenTelemetry, where the environment asks for it; its packages are imported when there is something to tell."""
    if not any(name.startswith("OTEL_") for name in os.environ):
        return None
    from migrator.telemetry.exporting import Exporting, asked_signals

    signals = asked_signals(os.environ)
    return Exporting(subject, signals, os.environ) if signals else None
