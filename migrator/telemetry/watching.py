"""The one place where a run is watched: hooks, figures and OpenTelemetry around it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from migrator.errors import PartlyApplied, RunFailed
from migrator.events import (
    Event,
    HookPrinted,
    Listener,
    RunStarted,
    StatementRunning,
    StepFinished,
    StepStarted,
    WatcherFailed,
)
from migrator.execution.results import RunReport
from migrator.telemetry.figures import Figures
from migrator.telemetry.hook_calls import HookFailed
from migrator.telemetry.hook_reports import begun, committed, hook_report, variables
from migrator.telemetry.hooks import (
    AFTER_REVISION,
    AFTER_RUN,
    BEFORE_REVISION,
    BEFORE_RUN,
    Caller,
    Hook,
    installed_hooks,
    read_hooks,
)
from migrator.telemetry.subject import Ending, Subject, ending_of, subject_of

if TYPE_CHECKING:
    from migrator.chain.model import Direction
    from migrator.project import Project
    from migrator.telemetry.exporting import Exporting

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
    care = project.care
    root = project.root
    hooks = read_hooks(care, root)
    search_path = [*map(str, project.layout.prepend_sys_path), str(root)]
    watch = Watch(
        subject=subject_of(project.profile, direction, target),
        hooks=hooks,
        caller=Caller(root, search_path),
        metrics_file=None if care.metrics_file is None else root / care.metrics_file,
        shown=shown,
    )
    try:
        yield watch
    except BaseException as error:
        watch.end(error)
        raise
    watch.end(watch.report)


class Watch:
    """One run and everybody who is told of it."""

    def __init__(
        self, *, subject: Subject, hooks: tuple[Hook, ...], caller: Caller, metrics_file: Path | None, shown: Listener
    ) -> None:
        self._subject = subject
        self._hooks = hooks
        self._caller = caller
        self._metrics_file = metrics_file
        self._shown = shown
        self._began = time.monotonic()
        self._figures = Figures()
        self._exporting = _exporting(subject)
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
        if isinstance(event, StepStarted):
            self._require(BEFORE_REVISION, begun(event))
        self._figures.take(event)
        if self._exporting is not None:
            self._exporting.take(event)
        if isinstance(event, RunStarted):
            self._hooks = (*installed_hooks(), *self._hooks)
            self._caller.require(self._hooks)
            self._require(BEFORE_RUN, None)
        self._shown(event)
        if isinstance(event, StepFinished) and step is not None:
            self._tell(AFTER_REVISION, committed(step, self._figures.applied[-1]), None, None)

    def end(self, result: RunReport | BaseException | None) -> None:
        """Tell everybody how it ended; nobody's failure is the run's."""
        if result is None:  # stopped before anything was to be run
            return
        ending = ending_of(result, time.monotonic() - self._began)
        end = time.monotonic() + _AFTER_SIGNAL_SECONDS if ending.by_signal else None
        try:
            self._write_metrics(ending)
            if self._figures.running is not None:
                cut = {**begun(self._figures.running), "outcome": ending.outcome}
                self._tell(AFTER_REVISION, cut, ending, end)
            if self._figures.has_begun:
                self._tell(AFTER_RUN, None, ending, end)
        finally:
            if self._exporting is not None:
                limit = _EXPORT_SECONDS if end is None else max(0.5, end - time.monotonic())
                reason = self._exporting.end(self._figures, ending, limit=limit)
                if reason:
                    self._shown(WatcherFailed(watcher="OpenTelemetry", reason=reason))

    def _write_metrics(self, ending: Ending) -> None:
        if self._metrics_file is None:
            return
        from migrator.telemetry.metrics_file import write_metrics

        try:
            write_metrics(self._metrics_file, self._subject, self._figures, ending)
        except OSError as error:
            reason = error.strerror or str(error)
            self._shown(WatcherFailed(watcher=f"writing the metrics file {self._metrics_file}", reason=reason))

    def _require(self, moment: str, revision: dict[str, Any] | None) -> None:
        """Call the hooks of a moment; the first that fails stops the run."""
        for hook in self._hooks:
            if hook.moment == moment:
                try:
                    self._call(hook, revision, None, None)
                except HookFailed as failure:
                    raise self._stopped(hook, revision, failure) from failure

    def _tell(self, moment: str, revision: dict[str, Any] | None, ending: Ending | None, end: float | None) -> None:
        """Call the hooks of a moment; one that fails is warned of, for the database has moved."""
        for hook in self._hooks:
            if hook.moment == moment:
                try:
                    self._call(hook, revision, ending, end)
                except HookFailed as failure:
                    self._shown(WatcherFailed(watcher=str(hook), reason=failure.reason, output=failure.output))

    def _call(self, hook: Hook, revision: dict[str, Any] | None, ending: Ending | None, end: float | None) -> None:
        report = hook_report(hook.moment, self._subject, self._figures, revision=revision, ending=ending)
        given = variables(report)
        if self._exporting is not None:
            given |= self._exporting.trace_variables()
        printed = partial(self._printed, hook.moment)
        self._caller.call(hook, report, variables=given, printed=printed, end=end)

    def _printed(self, moment: str, line: str) -> None:
        self._shown(HookPrinted(hook=moment, line=line))

    def _stopped(self, hook: Hook, revision: dict[str, Any] | None, failure: HookFailed) -> RunFailed | PartlyApplied:
        done = [each.revision for each in self._figures.applied]
        kind = PartlyApplied if done else RunFailed
        before = f" before {revision['revision']}" if revision else ""
        return kind(
            f"the {hook}{before} failed: {failure.reason}",
            where=f"MIGRATOR_{hook.moment.upper()}",
            state=f"{', '.join(done)} applied before; no further revision was begun" if done else "nothing was applied",
            remedy="correct the hook or what it found, then run the same command again: it goes on from there",
            details=failure.output,
        )


def _exporting(subject: Subject) -> Exporting | None:
    """OpenTelemetry, where the environment asks for it; its packages are imported when there is something to tell."""
    import os

    from migrator.telemetry.exporting import Exporting, asked_signals

    signals = asked_signals(os.environ)
    return Exporting(subject, signals, os.environ) if signals else None
