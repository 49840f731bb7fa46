"""Whether a database that newer code has migrated still contains this code's history: decided from values alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from migrator.chain.graph import effective_heads, graph_of, reachable
from migrator.chain.model import Chain
from migrator.database.ledger.applied import RecordedRevision


class Containment(StrEnum):
    """How version rows that this code does not know stand to its heads."""

    CONTAINED = "contained"
    """Everything that this code has is applied; more is."""
    DIVERGED = "diverged"
    """Some head of this code is not applied: the other code comes from another branch."""
    UNKNOWN = "unknown"
    """The ledger does not know a row or what it stands on, or the rows contradict each other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """What the ledger proves of version rows that this code does not know."""

    containment: Containment
    missing: tuple[str, ...] = ()
    """Heads of this code that the rows do not stand on."""
    beyond: tuple[RecordedRevision, ...] = ()
    """Applied revisions that this code does not have, oldest first, as far as the ledger knows them."""


def lineage_of(chain: Chain, rows: Sequence[str], recorded: Mapping[str, RecordedRevision]) -> Lineage:
    """Follow version rows down through what the ledger has recorded, into this code's own chain.

    Args:
        chain: the revision files; what they say of a revision goes before what the ledger says.
        rows: of the version table.
        recorded: what the ledger knows, by revision.

    """
    parents = partial(_parents, chain, recorded)
    below = {row: reachable(parents(row), parents) for row in rows}
    under = set().union(*below.values())
    applied = under.union(rows)
    heads = effective_heads(chain)
    missing = tuple(sorted(head for head in heads if head not in applied))
    unplaced = {id_ for id_ in applied if id_ not in chain.revisions and id_ not in recorded}
    contradictory = not under.isdisjoint(rows)
    if contradictory or not unplaced.isdisjoint(rows) or (missing and unplaced):
        containment = Containment.UNKNOWN
    else:
        containment = Containment.DIVERGED if missing else Containment.CONTAINED
    return Lineage(
        containment=containment,
        missing=missing,
        beyond=tuple(each for id_, each in recorded.items() if id_ in applied and id_ not in chain.revisions),
    )


def _parents(chain: Chain, recorded: Mapping[str, RecordedRevision], id_: str) -> tuple[str, ...]:
    if id_ in chain.revisions:
        return graph_of(chain).parents_and_dependencies(id_)
    return recorded_parents(recorded, id_)


def recorded_parents(recorded: Mapping[str, RecordedRevision], id_: str) -> tuple[str, ...]:
    """What a revision stands on, as far as the ledger knows."""
    known = recorded.get(id_)
    return () if known is None else known.parents + known.depends_on
