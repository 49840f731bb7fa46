"""The gate of a pull request: chain, ledger, models and round trips in one report.

What runs on a scratch database is not run again while nothing that it depends on has changed.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from migrator.chain.checking import check_chain
from migrator.errors import UsageError
from migrator.events import Event, Listener
from migrator.findings import Severity
from migrator.project import Project
from migrator.verification.checking.pull_request import base_of_job
from migrator.verification.checking.remembering import Remembering
from migrator.verification.checking.report import CheckedPart, CheckReport, Part, exit_code_of

if TYPE_CHECKING:
    from migrator.chain.published import BaseHistory


class RoundTrips(StrEnum):
    """Which revisions go up, down and up again."""

    ALL = "all"
    SINCE = "since"
    """Those that are new since the base."""
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """What is to be checked."""

    chain_only: bool = False
    base: str | None = None
    """Git ref that the revisions are compared with; None: that of the CI job, outside of one none."""
    against_ledger: bool = False
    """Compare the revisions with what the profile's database has applied."""
    round_trips: RoundTrips | None = None
    """Which revisions are to go up, down and up again; None: those that are new since the base, without one all."""
    cached: bool = True
    """Take over what was found before where nothing that it depends on has changed."""


def _nobody(_event: Event) -> None:
    """Nobody listens."""


def check(
    project: Project, request: CheckRequest, listen: Listener = _nobody, *, environ: Mapping[str, str] = os.environ
) -> CheckReport:
    """Run every check that was asked for.

    Args:
        project: what is checked.
        request: which parts, and how.
        listen: told as revisions make their round trips.
        environ: where a CI job says which branch its change is for.

    Raises:
        ConfigurationError: ``[tool.migrator]`` or the project's files cannot be used.
        UsageError: the git ref that was asked for does not exist.
        Unreachable: the database whose ledger is meant cannot be reached.

    """
    base, missing = _base(project, request, environ)
    parts = [_timed(lambda: _chain(project, base)), *missing]
    if base is not None:
        parts.append(CheckedPart(part=Part.BASE, title=f"against {base.ref}"))
    if not any(finding.severity is Severity.ERROR for finding in parts[0].findings):
        if request.against_ledger:
            parts.append(_timed(lambda: _ledger(project)))
        if not request.chain_only:
            parts += _on_scratch(project, request, base, listen)
    return CheckReport(
        revisions=len(project.reading.chain.revisions),
        parts=tuple(parts),
        exit_code=exit_code_of(parts),
        folder=_folder_in_repository(project),
    )


def _timed(run: Callable[[], CheckedPart]) -> CheckedPart:
    begun = time.perf_counter()
    part = run()
    return replace(part, seconds=time.perf_counter() - begun)


def _base(
    project: Project, request: CheckRequest, environ: Mapping[str, str]
) -> tuple[BaseHistory | None, tuple[CheckedPart, ...]]:
    """The history to compare with; where a CI job names one that its clone does not have, a part that says so."""
    from_job = base_of_job(environ) if request.base is None else None
    ref = request.base or from_job
    if ref is None:
        if request.round_trips is RoundTrips.SINCE:
            raise UsageError(
                "--round-trips since needs a git ref to start from, and this is no job of a pull request.",
                remedy="name it: migrator check --base origin/main",
            )
        return None, ()
    from migrator.chain.published import read_base

    try:
        return read_base(project.layout, ref), ()
    except UsageError as error:
        if from_job is None or request.round_trips is RoundTrips.SINCE:
            raise
        from migrator.verification.checking.models import in_one_line

        return None, (CheckedPart(part=Part.BASE, title=f"against {ref}", not_checked=in_one_line(error)),)


def _chain(project: Project, base: BaseHistory | None) -> CheckedPart:
    findings = check_chain(project.reading, project.policy, base=base)
    return CheckedPart(part=Part.CHAIN, title="chain", findings=findings)


def _ledger(project: Project) -> CheckedPart:
    from migrator.verification.applied import findings_of_ledger

    findings, missing = findings_of_ledger(project)
    return CheckedPart(part=Part.LEDGER, title="against the ledger", findings=findings, not_checked=missing)


def _on_scratch(
    project: Project, request: CheckRequest, base: BaseHistory | None, listen: Listener
) -> list[CheckedPart]:
    """The parts that need a scratch database. A history that does not build makes no round trips."""
    remembering = Remembering(project, enabled=request.cached)

    def models() -> CheckedPart:
        from migrator.verification.checking.models import check_models

        return check_models(project)

    def round_trips() -> CheckedPart:
        from migrator.verification.checking.round_trips import check_round_trips

        return check_round_trips(project, chosen, listen)

    parts = [_timed(lambda: remembering.recall({"part": Part.MODELS}, models))]
    chosen = _chosen(project, request, base)
    if parts[0].complete and project.chain.revisions and (chosen is None or chosen):
        asked = {"part": Part.ROUND_TRIPS, "revisions": chosen}
        parts.append(_timed(lambda: remembering.recall(asked, round_trips)))
    return parts


def _chosen(project: Project, request: CheckRequest, base: BaseHistory | None) -> tuple[str, ...] | None:
    """Ids of the revisions that make a round trip, in the order of their files; None: all of them."""
    if request.round_trips is RoundTrips.NONE:
        return ()
    if base is None or request.round_trips is RoundTrips.ALL:
        return None
    edited = base.edited(project.chain)
    return tuple(id_ for id_ in project.chain.revisions if id_ not in base.ids or id_ in edited)


def _folder_in_repository(project: Project) -> str:
    """The project's root as seen from the git repository around it."""
    root = project.root.resolve()
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    return "" if top == root else root.relative_to(top).as_posix()
