"""Which differences are no defect of a downgrade, and why. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.database.snapshot.comparing import Change, Difference, FacetChange
from migrator.database.snapshot.model import Kind

_ENUM_LABELS = "labels"
_VALIDITY = "validity"
_DEFINITION = "definition"


def excuse(difference: Difference, among: Sequence[Difference]) -> str | None:
    """Why a difference between before and after a round trip is worth a notice only; None: it is a defect.

    Args:
        difference: of a state before the round trip to the one after it.
        among: all differences of that round trip.

    """
    key = difference.key
    if difference.change is Change.ADDED and key.kind is Kind.EXTENSION:
        return "an extension may be used by others by now, so that few downgrades drop one"
    if difference.change is Change.CHANGED:
        reasons = [_excused(key.kind, facet) for facet in difference.facets]
        if all(reasons):
            return reasons[0]
    if key.kind is Kind.CONSTRAINT and _is_renamed(difference, among):
        return "the constraint is the same one under another name"
    return None


def _excused(kind: Kind, facet: FacetChange) -> str | None:
    if kind is Kind.ENUM and facet.name == _ENUM_LABELS and _is_extended(facet.before or "", facet.after or ""):
        return "PostgreSQL cannot remove a value from an enum"
    if kind is Kind.CONSTRAINT and facet.name == _VALIDITY and facet.after is None:
        return "a constraint that has been validated holds no less than before"
    return None


def _is_extended(before: str, after: str) -> bool:
    """Whether all former labels are there, in their order."""
    left = iter(_labels(after))
    return all(label in left for label in _labels(before))


def _labels(facet: str) -> list[str]:
    return [label.strip() for label in facet.split(",") if label.strip()]


def _is_renamed(difference: Difference, among: Sequence[Difference]) -> bool:
    held = difference.before or difference.after
    if held is None or difference.change is Change.CHANGED:
        return False
    opposite = Change.REMOVED if difference.change is Change.ADDED else Change.ADDED
    for other in among:
        twin = other.before or other.after
        if (
            other.change is opposite
            and twin is not None
            and other.key.kind is difference.key.kind
            and (other.key.schema, other.key.table) == (difference.key.schema, difference.key.table)
            and twin.facets.get(_DEFINITION) == held.facets.get(_DEFINITION)
        ):
            return True
    return False
