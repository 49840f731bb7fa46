"""The revision files against what a database has applied, as its ledger tells."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.chain.checking import check_applied
from migrator.chain.rules.applied import deleted_findings, edited_findings, half_applied_finding
from migrator.execution.account import Account, accounts
from migrator.execution.half_applied import found_half_applied
from migrator.findings import Finding
from migrator.project import Project


def findings_of_ledger(project: Project) -> tuple[tuple[Finding, ...], str | None]:
    """What the ledgers of the profile's databases say against the files; or the reason why nothing could be asked.

    Raises:
        Unreachable: the database cannot be reached.

    """
    _, found = accounts(project)
    without = [account.position.state.location for account in found if not account.has_ledger]
    findings = [finding for account in found for finding in _findings(project, account)]
    return check_applied(
        project.reading, project.policy, findings
    ), f"there is none in {', '.join(without)}" if without else None


def _findings(project: Project, account: Account) -> Iterator[Finding]:
    yield from edited_findings(project.chain, account.edited, project.env_option)
    yield from deleted_findings(account.without_file)
    for cut in account.half_applied:
        error = found_half_applied(project, cut)
        yield half_applied_finding(cut.revision, error.message, error.details, error.remedy)
