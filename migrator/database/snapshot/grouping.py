"""Differences that are one to a reader: a table or column, and the sequence that comes and goes with it. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migrator.database.snapshot.comparing import Change, Difference
from migrator.database.snapshot.model import Kind

_OWNER = "owned by"


def told_together(differences: Sequence[Difference]) -> Iterator[tuple[Difference, ...]]:
    """Each difference with those that are told with it: itself first, then the sequences of a serial column."""
    followers: dict[int, list[Difference]] = {}
    for each in differences:
        leader = _leader(each, differences)
        if leader is not None:
            followers.setdefault(id(leader), []).append(each)
    follow = {id(each) for group in followers.values() for each in group}
    for each in differences:
        if id(each) not in follow:
            yield (each, *followers.get(id(each), ()))


def _leader(sequence: Difference, differences: Sequence[Difference]) -> Difference | None:
    """The table or column that takes a sequence along."""
    held = sequence.before or sequence.after
    if sequence.key.kind is not Kind.SEQUENCE or sequence.change is Change.CHANGED or held is None:
        return None
    owner = held.facets.get(_OWNER, "").replace('"', "")
    if not owner:
        return None
    table = owner.rpartition(".")[0]
    for each in differences:
        key = each.key
        named = owner if key.kind is Kind.COLUMN else table if key.kind is Kind.TABLE else None
        if each.change is sequence.change and named is not None and key.path in (named, f"{key.schema}.{named}"):
            return each
    return None
