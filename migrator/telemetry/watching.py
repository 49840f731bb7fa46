"""Who is told of a run: hooks, figures and OpenTelemetry around it."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Final

from migrator.events import Event, Listener, RunStarted, StatementRunning, StepFinished, StepStarted, WatcherFailed
from migrator.execution.results import RunReport
from migrator.telemetry.figures import Figures
from migrator.telemetry.subject import Ending, Subject, ending_of

if TYPE_CHECKING:
    from migrator.project import Project
    from migrator.telemetry.exporting import Exporting
    from migrator.telemetry.hook_moments import HookMoments

_AFTER_SIGNAL_SECONDS: Final = 2.5
"""For all who are told of a run that a signal has ended: the process is to be gone soon."""
_EXPORT_SECONDS: Final = 3.0


class Watching:
    """Everybody who is told of one run."""

    def __init__(
        self, project: Project, subject: Subject, shown: Listener, *, began: float, planned: int | None
    ) -> None:
        """Look who is to be told.

        Args:
            project: whose database moves.
            subject: what is moved.
            shown: where events go in any case; it also gets the output of hooks, from another thread.
            began: when the run began, on the monotonic clock.
            planned: revisions that are to be run, where that is known already.

        Raises:
            ConfigurationError: a hook is not there.

        """
        self._project = project
        self._subject = subject
        self._shown = shown
        self._began = began
        self._figures = Figures()
        self._figures.planned = planned
        self._exporting = _exporting(subject)
        self._hooks = self._moments() if project.care.has_hooks else None

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

    def end(self, result: RunReport | BaseException) -> None:
        """Tell everybody how it ended; nobody's failure is the run's."""
        if isinstance(result, RunReport) and not result.steps:
            self._figures.planned = 0
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
