"""In which order tables get rows: parents first, and those of a circle together. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from migrator.verification.rows.facts import Facts, TableName


def in_order(tables: Collection[TableName], facts: Facts) -> Iterator[tuple[TableName, ...]]:
    """Groups of tables, each after what it references: mostly of one table.

    Several tables are a group when each needs a row of the next, so that none can be filled without the others. A
    reference that may be NULL holds nobody up: it is set afterwards.
    """
    left = dict.fromkeys(tables)
    parents = _Parents(tables, facts)
    while left:
        group = _next(left, parents)
        yield group
        for each in group:
            del left[each]


class _Parents:
    """The tables that tables refer to; in place of a partitioned one its partitions."""

    def __init__(self, tables: Collection[TableName], facts: Facts) -> None:
        partitions: defaultdict[TableName, list[TableName]] = defaultdict(list)
        for name in tables:
            for whole in facts[name].partition_of:
                partitions[whole].append(name)
        self.all: dict[TableName, set[TableName]] = {}
        self.required: dict[TableName, set[TableName]] = {}
        for name in tables:
            table = facts[name]
            held = [(key, {key.parent, *partitions[key.parent]} - {name}) for key in table.foreign_keys]
            self.all[name] = {each for _, those in held for each in those}
            self.required[name] = {each for key, those in held if table.is_required(key) for each in those}


def _next(left: Mapping[TableName, None], parents: _Parents) -> tuple[TableName, ...]:
    hardly: TableName | None = None
    for each in left:
        if parents.all[each].isdisjoint(left):
            return (each,)
        if hardly is None and parents.required[each].isdisjoint(left):
            hardly = each
    return (hardly,) if hardly is not None else _circle(next(iter(left)), left, parents)


def _circle(start: TableName, left: Mapping[TableName, None], parents: _Parents) -> tuple[TableName, ...]:
    path = [start]
    while (following := next(each for each in sorted(parents.required[path[-1]]) if each in left)) not in path:
        path.append(following)
    return tuple(path[path.index(following) :])
