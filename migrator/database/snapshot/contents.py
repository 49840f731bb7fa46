"""The objects of a schema of which some are read again: what was there under a relation's name makes room. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from migrator.database.snapshot.affected import Name
from migrator.database.snapshot.model import ObjectKey, SchemaObject


@dataclass(slots=True)
class Contents:
    """Objects, with the relation that each belongs to, or none."""

    objects: dict[ObjectKey, SchemaObject] = field(default_factory=dict)
    relations: dict[Name, list[ObjectKey]] = field(default_factory=dict)
    others: list[ObjectKey] = field(default_factory=list)

    def replace_relations(self, latter: Iterable[SchemaObject], former: Collection[Name]) -> set[ObjectKey]:
        """Put relations in the place of those with some names; the keys of those where anything is another."""
        read: dict[Name, list[SchemaObject]] = {name: [] for name in former}
        for each in latter:
            read.setdefault(relation_of(each.key), []).append(each)
        changed: set[ObjectKey] = set()
        for name, objects in read.items():
            keys = self.relations.pop(name, [])
            before = {key: self.objects.pop(key) for key in keys}
            self.objects |= {each.key: each for each in objects}
            if objects:
                self.relations[name] = [each.key for each in objects]
            if before != {each.key: each for each in objects}:
                changed |= {*keys, *(each.key for each in objects)}
        return changed

    def replace_others(self, latter: Collection[SchemaObject]) -> set[ObjectKey]:
        """Put what belongs to no relation in the place of what there was; the keys of what is another."""
        before = {key: self.objects.pop(key) for key in self.others}
        after = {each.key: each for each in latter}
        self.objects |= after
        self.others = [*after]
        return {key for key in (*before, *after) if before.get(key) != after.get(key)}


def relation_of(key: ObjectKey) -> Name:
    """The relation that an object is or belongs to."""
    return str(key.schema), key.table or key.name
