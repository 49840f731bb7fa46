"""Rules on how many ends the chain has, and on dependencies that say nothing new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migrator.chain.graph import ancestors, graph_of, reachable
from migrator.chain.model import Chain
from migrator.chain.rules.judgement import judge
from migrator.findings import Finding, RuleInfo, Severity

SEVERAL_HEADS = RuleInfo(
    id="several-heads",
    severity=Severity.ERROR,
    summary="The chain has several heads that are neither allowed nor labelled as branches of their own.",
    why="'upgrade head' stops as ambiguous, usually at the deployment after two branches were merged in git.",
    remedy='migrator merge heads -m "merge heads"',
)
SEVERAL_BASES = RuleInfo(
    id="several-bases",
    severity=Severity.WARNING,
    summary="Several revisions have no parent, and their branches carry no labels.",
    why="A revision that lost its down_revision looks the same: it runs in no fixed order to the others.",
    remedy='Name the parent in down_revision, or give the branch a name: branch_labels = ("...",)',
)
REDUNDANT_DEPENDS_ON = RuleInfo(
    id="redundant-depends-on",
    severity=Severity.NOTICE,
    summary="depends_on names a revision that is an ancestor anyway.",
    why="It changes nothing, and misleads the reader about which branches need each other.",
    remedy="Remove it from depends_on.",
)
_SHOWN = 5
"""Other heads that one finding names."""
RULES = (SEVERAL_HEADS, SEVERAL_BASES, REDUNDANT_DEPENDS_ON)


def several_heads(chain: Chain, *, allowed: Sequence[str]) -> Iterator[Finding]:
    """One finding at each unwanted head.

    A notice only when every head is a labelled branch of its own, or all but one are what another depends on.

    Args:
        chain: a sound chain.
        allowed: ids or branch labels of heads that are meant to be.

    """
    graph = graph_of(chain)
    heads = chain.heads
    labels = graph.branch_labels
    unwanted = [head for head in heads if head not in allowed and labels.get(head, frozenset()).isdisjoint(allowed)]
    # One head beside the allowed ones is the trunk.
    if len(unwanted) < 2:  # noqa: PLR2004 - two make it ambiguous
        return
    meant = len(graph.effective_heads) == 1 or all(_own_labels(chain, head, heads) for head in heads)
    for head in unwanted:
        revision = chain.revisions[head]
        others = [other for other in unwanted if other != head]
        yield judge(
            SEVERAL_HEADS,
            f"{head} is one of {len(heads)} heads, beside {_listed([other for other in heads if other != head])}.",
            path=revision.path,
            line=revision.line,
            revision=head,
            severity=Severity.NOTICE if meant else None,
            cause="They look like branches that are meant: upgrade with 'heads' or LABEL@head, not with 'head'."
            if meant
            else None,
            remedy=_commands(chain, head, others),
            related=tuple(f"{chain.revisions[other].path}:{chain.revisions[other].line}" for other in others[:_SHOWN]),
        )


def _listed(ids: Sequence[str]) -> str:
    more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
    return ", ".join(ids[:_SHOWN]) + more


def _commands(chain: Chain, head: str, others: Sequence[str]) -> str:
    branch_only = ancestors(chain, [head]) - ancestors(chain, others)
    first = next(
        (id_ for id_ in chain.revisions if id_ in branch_only and branch_only.isdisjoint(chain.revisions[id_].parents)),
        head,
    )
    unwanted = sorted([head, *others])
    merged = "heads" if len(unwanted) == len(chain.heads) else " ".join(unwanted)
    return "\n".join(
        [
            f'migrator merge {merged} -m "merge heads"   # all of them are published',
            f"migrator rebase {first} --onto {others[0]}   # its branch is not published yet",
            f'or allow it in pyproject.toml: [tool.migrator] allowed_heads = ["{head}"]',
        ]
    )


def _own_labels(chain: Chain, head: str, heads: Sequence[str]) -> frozenset[str]:
    labels = graph_of(chain).branch_labels
    taken = frozenset().union(*(labels.get(other, frozenset()) for other in heads if other != head))
    return labels.get(head, frozenset()) - taken


def several_bases(chain: Chain, *, allowed: Sequence[str]) -> Iterator[Finding]:
    """A finding at each base without a label, except the first; a notice when all bases lead to the same head."""
    graph = graph_of(chain)
    if len(chain.bases) < 2:  # noqa: PLR2004 - one base is the rule
        return
    first = max(chain.bases, key=lambda id_: len(reachable([id_], graph.children)))
    joined = len(graph.effective_heads) == 1
    for base in chain.bases:
        revision = chain.revisions[base]
        if base == first or base in allowed or revision.branch_labels or graph.branch_labels.get(base):
            continue
        yield judge(
            SEVERAL_BASES,
            f"{base} has no parent and no branch label, beside the base {first}.",
            path=revision.path,
            line=revision.parents_line,
            revision=base,
            severity=Severity.NOTICE if joined else None,
        )


def redundant_dependencies(chain: Chain) -> Iterator[Finding]:
    """A finding for each dependency that parents or other dependencies bring along."""
    graph = graph_of(chain)
    for id_, names in graph.dependencies.items():
        revision = chain.revisions[id_]
        for declared in revision.depends_on:
            name = graph.labels.get(declared, declared)
            others = [other for other in names if other != name]
            if name in reachable([*revision.parents, *others], graph.parents_and_dependencies):
                yield judge(
                    REDUNDANT_DEPENDS_ON,
                    f"{id_} depends on {declared!r}, which is among its ancestors anyway.",
                    path=revision.path,
                    line=revision.depends_line,
                    revision=id_,
                )
