"""Lists of revisions, each as text and as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from migrator.chain.graph import effective_heads
from migrator.chain.model import Chain, Revision
from migrator.chain.paths import upgrade_path
from migrator.report.revisions import RevisionLines


@dataclass(frozen=True, slots=True)
class Listing:
    """The same list twice."""

    text: str
    body: dict[str, object]


def heads(chain: Chain, *, verbose: bool, effective: bool) -> Listing:
    """The heads, as ``alembic heads`` prints them."""
    lines = RevisionLines(chain)
    ids = [id_ for id_ in chain.heads if not effective or id_ in effective_heads(chain)]
    found = [chain.revisions[id_] for id_ in ids]
    text = "\n".join(lines.full(each) if verbose else lines.brief(each) for each in found)
    return Listing(text, {"schema": "migrator/heads/1", "heads": [lines.as_dict(each) for each in found]})


def branches(chain: Chain, *, verbose: bool) -> Listing:
    """Branch points and what follows them, as ``alembic branches`` prints them."""
    lines = RevisionLines(chain)
    newest_first = reversed(upgrade_path(chain, (), "heads"))
    points = [revision for revision in newest_first if len(chain.children.get(revision.id, ())) > 1]
    blocks = []
    for point in points:
        blocks.append(lines.full(point) if verbose else lines.brief(point, tree=True))
        width = len(point.id)
        blocks += [
            f"{' ' * width} -> {lines.brief(chain.revisions[child], tree=True, doc=verbose)}"
            for child in chain.children[point.id]
        ]
        blocks.append("")
    body = [{**lines.as_dict(point), "children": list(chain.children[point.id])} for point in points]
    return Listing("\n".join(blocks), {"schema": "migrator/branches/1", "branches": body})


def history(chain: Chain, revisions: Sequence[Revision], current: Sequence[str], *, verbose: bool) -> Listing:
    """Revisions in the given order, as ``alembic history`` prints them."""
    lines = RevisionLines(chain, frozenset(current))
    text = "\n".join(
        lines.full(each) if verbose else lines.brief(each, tree=True, doc=True, parents=True) for each in revisions
    )
    body: dict[str, object] = {"schema": "migrator/history/1", "revisions": [lines.as_dict(each) for each in revisions]}
    return Listing(text, body)


def shown(chain: Chain, revisions: Sequence[Revision]) -> Listing:
    """Revisions in full, with what each direction does."""
    from migrator.chain.operations import read_operations

    lines = RevisionLines(chain)
    blocks, bodies = [], []
    for revision in revisions:
        operations = read_operations(revision.path)
        up = [operation.summary for operation in operations.upgrade]
        down = [operation.summary for operation in operations.downgrade]
        blocks.append(
            lines.full(revision)
            + "".join(f"    upgrade:   {summary}\n" for summary in up)
            + "".join(f"    downgrade: {summary}\n" for summary in down)
        )
        bodies.append({**lines.as_dict(revision), "upgrade": up, "downgrade": down})
    return Listing("\n".join(blocks).rstrip("\n"), {"schema": "migrator/revisions/1", "revisions": bodies})
