"""Where a new revision belongs: its parents, label, dependencies and folder, checked before anything is written."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence
from pathlib import Path

from migrator.chain.layout import Layout
from migrator.chain.model import Chain
from migrator.chain.resolve import resolve
from migrator.errors import UsageError

_ILLEGAL = re.compile(r"[@\-+:]")


def parents_for(chain: Chain, head: str, *, splice: bool) -> tuple[str, ...]:
    """Find the parents that a new revision gets for ``--head``; empty for a new base.

    Raises:
        UsageError: the symbol is unknown, is one of several heads, or is no head and ``splice`` is not set.

    """
    if head == "base" or (head in {"head", "heads"} and not chain.revisions):
        return ()
    if head == "head" and len(chain.heads) > 1:
        raise UsageError(
            f"The chain has {len(chain.heads)} heads, so it is not clear on which one the new revision belongs",
            details=[_described(chain, id_) for id_ in chain.heads],
            remedy=f"migrator merge heads, or say which: --head {chain.heads[0]}",
        )
    found = resolve(chain, head)
    require_heads(chain, found, splice=splice)
    return found


def require_heads(chain: Chain, ids: Sequence[str], *, splice: bool) -> None:
    """Make sure that new revisions go on top, unless a branch point is meant.

    Raises:
        UsageError: one of them is no head and ``splice`` is not set.

    """
    inner = [id_ for id_ in ids if id_ not in chain.heads]
    if inner and not splice:
        raise UsageError(
            f"{inner[0]} is not a head: a revision on it would begin a second branch",
            where=chain.revisions[inner[0]].path or None,
            remedy="add --splice if a branch is meant, or leave --head out",
        )


def parents_to_merge(chain: Chain, symbols: Sequence[str], *, splice: bool) -> tuple[str, ...]:
    """Find the revisions that a merge is to join.

    Raises:
        UsageError: one is unknown, is given twice, or is no head and ``splice`` is not set.

    """
    found = [id_ for symbol in symbols for id_ in (chain.heads if symbol == "heads" else resolve(chain, symbol))]
    twice = sorted({id_ for id_ in found if found.count(id_) > 1})
    if twice:
        raise UsageError(f"{', '.join(twice)} is named more than once", remedy="migrator merge heads")
    require_heads(chain, found, splice=splice)
    return tuple(found)


def require_free(chain: Chain, *, rev_id: str | None, branch_label: str | None) -> None:
    """Make sure that a new id and a new label do not exist yet.

    Raises:
        UsageError: one of them does, or the id has a character that Alembic gives a meaning of its own.

    """
    if rev_id is not None and (illegal := _ILLEGAL.search(rev_id)):
        raise UsageError(
            f"The revision id {rev_id!r} may not contain {illegal[0]!r}", remedy="use letters, digits and underscores"
        )
    if rev_id is not None and rev_id in chain.revisions:
        raise UsageError(
            f"There is a revision {rev_id} already",
            where=chain.revisions[rev_id].path or None,
            remedy="leave --rev-id out, or choose another id",
        )
    for revision in chain.revisions.values():
        if branch_label is not None and branch_label in {*revision.branch_labels, revision.id}:
            raise UsageError(
                f"{branch_label!r} is taken by revision {revision.id}",
                where=revision.path or None,
                remedy="choose another --branch-label",
            )


def dependencies(chain: Chain, symbols: Sequence[str]) -> tuple[str, ...]:
    """Find what ``--depends-on`` names; a branch label stays a label.

    Raises:
        UsageError: one of them is unknown.

    """
    labels = {label for revision in chain.revisions.values() for label in revision.branch_labels}
    found: list[str] = []
    for symbol in symbols:
        found += [symbol] if symbol in labels else resolve(chain, symbol)
    return tuple(found)


def version_folder(layout: Layout, parents: Sequence[str], version_path: str | None, *, start: Path) -> str | None:
    """Find the folder that the new file goes to; None leaves the choice to Alembic: the parent's, or the only one.

    Raises:
        UsageError: it is none of the ``version_locations``, or is needed and was not given.

    """
    if version_path is None:
        if len(layout.version_locations) > 1 and not parents:
            raise UsageError(
                "There are several version_locations, and a new base can go into any of them",
                details=[str(folder) for folder in layout.version_locations],
                remedy=f"--version-path {layout.version_locations[0]}",
            )
        return None
    for folder in (start / version_path, layout.root / version_path, layout.script_location / version_path):
        for location in layout.version_locations:
            if folder.resolve() == location.resolve():
                return str(location)
    known = [str(folder) for folder in layout.version_locations]
    near = difflib.get_close_matches(str(start / version_path), known, n=1, cutoff=0.0)
    raise UsageError(
        f"{version_path} is none of the project's version_locations", details=known, remedy=f"--version-path {near[0]}"
    )


def _described(chain: Chain, id_: str) -> str:
    revision = chain.revisions[id_]
    return f"{id_} {revision.title}".rstrip() + (f"  ({Path(revision.path).name})" if revision.path else "")
