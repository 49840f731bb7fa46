"""All rules on one reading, with the team's policy applied."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from migrator.chain.graph import graph_of
from migrator.chain.model import Chain
from migrator.chain.policy import Ignored, Policy
from migrator.chain.reader import ChainReading, project_prefix, shown
from migrator.chain.rules import files, options, round_trips, structure
from migrator.chain.rules.heads import redundant_dependencies, several_bases, several_heads
from migrator.chain.rules.imports import import_findings
from migrator.chain.rules.judgement import judge
from migrator.chain.rules.revisions import body_findings, file_name_findings, id_findings
from migrator.chain.rules.suppression import POLICY_WITHOUT_REASON, STALE_POLICY
from migrator.findings import Finding, Severity

if TYPE_CHECKING:
    from migrator.chain.published import BaseHistory

UNSOUND = frozenset(
    rule.id for rule in (*files.RULES, *options.RULES, *structure.RULES) if rule.severity is Severity.ERROR
)
_ASKED_FOR = ("published-", "parent-not-base", "applied-")
"""Rules that not every check asks about: an exception for them may match nothing."""
_WEIGHT = {severity: number for number, severity in enumerate(Severity)}


def check_chain(reading: ChainReading, policy: Policy, *, base: BaseHistory | None = None) -> tuple[Finding, ...]:
    """Every finding on a chain, the weightiest first.

    A chain that is no chain is judged only by what makes it unsound: anything further would be a guess.

    Args:
        reading: the revision files as they were read.
        policy: what ``[tool.migrator]`` allows.
        base: the history of a git ref to compare with.

    """
    found = [*reading.findings]
    sound = not reading.errors
    if sound:
        root = project_prefix(reading.layout)
        found += [shown(finding, root) for finding in _judgements(reading, policy, base)]
    kept, used = _without_ignored(found, policy)
    if sound:
        kept += _policy_findings(reading.chain, policy, used)
    return _weighed(kept, policy)


def check_applied(reading: ChainReading, policy: Policy, found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings on what a database has applied, with the team's policy, the weightiest first."""
    root = project_prefix(reading.layout)
    kept, _ = _without_ignored([shown(finding, root) for finding in found], policy)
    return _weighed(kept, policy)


def _weighed(found: list[Finding], policy: Policy) -> tuple[Finding, ...]:
    if policy.severity:
        found = [
            finding
            if finding.rule in UNSOUND
            else replace(finding, severity=policy.severity.get(finding.rule, finding.severity))
            for finding in found
        ]
    return tuple(sorted(found, key=lambda finding: (_WEIGHT[finding.severity], finding.path or "", finding.line or 0)))


def _judgements(reading: ChainReading, policy: Policy, base: BaseHistory | None) -> Iterator[Finding]:
    chain = reading.chain
    allowed = policy.allowed_heads
    yield from several_heads(chain, allowed=allowed)
    yield from several_bases(chain, allowed=allowed)
    yield from redundant_dependencies(chain)
    yield from id_findings(chain, longest=policy.version_num_length)
    yield from file_name_findings(chain)
    yield from body_findings(chain, irreversible={entry.revision: entry.reason for entry in policy.irreversible})
    yield from import_findings(chain, reading.imports)
    if base is not None:
        from migrator.chain.rules.published import published_findings

        yield from published_findings(chain, base, base.edited(chain))


def _without_ignored(found: list[Finding], policy: Policy) -> tuple[list[Finding], set[Ignored]]:
    """The findings that no entry of ``ignore`` covers, and the entries that cover any.

    An error that makes the chain unsound cannot be ignored away: Alembic would not run.
    """
    used: set[Ignored] = set()
    kept = []
    for finding in found:
        structural = finding.severity is Severity.ERROR and finding.rule in UNSOUND
        covering = [] if structural else [entry for entry in policy.ignore if _covers(entry, finding)]
        used.update(covering)
        if not covering:
            kept.append(finding)
    return kept, used


def _covers(entry: Ignored, finding: Finding) -> bool:
    return (
        entry.rule == finding.rule
        and (entry.revision is None or entry.revision == finding.revision)
        and (entry.path is None or fnmatchcase(finding.path or "", entry.path))
    )


def _is_asked_for(rule: str) -> bool:
    return rule.startswith(_ASKED_FOR) or rule in round_trips.IDS


def _policy_findings(chain: Chain, policy: Policy, used: set[Ignored]) -> list[Finding]:
    def at(key: str) -> tuple[str, int]:
        return policy.source, policy.lines.get(key, 1)

    found: list[Finding] = []
    labels = graph_of(chain).labels
    for name in policy.allowed_heads:
        if name not in chain.revisions and name not in labels:
            path, line = at("allowed_heads")
            found.append(
                judge(STALE_POLICY, f"allowed_heads names {name!r}, which does not exist.", path=path, line=line)
            )
    for entry in policy.irreversible:
        path, line = at("irreversible")
        if entry.revision not in chain.revisions:
            message = f"irreversible names {entry.revision!r}, which does not exist."
            found.append(judge(STALE_POLICY, message, path=path, line=line))
        if not entry.reason.strip():
            message = f"irreversible {entry.revision} gives no reason."
            found.append(judge(POLICY_WITHOUT_REASON, message, path=path, line=line))
    for ignored in policy.ignore:
        path, line = at("ignore")
        if ignored not in used and not _is_asked_for(ignored.rule):
            found.append(judge(STALE_POLICY, f"ignore {ignored} matches no finding.", path=path, line=line))
        if not ignored.reason.strip():
            found.append(judge(POLICY_WITHOUT_REASON, f"ignore {ignored} gives no reason.", path=path, line=line))
    return found
