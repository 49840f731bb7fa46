"""The difference of two snapshots. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from migrator.database.snapshot.model import RELATIONS, ObjectKey, SchemaObject, Snapshot, in_order

COLUMN_ORDER = "column order"
"""The one facet that is compared only when asked: no revision can restore it."""
GIVEN_NAME = "given name"
"""A facet that is never compared, kept for the statements: what SQLite's constraints are called means nothing."""


class Change(StrEnum):
    """What became of an object."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FacetChange:
    """One facet of an object that is another; None where it is absent."""

    name: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One object that is not the same in both snapshots."""

    change: Change
    key: ObjectKey
    before: SchemaObject | None
    after: SchemaObject | None
    facets: tuple[FacetChange, ...] = ()
    """Of a changed object: what is another, by name."""
    parts: tuple[SchemaObject, ...] = ()
    """Of a relation added or removed as a whole: its columns, constraints, indexes, triggers, rules and policies."""


def compare(before: Snapshot, after: Snapshot, *, column_order: bool = False) -> tuple[Difference, ...]:
    """What must happen to ``before`` to become ``after``.

    What belongs to a table that is added or removed as a whole is not told again for each of its columns, constraints,
    indexes, triggers, rules and policies.
    """
    whole = _whole_relations(before, after)
    parts = {Change.REMOVED: _parts(before, whole), Change.ADDED: _parts(after, whole), Change.CHANGED: {}}
    return tuple(
        replace(difference, parts=tuple(parts[difference.change].get((difference.key.schema, difference.key.name), ())))
        if difference.key.kind in RELATIONS
        else difference
        for difference in _differences(before, after, column_order=column_order)
        if difference.key.table is None or (difference.key.schema, difference.key.table) not in whole
    )


def _differences(before: Snapshot, after: Snapshot, *, column_order: bool) -> Iterator[Difference]:
    # Most objects of two long snapshots are the same: only the others are put in order.
    others = (each for each in before.objects.values() if not _is_same(each, after.objects.get(each.key)))
    for former in in_order(others):
        latter = after.objects.get(former.key)
        if latter is None:
            yield Difference(Change.REMOVED, former.key, former, None)
            continue
        changed = tuple(_facet_changes(former, latter, column_order=column_order))
        if changed:
            yield Difference(Change.CHANGED, former.key, former, latter, changed)
    for latter in in_order(each for key, each in after.objects.items() if key not in before.objects):
        yield Difference(Change.ADDED, latter.key, None, latter)


def _is_same(former: SchemaObject, latter: SchemaObject | None) -> bool:
    return former is latter or (latter is not None and former.facets == latter.facets)


def _facet_changes(before: SchemaObject, after: SchemaObject, *, column_order: bool) -> Iterator[FacetChange]:
    for name in sorted({*before.facets, *after.facets}):
        former, latter = before.facets.get(name), after.facets.get(name)
        if former != latter and name != GIVEN_NAME and (column_order or name != COLUMN_ORDER):
            yield FacetChange(name, former, latter)


def _parts(
    snapshot: Snapshot, relations: set[tuple[str | None, str]]
) -> dict[tuple[str | None, str], list[SchemaObject]]:
    """What belongs to each of some relations."""
    found: dict[tuple[str | None, str], list[SchemaObject]] = {}
    for each in snapshot if relations else ():
        if each.key.table is not None and (relation := (each.key.schema, each.key.table)) in relations:
            found.setdefault(relation, []).append(each)
    return found


def _whole_relations(before: Snapshot, after: Snapshot) -> set[tuple[str | None, str]]:
    """The tables and views that only one of the snapshots has, or that are of another kind in the other."""
    former, latter = ({key for key in each.objects if key.kind in RELATIONS} for each in (before, after))
    return {(key.schema, key.name) for key in former ^ latter}
