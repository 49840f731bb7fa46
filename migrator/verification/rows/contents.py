"""What tables hold, as values that can be compared, and what became of it. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, TypeAlias

from migrator.verification.rows.facts import TableName, named

SAMPLE: Final = 1000
"""Rows of a table that are compared; of the rest only their number."""

Values: TypeAlias = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableContents:
    """The rows of one table."""

    columns: tuple[str, ...]
    types: tuple[str, ...]
    """Of the columns, without their lengths: what was cut short is a loss."""
    key: tuple[str, ...]
    """Columns that tell rows apart: the primary key; none where there is none."""
    rows: tuple[Values, ...]
    """At most `SAMPLE`, the first by key, each value as the server writes it, JSON as it writes it in one way only."""
    number: int
    """How many rows there are in all."""

    def keys(self) -> list[Values]:
        """What tells each row that was read apart; nothing where there is no key."""
        places = [self.columns.index(each) for each in self.key]
        return [tuple(row[place] for place in places) for row in self.rows]

    def by_key(self) -> dict[Values, dict[str, str | None]]:
        """Each row that was read, column to value, by its key."""
        return {key: dict(zip(self.columns, row, strict=True)) for key, row in zip(self.keys(), self.rows, strict=True)}

    def type_of(self, column: str) -> str:
        """The type of one of the columns."""
        return self.types[self.columns.index(column)]


@dataclass(frozen=True, slots=True)
class Contents:
    """What tables held at one moment; a table that did not exist is not there."""

    tables: Mapping[TableName, TableContents] = field(default_factory=dict)


class Loss(StrEnum):
    """What became of data."""

    TABLE_EMPTIED = "all rows lost"
    ROWS_LOST = "rows lost"
    ROWS_LEFT = "rows left behind"
    VALUES_LOST = "values lost"
    """They were there and are NULL, or the same in all rows, as a default makes them."""
    VALUES_CHANGED = "values changed"


@dataclass(frozen=True, slots=True)
class RowDifference:
    """Data that is not what it was."""

    loss: Loss
    table: TableName
    column: str | None
    """None: whole rows."""
    number: int
    """How many rows it befell."""
    example: str
    """One of them: its key, and what it held and holds; values are cut short."""

    def __str__(self) -> str:
        """In words: ``values lost: public.users.email in 2 rows (id=1: 'a' is NULL)``."""
        place = named(self.table) + (f".{self.column}" if self.column else "")
        rows = "1 row" if self.number == 1 else f"{self.number} rows"
        return f"{self.loss}: {place} in {rows} ({self.example})"


def compare_contents(
    before: Contents, after: Contents, tables: Collection[TableName] | None = None
) -> tuple[RowDifference, ...]:
    """What became of the rows of tables, in the order of their names.

    Only columns that both moments have are compared: that one is missing is the schema's difference. Where a column was
    dropped and made again, its values differ here, whatever its default puts in their place: a new ``now()`` is as much
    a loss of the old moment as NULL is. A value where there was none is no loss: a default, or filled in meanwhile.
    Each type writes values in its own way: of a column that has another one now, which is the schema's difference too,
    only that it became NULL counts. The positions of sequences are no data, and are not compared.

    Args:
        before: what was.
        after: what is.
        tables: the only ones to compare; None: all that were there before and still are.

    """
    chosen = sorted(
        (each for each in before.tables if each in after.tables and (tables is None or each in tables)),
        key=lambda table: (table[0] or "", table[1]),
    )
    return tuple(
        difference for each in chosen for difference in _differences(each, before.tables[each], after.tables[each])
    )


def _differences(table: TableName, before: TableContents, after: TableContents) -> Iterator[RowDifference]:
    if before.rows == after.rows and before.columns == after.columns and before.number == after.number:
        return
    columns = [each for each in before.columns if each in after.columns]
    alike = [each for each in columns if before.type_of(each) == after.type_of(each)]
    if before.number and not after.number:
        yield RowDifference(Loss.TABLE_EMPTIED, table, None, before.number, _first(before))
    elif before.key and set(before.key) <= set(alike):
        yield from _by_key(table, before, after, columns)
    else:
        yield from _as_a_whole(table, before, after, alike)


def _by_key(
    table: TableName, before: TableContents, after: TableContents, columns: Sequence[str]
) -> Iterator[RowDifference]:
    former, latter = (_keyed(each, before.key, columns) for each in (before, after))
    if _is_whole(before) and _is_whole(after):
        gone, new = ([each for each in one if each not in other] for one, other in ((former, latter), (latter, former)))
        yield from _rows(table, before.key, gone, new)
    else:
        yield from _by_number(table, before, after)
    for place, column in enumerate(columns):
        is_alike = before.type_of(column) == after.type_of(column)
        changed = [
            (key, values[place], latter[key][place])
            for key, values in former.items()
            if key in latter
            and values[place] not in (None, latter[key][place])
            and (is_alike or latter[key][place] is None)
        ]
        if changed:
            key, was, value = changed[0]
            now = {value for _, _, value in changed}
            lost = now == {None} or (len(now) == 1 and len(changed) > 1)
            yield RowDifference(
                Loss.VALUES_LOST if lost and was is not None else Loss.VALUES_CHANGED,
                table,
                column,
                len(changed),
                f"{_pairs(before.key, key)}: {_change(was, value)}",
            )


def _as_a_whole(
    table: TableName, before: TableContents, after: TableContents, columns: Sequence[str]
) -> Iterator[RowDifference]:
    """Of a table without a key: rows are what they hold."""
    if not _is_whole(before) or not _is_whole(after):
        yield from _by_number(table, before, after)
        return
    former, latter = (Counter(_keyed_rows(each, columns)) for each in (before, after))
    yield from _rows(table, columns, list((former - latter).elements()), list((latter - former).elements()))


def _is_whole(contents: TableContents) -> bool:
    return contents.number == len(contents.rows)


def _by_number(table: TableName, before: TableContents, after: TableContents) -> Iterator[RowDifference]:
    """Of a large table: which rows are missing cannot be told from its beginning, but that some are."""
    if before.number != after.number:
        loss = Loss.ROWS_LOST if before.number > after.number else Loss.ROWS_LEFT
        example = f"of {before.number} there are {after.number}"
        yield RowDifference(loss, table, None, abs(before.number - after.number), example)


def _rows(
    table: TableName, names: Sequence[str], lost: Sequence[Values], left: Sequence[Values]
) -> Iterator[RowDifference]:
    for loss, rows in ((Loss.ROWS_LOST, lost), (Loss.ROWS_LEFT, left)):
        if rows:
            yield RowDifference(loss, table, None, len(rows), _pairs(names, rows[0]))


def _keyed(contents: TableContents, key: Sequence[str], columns: Sequence[str]) -> dict[Values, Values]:
    return dict(zip(_keyed_rows(contents, key), _keyed_rows(contents, columns), strict=True))


def _keyed_rows(contents: TableContents, columns: Sequence[str]) -> list[Values]:
    places = [contents.columns.index(each) for each in columns]
    return [tuple(row[place] for place in places) for row in contents.rows]


def _first(contents: TableContents) -> str:
    names = contents.key or contents.columns
    return _pairs(names, _keyed_rows(contents, names)[0]) if contents.rows else "none was read"


def _pairs(names: Sequence[str], values: Values) -> str:
    shown = [f"{name}={_shown(each)}" for name, each in zip(names, values, strict=True)]
    return ", ".join(shown[:4]) + (", ..." if len(shown) > 4 else "")  # noqa: PLR2004


def _change(was: str | None, value: str | None) -> str:
    """Both values, cut to where they part."""
    apart = 0
    if was is not None and value is not None:
        pairs = enumerate(zip(was, value, strict=False))
        apart = next((place for place, (one, other) in pairs if one != other), min(len(was), len(value)))
    start = apart - 10 if apart > 30 else 0  # noqa: PLR2004
    return f"{_shown(was, start)} is {_shown(value, start)}"


def _shown(value: str | None, start: int = 0) -> str:
    if value is None:
        return "NULL"
    rest = f"...{value[start:]}" if start else value
    return f"'{rest}'" if len(rest) <= 40 else f"'{rest[:37]}...'"  # noqa: PLR2004
