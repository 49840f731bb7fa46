"""What the catalog says about tables, as far as it matters for the rows that they can hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

TableName: TypeAlias = tuple[str | None, str]
"""Schema (None where the dialect has none) and name."""


def named(table: TableName) -> str:
    """A table in the words of messages: ``public.users``."""
    return ".".join(part for part in table if part)


class Form(StrEnum):
    """How a type is made of others."""

    PLAIN = "plain"
    ENUM = "enum"
    DOMAIN = "domain"
    ARRAY = "array"
    RANGE = "range"
    MULTIRANGE = "multirange"
    COMPOSITE = "composite"


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeFacts:
    """The type of a column."""

    name: str
    """The server's short name without length: ``varchar``, ``int4``."""
    spelled: str
    """As it stands in a cast: ``character varying(20)``."""
    form: Form = Form.PLAIN
    length: int | None = None
    """Characters or bits; of numbers the digits."""
    scale: int = 0
    unsigned: bool = False
    labels: tuple[str, ...] = ()
    inner: TypeFacts | None = None
    """Of a domain what it is based on, of an array its element, of a range its subtype."""
    attributes: tuple[TypeFacts, ...] = ()
    """Of a composite type."""
    checks: tuple[str, ...] = ()
    """Of a domain: expressions over ``value``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFacts:
    """A column that a row gives a value for."""

    name: str
    type: TypeFacts
    required: bool = False
    default: str | None = None
    counted: bool = False
    """The server numbers it: identity, serial, auto_increment."""
    generated: bool = False
    """The server computes it: no row may name it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uniqueness:
    """Columns of which no two rows may be equal."""

    columns: tuple[str, ...]
    every: bool = False
    """Each of them must differ: an expression over them is unique, or an exclusion constraint holds them apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A condition on the rows: a CHECK constraint, or the bounds of a partition."""

    name: str
    expression: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKey:
    """Columns whose values another table holds."""

    name: str
    columns: tuple[str, ...]
    parent: TableName
    parent_columns: tuple[str, ...]

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Each column with the parent's."""
        return tuple(zip(self.columns, self.parent_columns, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class TableFacts:
    """A table with what its rows must fulfil."""

    table: TableName
    columns: tuple[ColumnFacts, ...]
    key: tuple[str, ...] = ()
    """Columns of the primary key."""
    uniques: tuple[Uniqueness, ...] = ()
    checks: tuple[Check, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    partitioned: bool = False
    """Its rows are those of its partitions."""
    partition_of: tuple[TableName, ...] = ()
    """The tables that its rows are rows of too."""
    partitions: tuple[TableName, ...] = ()
    """Of a partitioned one, at every level."""

    def column(self, name: str) -> ColumnFacts:
        """One of the columns."""
        return next(each for each in self.columns if each.name == name)

    @property
    def settable(self) -> tuple[ColumnFacts, ...]:
        """The columns that an INSERT may name."""
        return tuple(each for each in self.columns if not each.generated)

    def is_required(self, key: ForeignKey) -> bool:
        """Whether no row can do without a parent."""
        return all(self.column(name).required for name in key.columns)

    def references(self, column: str) -> Iterator[ForeignKey]:
        """The foreign keys that a column is part of."""
        return (key for key in self.foreign_keys if column in key.columns)


Facts: TypeAlias = Mapping[TableName, TableFacts]
