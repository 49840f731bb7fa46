"""What a newer schema allows in a table's rows that the older one does not. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import chain
from typing import Final

from migrator.verification.rows.facts import ColumnFacts, Facts, Form, TableFacts, TableName, TypeFacts, named
from migrator.verification.rows.values import ANOTHER, LONGEST, text


class Freedom(Enum):
    """What rows may be by now."""

    EMPTY = "NULL"
    LARGER = "a value that the former type cannot hold"
    LABEL = "a label that was none"
    OUTSIDE = "a value outside of the former condition"
    ALIKE = "two rows alike"


@dataclass(frozen=True, slots=True)
class Loosening:
    """One thing that a table's rows may be by now, and could not be before."""

    freedom: Freedom
    table: TableName
    columns: tuple[str, ...]
    values: tuple[str, ...] = ()
    """What the column may hold by now: new labels of an enum, a longer text, a larger number; none: what is usual."""
    condition: str = ""
    """That rows had to fulfil."""

    def __str__(self) -> str:
        """In words: ``NULL in public.users.email``."""
        columns = ", ".join(self.columns)
        place = f"{named(self.table)}.{columns}" if len(self.columns) == 1 else f"{named(self.table)} ({columns})"
        return f"{self.freedom.value} in {place}"


_TEXTS: Final = frozenset({"varchar", "bpchar", "text", "citext"})
_SIZES: Final = {"int2": 1, "int4": 2, "int8": 3}
_FLOATS: Final = {"float4": 1, "float8": 2}


def loosened(before: Facts, after: Facts) -> Iterator[Loosening]:
    """What rows may be after a revision and not before it, in tables and columns that are there both times.

    Args:
        before: tables as the older schema has them.
        after: the same ones as the newer schema has them.

    """
    for name, former in before.items():
        if name in after and not former.partitioned:
            yield from _in_table(former, after[name])


def _in_table(former: TableFacts, latter: TableFacts) -> Iterator[Loosening]:
    there = {each.name for each in latter.settable}
    conditions = [each for each in former.checks if each.columns and there.issuperset(each.columns)]
    held = {each.expression for each in latter.checks}
    # Alike rows come first: whatever else is put into a row, it needs to be equal to another one no longer.
    yield from _alike(former, latter)
    for check in conditions:
        if check.expression not in held:
            yield Loosening(Freedom.OUTSIDE, latter.table, check.columns, condition=check.expression)
    columns = {each.name: each for each in former.columns}
    yield from chain.from_iterable(
        _in_column(latter.table, columns[each.name], each) for each in latter.settable if each.name in columns
    )


def _alike(former: TableFacts, latter: TableFacts) -> Iterator[Loosening]:
    there = {each.name for each in latter.settable}
    left = [set(each.columns) for each in latter.uniques]
    told = set()
    for unique in former.uniques:
        columns = set(unique.columns)
        if (
            columns
            and not unique.every
            and columns <= there
            and frozenset(columns) not in told
            and not any(each <= columns for each in left)
        ):
            told.add(frozenset(columns))
            yield Loosening(Freedom.ALIKE, latter.table, unique.columns)


def _in_column(table: TableName, former: ColumnFacts, latter: ColumnFacts) -> Iterator[Loosening]:
    labels = tuple(each for each in latter.type.labels if each not in former.type.labels)
    if former.type.labels and labels:
        yield Loosening(Freedom.LABEL, table, (latter.name,), labels)
    elif _is_wider(former.type, latter.type):
        yield Loosening(Freedom.LARGER, table, (latter.name,), _too_large(former.type))
    if former.required and not latter.required:
        yield Loosening(Freedom.EMPTY, table, (latter.name,))


def _is_wider(former: TypeFacts, latter: TypeFacts) -> bool:
    """Whether the type holds values that the former one of the same family cannot."""
    if former.form is Form.ENUM:
        return latter.name in _TEXTS
    if former.form is not Form.PLAIN or latter.form is not Form.PLAIN:
        return False
    if former.name in _TEXTS and latter.name in _TEXTS:
        return former.length is not None and (latter.length is None or latter.length > former.length)
    if former.name == latter.name == "numeric":
        return former.length is not None and (latter.length is None or _whole(latter) > _whole(former))
    return any(
        former.name in sizes and latter.name in sizes and sizes[latter.name] > sizes[former.name]
        for sizes in (_SIZES, _FLOATS)
    )


def _too_large(former: TypeFacts) -> tuple[str, ...]:
    """The smallest value that the former type cannot hold; none: any that is usual for the wider one."""
    if former.length is None:
        return ()
    if former.name == "numeric":
        return ("1" + "0" * _whole(former),)
    # It differs from other rows where it is cut short; of text that is too long by spaces alone, the server cuts them
    # off without a word.
    return (text(former.length + 1, ANOTHER)[:-1] + "z",) if former.length < LONGEST else ()


def _whole(kind: TypeFacts) -> int:
    """Digits before the point."""
    return (kind.length or 0) - kind.scale
