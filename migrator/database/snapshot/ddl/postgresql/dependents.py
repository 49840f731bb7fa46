"""What has to be made again because of what it depends on: the server refuses to change a column that a view shows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from migrator.database.snapshot.comparing import Change, Difference
from migrator.database.snapshot.ddl.postgresql.naming import bare_name, mentions
from migrator.database.snapshot.ddl.postgresql.views import is_remade
from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject, Snapshot

_VIEWS: Final = frozenset({Kind.VIEW, Kind.MATERIALIZED_VIEW})
_HOLDING: Final = frozenset({Kind.TRIGGER, Kind.RULE, Kind.POLICY})
"""What keeps the server from changing the type of a column that it mentions."""
_GONE_WITH_COLUMN: Final = frozenset({Kind.CONSTRAINT, Kind.INDEX, Kind.STATISTICS})
_SHAPE: Final = frozenset({"type", "collation", "generated"})

Name = tuple[str | None, str]


def with_dependents(differences: Sequence[Difference], after: Snapshot) -> tuple[Difference, ...]:
    """The differences, and the objects that stay as they are but must be dropped and made again meanwhile.

    Args:
        differences: what is to be changed.
        after: the whole schema as it is to be; what is in no difference is there already.

    """
    known = {difference.key for difference in differences}
    views = _views_to_remake(differences, after)
    remade = {bare_name(key) for key in views}
    kept = (each for each in differences if each.key not in views and (each.key.schema, each.key.table) not in remade)
    again = (each for view in views.values() for each in _again(view, _parts(after, bare_name(view.key))))
    return (*kept, *again, *_parts_to_remake(differences, after, known))


def _views_to_remake(differences: Iterable[Difference], after: Snapshot) -> dict[ObjectKey, Difference]:
    """Views with another definition, and those that show what is changed below them."""
    found = {each.key: each for each in differences if each.key.kind in _VIEWS and is_remade(each)}
    gone = {each.key for each in differences if each.change is not Change.CHANGED}
    changed = {name for each in differences for name in _changed_below(each)}
    views = [(each, mentions(each.facets["definition"])) for each in after.of_kind(*_VIEWS)]
    growing = True
    while growing:
        reached = [view for view, shown in views if view.key not in found and view.key not in gone and shown & changed]
        found |= {view.key: Difference(Change.CHANGED, view.key, view, view) for view in reached}
        changed |= {bare_name(view.key) for view in reached}
        growing = bool(reached)
    return found


def _changed_below(difference: Difference) -> Iterator[Name]:
    """Names whose users the server does not leave in place."""
    key = difference.key
    if key.kind is Kind.COLUMN and key.table is not None:
        if difference.change is Change.REMOVED or any(facet.name in _SHAPE for facet in difference.facets):
            yield key.schema, key.table
    elif difference.change is Change.REMOVED or (key.kind in _VIEWS and is_remade(difference)):
        yield bare_name(key)


def _again(difference: Difference, parts: Sequence[SchemaObject]) -> Iterator[Difference]:
    """An object goes, and comes with all its parts."""
    if difference.before is not None and difference.after is not None:
        yield Difference(Change.REMOVED, difference.key, difference.before, None)
        yield Difference(Change.ADDED, difference.key, None, difference.after, parts=tuple(parts))


def _parts(snapshot: Snapshot, relation: Name) -> list[SchemaObject]:
    return [each for each in snapshot if (each.key.schema, each.key.table) == relation]


def _parts_to_remake(differences: Iterable[Difference], after: Snapshot, known: set[ObjectKey]) -> Iterator[Difference]:
    """Of tables: what holds a column whose type changes, and what goes with one that is made again."""
    done = set(known)
    for difference in differences:
        changed = {facet.name for facet in difference.facets}
        if difference.key.kind is not Kind.COLUMN or not changed & _SHAPE:
            continue
        word = re.compile(rf"(?<![\w$]){re.escape(difference.key.name)}(?![\w$])")
        lost = "generated" in changed and difference.after is not None and "generated" in difference.after.facets
        for part in _parts(after, (difference.key.schema, str(difference.key.table))):
            if part.key in done or not any(word.search(text) for text in part.facets.values()):
                continue
            if part.key.kind in _HOLDING:
                done.add(part.key)
                yield from _again(Difference(Change.CHANGED, part.key, part, part), ())
            elif lost and part.key.kind in _GONE_WITH_COLUMN:
                done.add(part.key)
                yield Difference(Change.ADDED, part.key, None, part)
