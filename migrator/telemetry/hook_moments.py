"""The four moments of a run at which hooks are called, and what their failures mean."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from migrator.errors import PartlyApplied, RunFailed
from migrator.events import HookPrinted, Listener, StepStarted, WatcherFailed
from migrator.project import Project
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
from migrator.telemetry.subject import Ending, Subject


class HookMoments:
    """The hooks of one run."""

    def __init__(
        self,
        project: Project,
        subject: Subject,
        figures: Figures,
        *,
        shown: Listener,
        variables: Callable[[], dict[str, str]],
    ) -> None:
        """Read the settings.

        Args:
            project: whose settings and folders they are.
            subject: what the run is about.
            figures: what it has done, kept up to date by others.
            shown: takes the output of hooks, and failures that stop nothing.
            variables: asked for what is added to a command's environment.

        Raises:
            ConfigurationError: a hook is not there.

        """
        search_path = [*map(str, project.layout.prepend_sys_path), str(project.root)]
        self._hooks = read_hooks(project.care, project.root)
        self._caller = Caller(project.root, search_path)
        self._subject = subject
        self._figures = figures
        self._shown = shown
        self._variables = variables

    def before_run(self) -> None:
        """Something will be run, unless a hook is against it.

        Raises:
            ConfigurationError: a function is not there.
            RunFailed: a hook failed.

        """
        self._hooks = (*installed_hooks(), *self._hooks)
        self._caller.require(self._hooks)
        self._require(BEFORE_RUN, None)

    def before_revision(self, step: StepStarted) -> None:
        """A revision will be run, unless a hook is against it.

        Raises:
            RunFailed, PartlyApplied: a hook failed.

        """
        self._require(BEFORE_REVISION, begun(step))

    def after_revision(self, step: StepStarted) -> None:
        """A revision was committed."""
        self._tell(AFTER_REVISION, committed(step, self._figures.applied[-1]), None, None)

    def after_run(self, ending: Ending, end: float | None) -> None:
        """The run is over, and so is the revision that it ended in.

        Args:
            ending: how.
            end: moment of `time.monotonic` at which commands are ended; None: they may take as long as they want.

        """
        if self._figures.running is not None:
            cut = {**begun(self._figures.running), "outcome": ending.outcome}
            self._tell(AFTER_REVISION, cut, ending, end)
        self._tell(AFTER_RUN, None, ending, end)

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
        given = {**variables(report), **self._variables()}
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
