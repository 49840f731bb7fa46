"""The part of a check that builds the history on a scratch database and compares the models with it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from migrator.errors import ConfigurationError, MigratorError, PartlyApplied, RunFailed, Unreachable
from migrator.findings import Finding, Severity
from migrator.project import Project
from migrator.verification.checking.report import CheckedPart, Part

if TYPE_CHECKING:
    from migrator.profiles.model import Profile

TITLE: Final = "models against history"
DOES_NOT_BUILD: Final = "history-does-not-build"


def check_models(project: Project) -> CheckedPart:
    """Build the history on a scratch database and compare the models with it; or say why that was not done."""
    findings, reason = compare_models_with_history(project)
    complete = not any(finding.rule == DOES_NOT_BUILD for finding in findings)
    return CheckedPart(part=Part.MODELS, title=TITLE, findings=findings, not_checked=reason, complete=complete)


def compare_models_with_history(project: Project) -> tuple[tuple[Finding, ...], str | None]:
    """What the models and the history say differently; or the reason why they were not compared."""
    try:
        from migrator.verification.dialect import profile_for_scratch
        from migrator.verification.models import NoMetadata
        from migrator.verification.scratch import ScratchUnavailable, scratch_database
    except ConfigurationError as too_old:
        return (), in_one_line(too_old)

    made = False
    try:
        with scratch_database(profile_for_scratch(project), root=project.root) as scratch:
            made = True
            return _compared_on(scratch, project), None
    except (NoMetadata, ScratchUnavailable) as reason:
        return (), in_one_line(reason)
    except MigratorError as error:
        if not made and isinstance(error, ConfigurationError | Unreachable):
            return (), in_one_line(error)
        return (_does_not_build(error),), None


def _compared_on(scratch: Profile, project: Project) -> tuple[Finding, ...]:
    from migrator.verification.building import build_history
    from migrator.verification.models import compare_models

    build_history(project.on(scratch))
    return compare_models(project, scratch)


def in_one_line(reason: MigratorError) -> str:
    """An error as the reason why something was not checked."""
    return "; ".join(part.rstrip(".") for part in (reason.message, reason.remedy) if part)


def _does_not_build(error: MigratorError) -> Finding:
    by_revision = isinstance(error, RunFailed | PartlyApplied)
    remedy = "correct the revision" if by_revision or not error.remedy else error.remedy
    return Finding(
        rule=DOES_NOT_BUILD,
        severity=Severity.WARNING,
        message=f"on an empty scratch database: {error.message}",
        path=error.where,
        cause="a new environment cannot be created from the history, and the models cannot be compared with it",
        remedy=f"{remedy}; a server of your own for this check: MIGRATOR_SCRATCH_URL; the chain alone: "
        "migrator check --chain",
    )
