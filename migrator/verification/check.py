"""The gate of a pull request: the chain, and on a scratch database the models against the history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.chain.checking import check_chain
from migrator.chain.published import read_base
from migrator.errors import ConfigurationError, ExitCode, MigratorError, PartlyApplied, RunFailed, Unreachable
from migrator.findings import Finding, Severity
from migrator.project import Project

if TYPE_CHECKING:
    from migrator.profiles.model import Profile


_DOES_NOT_BUILD = "history-does-not-build"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """What is to be checked."""

    chain_only: bool = False
    base: str | None = None
    """Git ref that the revisions are compared with."""
    against_ledger: bool = False
    """Compare the revisions with what the profile's database has applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """What was checked, what was found, and what could not be checked."""

    revisions: int
    findings: tuple[Finding, ...]
    checked: tuple[str, ...]
    skipped: tuple[str, ...] = ()
    """Checks that did not run, each with the reason."""
    exit_code: ExitCode = ExitCode.DONE


def check(project: Project, request: CheckRequest) -> CheckReport:
    """Run every check that was asked for.

    Raises:
        ConfigurationError: ``[tool.migrator]`` or the project's files cannot be used.
        UsageError: the git ref does not exist.
        Unreachable: the database whose ledger is meant cannot be reached.

    """
    base = read_base(project.layout, request.base) if request.base else None
    chain_findings = check_chain(project.reading, project.policy, base=base)
    checked, skipped = ["chain"], list[str]()
    if base is not None:
        checked.append(f"against {request.base}")
    broken = any(finding.severity is Severity.ERROR for finding in chain_findings)
    findings = list(chain_findings)
    if request.against_ledger and not broken:
        from migrator.verification.applied import findings_of_ledger

        applied_findings, missing = findings_of_ledger(project)
        findings += applied_findings
        if missing:
            skipped.append(f"against the ledger: {missing}")
        else:
            checked.append("against the ledger")
    if not request.chain_only and not broken:
        model_findings, reason = compare_models_with_history(project)
        findings += model_findings
        if reason:
            skipped.append(f"models against history: {reason}")
        elif not any(finding.rule == _DOES_NOT_BUILD for finding in model_findings):
            checked.append("models against history")
    return CheckReport(
        revisions=len(project.reading.chain.revisions),
        findings=tuple(findings),
        checked=tuple(checked),
        skipped=tuple(skipped),
        exit_code=_exit_code(findings, broken=broken),
    )


def _exit_code(findings: list[Finding], *, broken: bool) -> ExitCode:
    if broken:
        return ExitCode.CHAIN
    weighty = any(finding.severity is not Severity.NOTICE for finding in findings)
    return ExitCode.FINDINGS if weighty else ExitCode.DONE


def compare_models_with_history(project: Project) -> tuple[tuple[Finding, ...], str | None]:
    """Build the history on a scratch database and compare the models with it; or the reason why that was not done."""
    try:
        from migrator.verification.dialect import profile_for_scratch
        from migrator.verification.models import NoMetadata
        from migrator.verification.scratch import ScratchUnavailable, scratch_database
    except ConfigurationError as too_old:
        return (), _in_one_line(too_old)

    made = False
    try:
        with scratch_database(profile_for_scratch(project), root=project.root) as scratch:
            made = True
            return _compared_on(scratch, project), None
    except (NoMetadata, ScratchUnavailable) as reason:
        return (), _in_one_line(reason)
    except MigratorError as error:
        if not made and isinstance(error, ConfigurationError | Unreachable):
            return (), _in_one_line(error)
        return (_does_not_build(error),), None


def _compared_on(scratch: Profile, project: Project) -> tuple[Finding, ...]:
    from migrator.execution.upgrading import upgrade
    from migrator.verification.models import compare_models

    upgrade(project.on(scratch))
    return compare_models(project, scratch)


def _in_one_line(reason: MigratorError) -> str:
    return "; ".join(part.rstrip(".") for part in (reason.message, reason.remedy) if part)


def _does_not_build(error: MigratorError) -> Finding:
    by_revision = isinstance(error, RunFailed | PartlyApplied)
    remedy = "correct the revision" if by_revision or not error.remedy else error.remedy
    return Finding(
        rule=_DOES_NOT_BUILD,
        severity=Severity.WARNING,
        message=f"on an empty scratch database: {error.message}",
        path=error.where,
        cause="a new environment cannot be created from the history, and the models cannot be compared with it",
        remedy=f"{remedy}; a server of your own for this check: MIGRATOR_SCRATCH_URL; the chain alone: "
        "migrator check --chain",
    )
