"""Which revisions a rebase moves, onto what, and what forbids it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from migrator.chain.graph import ancestors, descendants
from migrator.chain.model import Chain, Revision
from migrator.chain.resolve import resolve
from migrator.errors import Refused, UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of revisions outside of these files."""

    published: AbstractSet[str] = frozenset()
    """Ids in the base ref."""
    base: str | None = None
    """Name of the base ref; None when there is none to ask."""
    applied: Mapping[str, str] | None = None
    """Database in words for each id that is applied there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebase:
    """A revision that is to get another parent; those that follow it move along, their files unchanged."""

    revision: Revision
    onto: str
    carried: tuple[str, ...]
    """Descendants of the revision."""

    @property
    def is_empty(self) -> bool:
        """Whether it stands there already."""
        return self.revision.parents == (self.onto,)


def plan_rebase(chain: Chain, symbol: str, *, onto: str | None, known: Known) -> Rebase:
    """Decide where a revision goes.

    Args:
        chain: a sound chain.
        symbol: the revision to move.
        onto: its new parent; None means the only head outside of its own line.
        known: what must not be moved.

    Raises:
        UsageError: a symbol does not stand for exactly one revision, or the goal does not make sense.
        Refused: the revision, or one that would move along, is published or applied.

    """
    revision = chain.revisions[_only(chain, symbol)]
    line = descendants(chain, (revision.id,), dependencies=False)
    carried = tuple(id_ for id_ in chain.revisions if id_ in line and id_ != revision.id)
    if len(revision.parents) > 1:
        raise UsageError(
            f"{revision.id} is a merge of {', '.join(revision.parents)} and has no single place to be moved from",
            where=revision.path or None,
            remedy=f"delete its file, then: migrator merge heads -m {revision.doc!r}",
        )
    goal = _only(chain, onto) if onto is not None else _other_head(chain, revision, line)
    if goal in descendants(chain, (revision.id,)):
        raise UsageError(
            f"{revision.id} cannot be put on {goal}, which " + ("is itself" if goal == revision.id else "builds on it"),
            remedy="name a revision outside of its line with --onto: migrator heads",
        )
    planned = Rebase(revision=revision, onto=goal, carried=carried)
    if not planned.is_empty:
        _require_movable(chain, planned, known)
        if onto is None:
            _require_no_head_left(chain, planned, known)
    return planned


def _only(chain: Chain, symbol: str) -> str:
    found = resolve(chain, symbol)
    if len(found) != 1:
        raise UsageError(
            f"{symbol!r} stands for {len(found) or 'no'} revision{'s' if found else ''}, and one is needed",
            details=found,
            remedy="migrator history",
        )
    return found[0]


def _other_head(chain: Chain, revision: Revision, line: set[str]) -> str:
    others = [head for head in chain.heads if head not in line]
    if not others and revision.parents:
        return revision.parents[0]
    if len(others) != 1:
        raise UsageError(
            f"There are {len(others)} other heads that {revision.id} could be put on"
            if others
            else f"There is no other revision that {revision.id} could be put on",
            details=others,
            remedy=f"migrator rebase {revision.id} --onto {others[0]}" if others else "nothing needs to be done",
        )
    return others[0]


def _require_movable(chain: Chain, planned: Rebase, known: Known) -> None:
    for id_ in (planned.revision.id, *planned.carried):
        along = "" if id_ == planned.revision.id else f", which builds on {planned.revision.id} and would move along,"
        place = chain.revisions[id_].path or None
        if id_ in known.published:
            raise Refused(
                f"{id_}{along} is published: it is in {known.base}",
                where=place,
                state="no file was changed",
                remedy=f'others may have applied it; join the heads instead: migrator merge heads -m "merge {id_}"',
            )
        if id_ in (known.applied or {}):
            raise Refused(
                f"{id_}{along} is applied in {(known.applied or {})[id_]}",
                where=place,
                state="no file was changed",
                remedy=f"take it back first: migrator downgrade {(planned.revision.parents or ('base',))[0]}",
            )


def _require_no_head_left(chain: Chain, planned: Rebase, known: Known) -> None:
    """Refuse to tear a line in two: what the revision stands on would stay behind as a head."""
    left = [id_ for id_ in planned.revision.parents if chain.children.get(id_) == (planned.revision.id,)]
    if not left or left[0] in known.published or left[0] in ancestors(chain, (planned.onto,)):
        return
    first = left[0]
    while (
        len(chain.revisions[first].parents) == 1
        and chain.children[chain.revisions[first].parents[0]] == (first,)
        and chain.revisions[first].parents[0] not in known.published
    ):
        first = chain.revisions[first].parents[0]
    raise UsageError(
        f"{left[0]}, which {planned.revision.id} builds on, would stay behind as a head of its own",
        remedy=f"move the whole line: migrator rebase {first}; if it is meant: add --onto {planned.onto}",
    )
