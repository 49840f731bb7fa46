"""Tables that go together and hold one another by foreign keys: no order would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.database.snapshot.comparing import Change, Difference
from migrator.database.snapshot.ddl.postgresql.naming import mentions
from migrator.database.snapshot.ddl.postgresql.parts import drop_part
from migrator.database.snapshot.ddl.postgresql.steps import Step
from migrator.database.snapshot.model import Kind, SchemaObject

Name = tuple[str | None, str]


def untied(differences: Iterable[Difference]) -> Iterator[Step]:
    """Statements that drop the foreign keys between tables that are dropped, where their order is not enough.

    That is where they refer to one another, and where a partitioned table is referred to: its partitions go first.
    """
    going = {
        (each.key.schema, each.key.name): each
        for each in differences
        if each.change is Change.REMOVED and each.key.kind is Kind.TABLE and each.before is not None
    }
    keys = {
        name: [(part, target) for part in _foreign_keys(each) for target in _targets(part) & going.keys() - {name}]
        for name, each in going.items()
    }
    for name, own in keys.items():
        for part, target in own:
            before = going[target].before
            if (before is not None and "partition key" in before.facets) or _leads(keys, target, name):
                yield from drop_part(part)


def _foreign_keys(difference: Difference) -> Iterator[SchemaObject]:
    for part in difference.parts:
        if part.key.kind is Kind.CONSTRAINT and part.facets["definition"].startswith("FOREIGN KEY"):
            yield part


def _targets(foreign_key: SchemaObject) -> frozenset[Name]:
    return mentions(foreign_key.facets["definition"])


def _leads(keys: dict[Name, list[tuple[SchemaObject, Name]]], start: Name, goal: Name) -> bool:
    """Whether foreign keys lead from one table to another."""
    seen, waiting = {start}, [start]
    while waiting:
        reached = {target for _, target in keys[waiting.pop()]} - seen
        if goal in reached:
            return True
        seen |= reached
        waiting += reached
    return False
