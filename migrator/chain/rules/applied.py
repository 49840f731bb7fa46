"""Rules on revisions that a database has applied; `migrator check --env` finds the cases in its ledger."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from migrator.chain.model import Chain
from migrator.chain.rules.judgement import judge
from migrator.findings import Finding, RuleInfo, Severity

APPLIED_EDITED = RuleInfo(
    id="applied-edited",
    severity=Severity.ERROR,
    summary="A revision means something else than what the database has applied.",
    why="The database never sees the change; new ones do, and the two differ from then on.",
    remedy='Take the edit back and put the change into a new revision: migrator revision -m "..."',
)
APPLIED_DELETED = RuleInfo(
    id="applied-deleted",
    severity=Severity.WARNING,
    summary="A revision that the database has applied has no file here.",
    why="This code is older than the database, or the file was deleted: the database cannot be taken back past it.",
    remedy="Bring the file back, or check the code that the database was migrated with.",
)
APPLIED_BY_HALF = RuleInfo(
    id="applied-by-half",
    severity=Severity.ERROR,
    summary="A revision was cut half way, and some of its statements took effect.",
    why="The schema is neither where the revision begins nor where it ends.",
    remedy="migrator status",
)
RULES = (APPLIED_EDITED, APPLIED_DELETED, APPLIED_BY_HALF)


def edited_findings(chain: Chain, edited: Iterable[str], env_option: str) -> Iterator[Finding]:
    """One for each applied revision that was edited.

    Args:
        chain: the revision files.
        edited: ids.
        env_option: what a command to type next needs to mean the same database.

    """
    for id_ in edited:
        revision = chain.revisions[id_]
        message = f"Revision {id_} was edited since it was applied."
        yield judge(
            APPLIED_EDITED,
            message,
            path=revision.path,
            line=revision.line,
            revision=id_,
            remedy=f"{APPLIED_EDITED.remedy}; to see the edit: migrator log --diff {id_}{env_option}",
        )


def deleted_findings(applied: Iterable[tuple[str, str]]) -> Iterator[Finding]:
    """One for each applied revision without a file, given with its title."""
    for id_, title in applied:
        yield judge(
            APPLIED_DELETED, f"Revision {id_} ({title or 'no message'}) is applied, and not here.", revision=id_
        )


def half_applied_finding(id_: str, message: str, statements: Sequence[str], remedy: str | None) -> Finding:
    """For a revision that was cut half way."""
    return judge(APPLIED_BY_HALF, f"{message}: {'; '.join(statements)}.", revision=id_, remedy=remedy)
