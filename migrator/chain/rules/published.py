"""Rules on what a branch may do to revisions that others have already."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from migrator.chain.graph import descendants, graph_of
from migrator.chain.model import Chain, Revision
from migrator.chain.published import BaseHistory
from migrator.chain.rules.judgement import judge
from migrator.findings import Finding, RuleInfo, Severity

PUBLISHED_EDITED = RuleInfo(
    id="published-edited",
    severity=Severity.WARNING,
    summary="A revision that the base ref has already means something else here.",
    why="Databases that have run it never see the change; new ones do, and the two differ from then on.",
    remedy='Take the edit back and put the change into a new revision: migrator revision -m "..."',
)
PUBLISHED_RENAMED = RuleInfo(
    id="published-renamed",
    severity=Severity.NOTICE,
    summary="The file of a revision that the base ref has already was renamed or moved.",
    why="Alembic goes by the id and does not mind; branches that touch the file will conflict.",
    remedy="Nothing, if it is meant.",
)
PUBLISHED_DELETED = RuleInfo(
    id="published-deleted",
    severity=Severity.WARNING,
    summary="A revision that the base ref has already is gone here.",
    why="A database that stands on it is unknown to this code: every command stops with 'Can't locate revision'.",
    remedy="Bring the file back.",
)
PARENT_NOT_HEAD = RuleInfo(
    id="parent-not-base-head",
    severity=Severity.WARNING,
    summary="A new revision does not stand on the head of the base ref.",
    why="After merging in git the chain has two heads, and the next deployment stops.",
    remedy="migrator rebase REVISION",
)
RULES = (PUBLISHED_EDITED, PUBLISHED_RENAMED, PUBLISHED_DELETED, PARENT_NOT_HEAD)


def published_findings(chain: Chain, base: BaseHistory, edited: AbstractSet[str]) -> Iterator[Finding]:
    """What happened to the revisions of the base ref, and where the new ones stand.

    Args:
        chain: the sound chain of this checkout.
        base: the history of the ref.
        edited: published revisions that mean something else here.

    """
    for id_, published in base.chain.revisions.items():
        here = chain.revisions.get(id_)
        if here is None:
            if not base.is_newer_there(id_):
                yield _deleted(chain, published, base.ref)
        elif id_ in edited:
            yield _edited(here, published, base.ref)
        elif here.path != published.path:
            message = f"The file of {id_} has another name than in {base.ref}."
            yield judge(
                PUBLISHED_RENAMED, message, path=here.path, line=here.line, revision=id_, related=(published.path,)
            )
    yield from _new_revisions(chain, base)


def _deleted(chain: Chain, published: Revision, ref: str) -> Finding:
    successor = next((other for other in chain.revisions.values() if other.path == published.path), None)
    message = f"Revision {published.id} is in {ref} and not here."
    if successor is not None:
        message = f"Revision {published.id} of {ref} has the id {successor.id} here."
    return judge(
        PUBLISHED_DELETED,
        message,
        path=published.path,
        line=successor.line if successor else None,
        revision=published.id,
        remedy=f"git checkout {ref} -- {published.path}",
    )


def _edited(here: Revision, published: Revision, ref: str) -> Finding:
    changed = (
        ("its parent", here.parents, published.parents, here.parents_line),
        ("its branch labels", here.branch_labels, published.branch_labels, here.labels_line),
        ("depends_on", here.depends_on, published.depends_on, here.depends_line),
    )
    message, line = f"Revision {here.id} was edited since {ref}.", here.line
    for what, now, before, where in changed:
        if now != before:
            shown = [", ".join(ids) or "nothing" for ids in (before, now)]
            message, line = f"Revision {here.id} was edited since {ref}: {what} was {shown[0]}, is {shown[1]}.", where
            break
    return judge(PUBLISHED_EDITED, message, path=here.path, line=line, revision=here.id)


def _new_revisions(chain: Chain, base: BaseHistory) -> Iterator[Finding]:
    if not base.ids:
        return
    heads = {*base.chain.heads, *graph_of(base.chain).effective_heads}
    shown = ", ".join(base.chain.heads)
    for revision in chain.revisions.values():
        if revision.id in base.ids:
            continue
        published = [parent for parent in revision.parents if parent in base.ids]
        stale = [parent for parent in published if parent not in heads]
        if not revision.parents and not revision.branch_labels:
            message = f"The new revision {revision.id} has no parent; {base.ref} ends at {shown}."
        elif stale and not _joins_heads(chain, base, revision):
            message = f"The new revision {revision.id} stands on {', '.join(stale)}; {base.ref} ends at {shown}."
        else:
            continue
        yield judge(
            PARENT_NOT_HEAD,
            message,
            path=revision.path,
            line=revision.parents_line,
            revision=revision.id,
            remedy=f"migrator rebase {revision.id}",
        )


def _joins_heads(chain: Chain, base: BaseHistory, revision: Revision) -> bool:
    """Whether a branch from an old revision is merged here with the head of the base, so that one head remains."""
    above = descendants(chain, [revision.id])
    return any(not above.isdisjoint(descendants(chain, [head])) for head in base.chain.heads if head in chain.revisions)
