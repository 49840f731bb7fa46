"""Rows that only a newer schema allows: made of rows that are there, and made to what they were again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import combinations, islice
from typing import Final, TypeAlias

from migrator.database.connecting import DatabaseError
from migrator.database.light import LightConnection
from migrator.verification.rows.candidates import candidates
from migrator.verification.rows.contents import Contents
from migrator.verification.rows.dialect import Dialect
from migrator.verification.rows.facts import Facts, TableFacts, TableName, TypeFacts
from migrator.verification.rows.loosening import Freedom, Loosening
from migrator.verification.rows.ordering import in_order
from migrator.verification.rows.solving import Problem, Unknown, solve
from migrator.verification.rows.values import ANOTHER
from migrator.verification.rows.writing import insertion

_ROWS: Final = 4
"""So many rows of a table are tried."""
_TRIES: Final = 12
"""Statements until a freedom is given up: another constraint holds."""
_TEXT: Final = TypeFacts(name="text", spelled="text")
Assignment: TypeAlias = Mapping[str, str | None]
"""Column to value, as text."""


@dataclass(frozen=True, slots=True)
class Used:
    """A row that uses what the newer schema allows."""

    loosening: Loosening
    row: Mapping[str, str | None]
    """As it was."""
    assigned: Assignment
    """What of it is another."""
    twin: Mapping[str, str | None] | None = None
    """The row that it is like now."""

    @property
    def rows(self) -> tuple[Mapping[str, str | None], ...]:
        """The rows of which a downgrade() may delete one: as they are now."""
        own = {**self.row, **self.assigned}
        return (own,) if self.twin is None else (own, self.twin)

    def key(self, names: Sequence[str]) -> tuple[str | None, ...]:
        """What tells it apart from others now."""
        return tuple({**self.row, **self.assigned}[name] for name in names)


def use(
    loosenings: Sequence[Loosening], facts: Facts, held: Contents, connection: LightConnection, dialect: Dialect
) -> Iterator[Used]:
    """Let a row of its table use each of some freedoms, as far as other constraints let one.

    Args:
        loosenings: what is allowed by now; of tables without a primary key none is used, whose rows are not told apart.
        facts: their tables, as the newer schema has them.
        held: what the tables hold.
        connection: in autocommit, to a database that is nobody's.
        dialect: of the server.

    """
    for each in loosenings:
        table, contents = facts.get(each.table), held.tables.get(each.table)
        if table is None or contents is None or not contents.key:
            continue
        rows = [dict(zip(contents.columns, row, strict=True)) for row in contents.rows[:_ROWS]]
        for one in islice(_tries(each, table, rows, connection, dialect), _TRIES):
            if _assigned(table, {name: one.row[name] for name in contents.key}, one.assigned, connection, dialect):
                yield one
                break


def take_back(used: Sequence[Used], facts: Facts, connection: LightConnection, dialect: Dialect) -> None:
    """Make rows what they were before `use`, as far as they are there and the server lets them.

    Args:
        used: by `use`.
        facts: the tables, as the newer schema has them.
        connection: the one of `use`.
        dialect: of the server.

    """
    for each in reversed(used):
        table = facts.get(each.loosening.table)
        if table is not None:
            key = dict(zip(table.key, each.key(table.key), strict=True))
            _assigned(table, key, {name: each.row[name] for name in each.assigned}, connection, dialect)


def bring_back(
    held: Contents, now: Contents, facts: Facts, connection: LightConnection, dialect: Dialect
) -> tuple[TableName, ...]:
    """Insert rows that are gone, as far as the server takes them, parents first.

    Args:
        held: what tables held, or what of it is to be there.
        now: what they hold.
        facts: the tables.
        connection: in autocommit.
        dialect: of the server.

    Returns:
        The tables that rows went to.

    """
    found: list[TableName] = []
    for name in (each for group in in_order([each for each in held.tables if each in facts], facts) for each in group):
        table, former, latter = facts[name], held.tables[name], now.tables.get(name)
        if latter is None or not set(former.key) <= set(latter.columns):
            continue
        there = set(replace(latter, key=former.key).keys())
        settable = {each.name for each in table.settable}
        for key, row in zip(former.keys(), former.rows, strict=True):
            if key not in there:
                values = {
                    column: value for column, value in zip(former.columns, row, strict=True) if column in settable
                }
                with suppress(DatabaseError):
                    connection.execute(insertion(dialect, table, values))
                    found.append(name)
    return tuple(dict.fromkeys(found))


def _assigned(
    table: TableFacts,
    key: Mapping[str, str | None],
    values: Assignment,
    connection: LightConnection,
    dialect: Dialect,
) -> bool:
    """Set columns of one row; whether the server let it."""
    assignments = ", ".join(
        f"{dialect.quoted(name)} = {dialect.literal(value, table.column(name).type)}" for name, value in values.items()
    )
    condition = " AND ".join(
        f"{dialect.as_text(name, table.column(name).type)} = {dialect.literal(value, _TEXT)}"
        for name, value in key.items()
    )
    try:
        connection.execute(dialect.update_one(table, assignments, condition))
    except DatabaseError:
        return False
    return True


def _tries(
    loosening: Loosening,
    table: TableFacts,
    rows: Sequence[Mapping[str, str | None]],
    connection: LightConnection,
    dialect: Dialect,
) -> Iterator[Used]:
    """Rows, and what to assign in them, the likeliest first: the last row is the least referred to."""
    if loosening.freedom is Freedom.ALIKE:
        for one, other in combinations(rows, 2):
            alike = {name: one[name] for name in loosening.columns}
            if None not in alike.values():
                yield Used(loosening, other, alike, twin=one)
                yield Used(loosening, other, {**_apart(loosening, table, dialect), **alike}, twin=one)
        return
    for values in _values(loosening, table, connection, dialect):
        for row in reversed(rows):
            yield Used(loosening, row, values)


def _apart(loosening: Loosening, table: TableFacts, dialect: Dialect) -> Assignment:
    """What keeps rows apart that are alike in columns which are a part only of what is unique by now."""
    columns = set(loosening.columns)
    others = {name for each in table.uniques if columns < set(each.columns) for name in each.columns} - columns
    found = {
        name: dialect.usual(table.column(name).type, ANOTHER, {})
        for name in others
        if not any(table.references(name)) and not table.column(name).generated
    }
    return {name: value for name, value in found.items() if value is not None}


def _values(
    loosening: Loosening, table: TableFacts, connection: LightConnection, dialect: Dialect
) -> Iterator[Assignment]:
    if loosening.freedom is Freedom.OUTSIDE:
        yield from _outside(loosening, table, connection, dialect)
        return
    (name,) = loosening.columns
    if loosening.freedom is Freedom.EMPTY:
        yield {name: None}
        return
    usual = dialect.usual(table.column(name).type, ANOTHER, {})
    for value in loosening.values or ((usual,) if usual is not None else ()):
        yield {name: value}


def _outside(
    loosening: Loosening, table: TableFacts, connection: LightConnection, dialect: Dialect
) -> Sequence[Assignment]:
    """Values that do not fulfil the former condition, and fulfil those on the same columns that hold by now."""
    columns = set(loosening.columns)
    others = [each.expression for each in table.checks if each.columns and columns.issuperset(each.columns)]
    unknowns = []
    for name in loosening.columns:
        kind = table.column(name).type
        usual = [each for each in (dialect.usual(kind, variant, {}) for variant in range(4)) if each is not None]
        unknowns.append(Unknown(name, kind, candidates(kind, usual, [loosening.condition, *others])))
    posed = Problem(tuple(unknowns), (f"({loosening.condition}) IS FALSE", *others))
    return solve([posed], connection, dialect)[0]
