"""What a schema is made of, as values that can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """The kinds of objects, in the words of messages."""

    SCHEMA = "schema"
    EXTENSION = "extension"
    COLLATION = "collation"
    ENUM = "enum"
    DOMAIN = "domain"
    COMPOSITE = "composite type"
    RANGE = "range type"
    SEQUENCE = "sequence"
    FUNCTION = "function"
    PROCEDURE = "procedure"
    AGGREGATE = "aggregate"
    TABLE = "table"
    FOREIGN_TABLE = "foreign table"
    COLUMN = "column"
    CONSTRAINT = "constraint"
    INDEX = "index"
    STATISTICS = "statistics"
    VIEW = "view"
    MATERIALIZED_VIEW = "materialized view"
    TRIGGER = "trigger"
    RULE = "rule"
    POLICY = "policy"
    EVENT_TRIGGER = "event trigger"
    EVENT = "event"
    PUBLICATION = "publication"
    DEFAULT_PRIVILEGES = "default privileges"


RELATIONS: Final = frozenset({Kind.TABLE, Kind.FOREIGN_TABLE, Kind.VIEW, Kind.MATERIALIZED_VIEW})
"""What columns, constraints, indexes, triggers, rules and policies can belong to."""


@dataclass(frozen=True, slots=True, order=True)
class ObjectKey:
    """What makes two objects of two snapshots the same one."""

    kind: Kind
    schema: str | None
    name: str
    """Of a function with the types of its arguments: ``add(integer, integer)``."""
    table: str | None = None
    """The relation that a column, constraint, index, trigger, rule or policy belongs to."""

    def __str__(self) -> str:
        """The object in words: ``column public.users.email``."""
        return f"{self.kind} {self.path}"

    @property
    def path(self) -> str:
        """The qualified name, the table included: ``public.users.email``."""
        return ".".join(part for part in (self.schema, self.table, self.name) if part is not None)


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """One object with all that is compared of it."""

    key: ObjectKey
    facets: Mapping[str, str] = field(default_factory=dict)
    """What it is like: name of the facet, in words, to its value; an absent facet is the usual."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A schema at one moment."""

    dialect: str
    objects: Mapping[ObjectKey, SchemaObject]

    def __iter__(self) -> Iterator[SchemaObject]:
        """The objects, in the order of their keys."""
        return iter(in_order(self.objects.values()))

    def __len__(self) -> int:
        """How many objects there are."""
        return len(self.objects)

    def of_kind(self, *kinds: Kind) -> Iterator[SchemaObject]:
        """The objects of some kinds."""
        return (each for each in self if each.key.kind in kinds)


def in_order(objects: Iterable[SchemaObject]) -> list[SchemaObject]:
    """Sort objects by kind, schema, table and name."""
    return sorted(objects, key=_place)


_PLACES: Final = {kind: place for place, kind in enumerate(Kind)}


def _place(each: SchemaObject) -> tuple[int, str, str, str]:
    key = each.key
    return _PLACES[key.kind], key.schema or "", key.table or "", key.name
