"""The statements of SQLite that turn one schema into another; what ALTER TABLE cannot do is a recipe. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from migrator.database.snapshot.comparing import Change, Difference
from migrator.database.snapshot.ddl.sqlite_tables import added_in_place, created, dropped_in_place, rebuilt
from migrator.database.snapshot.model import Kind
from migrator.database.snapshot.sqlite.text import quoted

_BY_TEXT = (Kind.TRIGGER, Kind.VIEW, Kind.INDEX)
"""What is made again by its own text, in the order in which it goes away."""
_OF_TABLES = frozenset({Kind.TABLE, Kind.COLUMN, Kind.CONSTRAINT})


def statements(differences: Iterable[Difference]) -> tuple[str, ...]:
    """What makes the state before into the state after; a table that must be rebuilt is told in comments."""
    together = tuple(differences)
    return (
        *_dropped_by_text(together),
        *_dropped_tables(together),
        *_created_tables(together),
        *_altered_tables(together),
        *_created_by_text(together),
    )


def _dropped_by_text(differences: Sequence[Difference]) -> Iterator[str]:
    for kind in _BY_TEXT:
        for each in differences:
            if each.key.kind is kind and each.before is not None:
                yield f"DROP {kind.upper()} {quoted(each.key.name)}"


def _created_by_text(differences: Sequence[Difference]) -> Iterator[str]:
    added = [each.after for each in differences if each.after is not None]
    parts = [part for each in differences if each.change is Change.ADDED for part in each.parts]
    for kind in reversed(_BY_TEXT):
        yield from (each.facets["definition"] for each in (*added, *parts) if each.key.kind is kind)


def _dropped_tables(differences: Sequence[Difference]) -> Iterator[str]:
    """Tables that lead to others go first: dropping a table deletes its rows, which foreign keys may forbid."""
    left = {each.key.name: each for each in differences if _is_table(each) and each.change is Change.REMOVED}
    while left:
        free = [name for name in left if not any(_leads_to(each, name) for each in left.values())] or [*left]
        for name in free:
            del left[name]
            yield f"DROP TABLE {quoted(name)}"


def _leads_to(table: Difference, name: str) -> bool:
    target = f" REFERENCES {quoted(name)} ("
    return table.key.name != name and any(target in part.facets.get("definition", "") for part in table.parts)


def _created_tables(differences: Sequence[Difference]) -> Iterator[str]:
    for each in differences:
        if _is_table(each) and each.change is Change.ADDED and each.after is not None:
            yield created(each.after, each.parts)


def _altered_tables(differences: Sequence[Difference]) -> Iterator[str]:
    of_tables: dict[str, list[Difference]] = {}
    for each in differences:
        if each.key.kind in _OF_TABLES and not (_is_table(each) and each.change is not Change.CHANGED):
            of_tables.setdefault(each.key.table or each.key.name, []).append(each)
    for name, changes in of_tables.items():
        yield from _altered(name, changes)


def _altered(table: str, changes: Sequence[Difference]) -> Iterator[str]:
    columns = [each for each in changes if each.key.kind is Kind.COLUMN]
    dropped = [each.before for each in columns if each.change is Change.REMOVED and each.before is not None]
    added = [each.after for each in columns if each.change is Change.ADDED and each.after is not None]
    constraints = [each.after for each in changes if each.key.kind is Kind.CONSTRAINT and each.after is not None]
    in_place = _only_columns_and_additions(changes)
    adding = added_in_place(table, added, constraints) if in_place else None
    if adding is None or not all(dropped_in_place(each) for each in dropped):
        yield from rebuilt(table, changes)
        return
    yield from (f"ALTER TABLE {quoted(table)} DROP COLUMN {quoted(each.key.name)}" for each in dropped)
    yield from adding


def _only_columns_and_additions(changes: Sequence[Difference]) -> bool:
    return all(
        each.change is Change.ADDED or (each.change is Change.REMOVED and each.key.kind is Kind.COLUMN)
        for each in changes
    )


def _is_table(difference: Difference) -> bool:
    return difference.key.kind is Kind.TABLE
