"""In which order tables get rows: parents first, and those of a circle together. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from migrator.verification.rows.facts import Facts, TableName


def in_order(tables: Collection[TableName], facts: Facts) -> Iterator[tuple[TableName, ...]]:
    """Groups of tables, each after what it references: mostly of one table.

    Several tables are a group when each needs a row of the next, so that none can be filled without the others. A
    reference that may be NULL holds nobody up: it is set afterwards.
    """
    left = dict.fromkeys(tables)
    while left:
        group = next((each,) for each in left) if len(left) == 1 else _next(left, facts)
        yield group
        for each in group:
            del left[each]


def _next(left: Collection[TableName], facts: Facts) -> tuple[TableName, ...]:
    hardly: TableName | None = None
    for each in left:
        awaited = {key.parent for key in facts[each].foreign_keys if key.parent in left and key.parent != each}
        if not awaited:
            return (each,)
        if hardly is None and not _required(each, left, facts):
            hardly = each
    return (hardly,) if hardly is not None else _circle(next(iter(left)), left, facts)


def _required(table: TableName, left: Collection[TableName], facts: Facts) -> list[TableName]:
    """The tables without whose rows this one can't have any."""
    known = facts[table]
    return [
        key.parent
        for key in known.foreign_keys
        if key.parent in left and key.parent != table and known.is_required(key)
    ]


def _circle(start: TableName, left: Collection[TableName], facts: Facts) -> tuple[TableName, ...]:
    path = [start]
    while (following := _required(path[-1], left, facts)[0]) not in path:
        path.append(following)
    return tuple(path[path.index(following) :])
