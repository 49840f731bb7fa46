"""Which columns differ from row to row: enough for the unique constraints, and no more than that. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from migrator.verification.rows.facts import Form, TableFacts


@dataclass(frozen=True, slots=True)
class Turn:
    """Which row it is."""

    number: int
    """Another for each row."""
    variant: int
    """The same for the first two rows, which are to be alike."""


_TURNS: Final = (Turn(0, 0), Turn(1, 0), Turn(2, 1))


@dataclass(frozen=True, slots=True)
class Varying:
    """How columns differ."""

    always: frozenset[str] = frozenset()
    """In every row another value."""
    shifted: frozenset[str] = frozenset()
    """Part of a unique set: alike in the second row and the third where the other columns are in the first and the
    second. So each column by itself has duplicates, and no two rows are equal."""

    @property
    def columns(self) -> frozenset[str]:
        """All of them."""
        return self.always | self.shifted

    def place(self, turn: Turn, *columns: str) -> int:
        """Which of its values a column has in a row, or columns that go together."""
        if not self.always.isdisjoint(columns):
            return turn.number
        return turn.variant if self.shifted.isdisjoint(columns) else max(min(turn.number, 1), turn.variant)


def varying_columns(table: TableFacts) -> Varying:
    """The columns that must differ for the sake of a table's unique constraints."""
    varying = Varying()
    for unique in sorted(table.uniques, key=lambda each: len(each.columns)):
        columns = [name for name in unique.columns if not table.column(name).generated]
        if unique.every or len(columns) == 1:
            varying = Varying(varying.always | {*columns}, varying.shifted)
        elif columns and not _holds(table, columns, varying):
            varying = Varying(varying.always, varying.shifted | {_roomiest(table, columns)})
    for unique in table.uniques:
        columns = [name for name in unique.columns if not table.column(name).generated]
        if columns and not _holds(table, columns, varying):
            varying = Varying(varying.always | {_roomiest(table, columns)}, varying.shifted)
    return varying


def _holds(table: TableFacts, columns: Sequence[str], varying: Varying) -> bool:
    """Whether no two rows are alike in all of these columns."""
    places = {tuple(_place(table, name, varying, turn) for name in columns) for turn in _TURNS}
    return len(places) == len(_TURNS)


def _place(table: TableFacts, name: str, varying: Varying, turn: Turn) -> int:
    together = next((key.columns for key in table.references(name)), (name,))
    if name not in varying.always and any(name in each.columns for each in table.checks):
        return 0  # a condition may have one solution only
    return varying.place(turn, *together)


def _roomiest(table: TableFacts, columns: Sequence[str]) -> str:
    """The one that has the most values to choose from."""
    return max(columns, key=lambda name: _room(table, name))


def _room(table: TableFacts, name: str) -> int:
    kind = table.column(name).type
    if kind.form is Form.ENUM or kind.name in ("bool", "enum"):
        return 0
    return 1 if any(table.references(name)) else 2
