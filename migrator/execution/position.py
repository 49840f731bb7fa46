"""Where a database stands in the chain: a pure comparison of version rows with revisions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from migrator.chain.graph import ancestors, effective_heads, graph_of
from migrator.chain.model import Chain, Revision
from migrator.chain.paths import upgrade_path
from migrator.database.state import DatabaseState
from migrator.execution.lineage import Containment, Lineage, lineage_of


class Standing(StrEnum):
    """How the database compares with the code."""

    EMPTY = "empty"
    """No version row and no table."""
    UNSTAMPED = "unstamped"
    """No version row, but tables: made by something else, or the version table was lost."""
    BEHIND = "behind"
    AT_HEAD = "at head"
    AHEAD = "ahead"
    """It holds a revision that this code does not know: by its ledger all that this code has is applied, or nothing is
    known of it and no row is known."""
    DIVERGED = "diverged"
    """It holds a revision that this code does not know: by its ledger a head of this code is not applied, or nothing
    is known of it and other rows are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A database's place in the chain."""

    standing: Standing
    state: DatabaseState
    current: tuple[str, ...]
    """Version rows that the chain knows."""
    unknown: tuple[str, ...] = ()
    """Version rows that the chain does not know."""
    redundant: tuple[str, ...] = ()
    """Version rows that another row already implies: two rows where one is expected."""
    pending: tuple[Revision, ...] = ()
    """Revisions that an upgrade to the heads would apply, in that order."""
    lineage: Lineage | None = None
    """What the ledger proves of the unknown rows; None where there is none, or no ledger."""

    @property
    def contains_the_code(self) -> bool:
        """Whether all that this code has is proven to be applied."""
        if self.unknown:
            return self.lineage is not None and self.lineage.containment is Containment.CONTAINED
        return self.standing is Standing.AT_HEAD


def position_of(chain: Chain, state: DatabaseState) -> Position:
    """Compare a database's version rows with the chain."""
    known = tuple(row for row in state.rows if row in chain.revisions)
    unknown = tuple(row for row in state.rows if row not in chain.revisions)
    redundant = redundant_rows(chain, known)
    current = tuple(row for row in known if row not in redundant)
    pending = () if unknown else upgrade_path(chain, current, "heads")
    lineage = lineage_of(chain, state.rows, state.recorded) if unknown and state.recorded is not None else None
    return Position(
        standing=_unknown_standing(known, lineage) if unknown else _standing(state, known, pending),
        state=state,
        current=current,
        unknown=unknown,
        redundant=redundant,
        pending=pending,
        lineage=lineage,
    )


def _unknown_standing(known: Sequence[str], lineage: Lineage | None) -> Standing:
    if lineage is not None and lineage.containment is Containment.CONTAINED:
        return Standing.AHEAD
    if lineage is not None and lineage.containment is Containment.DIVERGED:
        return Standing.DIVERGED
    return Standing.DIVERGED if known else Standing.AHEAD


def _standing(state: DatabaseState, known: Sequence[str], pending: Sequence[Revision]) -> Standing:
    if not known:
        return Standing.UNSTAMPED if state.tables else Standing.EMPTY if pending else Standing.AT_HEAD
    return Standing.BEHIND if pending else Standing.AT_HEAD


def redundant_rows(chain: Chain, rows: Sequence[str]) -> tuple[str, ...]:
    """Rows that are ancestors of other rows."""
    if len(rows) < 2:  # noqa: PLR2004
        return ()
    return tuple(row for row in rows if any(row in ancestors(chain, (other,)) for other in rows if other != row))


def heads_after(chain: Chain, current: Iterable[str], steps: Iterable[Revision], *, upgrade: bool) -> tuple[str, ...]:
    """Version rows that Alembic leaves after the steps: the applied revisions that no other applied one implies."""
    applied = set(current) | ancestors(chain, tuple(current))
    moved = {revision.id for revision in steps}
    applied = applied | moved if upgrade else applied - moved
    return tuple(sorted(maximal(chain, applied)))


def maximal(chain: Chain, applied: set[str]) -> set[str]:
    """The revisions of a set that no other in it names as a parent or dependency."""
    graph = graph_of(chain)
    implied: set[str] = set()
    for id_ in applied:
        implied.update(graph.parents_and_dependencies(id_))
    return applied - implied


def expected_heads(chain: Chain) -> tuple[str, ...]:
    """Version rows of a database that has everything."""
    return tuple(sorted(effective_heads(chain)))
