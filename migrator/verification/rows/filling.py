"""One filling at work: rows into tables, parents first, then values into columns."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from migrator.database.connecting import DatabaseError
from migrator.database.light import LightConnection
from migrator.verification.rows.dialect import Dialect
from migrator.verification.rows.facts import Facts, TableFacts, TableName, named
from migrator.verification.rows.ordering import in_order
from migrator.verification.rows.planning import Ground, Row, least_row, plan_rows
from migrator.verification.rows.writing import insertion, optional, settings


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A table that holds no row, or a column that holds no value."""

    table: TableName
    column: str | None
    """None: the whole table."""
    reason: str
    """The server's words, or what is missing."""

    def __str__(self) -> str:
        """In words: ``public.users.email: no value is known for the type vector``."""
        return f"{named(self.table)}{f'.{self.column}' if self.column else ''}: {self.reason}"


@dataclass(frozen=True, slots=True)
class Filled:
    """What a filling did."""

    inserted: Mapping[TableName, int] = field(default_factory=dict)
    """Table to the number of rows that were put into it."""
    unfilled: tuple[Unfilled, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What a table holds already."""

    rows: int
    empty_columns: tuple[str, ...]
    """Columns that may hold values and have none in any row."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What one filling tells the next."""

    rowless: dict[TableName, str] = field(default_factory=dict)
    """Tables that got no row, and why."""
    parents: dict[TableName, frozenset[TableName]] = field(default_factory=dict)
    """Of those: what they refer to."""
    refused: dict[str, str | None] = field(default_factory=dict)
    """Types of which a value was tried: why the server does not take it; None when it does."""

    def awaiting(self, tables: Collection[TableName]) -> set[TableName]:
        """The tables without rows that may get some when their parents have."""
        return {name for name, parents in self.parents.items() if not parents.isdisjoint(tables)}


@dataclass(slots=True)
class Filling:
    """One filling at work."""

    connection: LightConnection
    dialect: Dialect
    facts: Facts
    memory: Memory
    ground: Mapping[TableName, Ground]
    inserted: dict[TableName, int] = field(default_factory=dict)
    bare: set[TableName] = field(default_factory=set)
    """Tables with rows of which no column is set that need not be."""
    unfilled: list[Unfilled] = field(default_factory=list)

    def run(self, held: Mapping[TableName, Standing]) -> Filled:
        """Fill tables, parents first, then columns."""
        self._note_undivided()
        left = {name for name, each in held.items() if not each.rows}
        late: dict[TableName, tuple[str, ...]] = {}
        for group in in_order([name for name in held if name in left], self.facts):
            self._insert(group)
            left.difference_update(group)
            late.update((name, tuple(_late(self.facts[name], left))) for name in group)
        for name, each in held.items():
            if each.rows:
                self._note_filled(name)
            columns = each.empty_columns if name in self.bare else late.get(name, each.empty_columns)
            self._set(self.facts[name], columns, self.inserted.get(name, each.rows))
            if name in late:
                self._set(self.facts[name], tuple(_of_own_rows(self.facts[name])), 2)
        return Filled(self.inserted, tuple(self.unfilled))

    def _insert(self, group: Sequence[TableName]) -> None:
        planned = {name: self._planned(self.facts[name]) for name in group}
        if len(group) > 1:
            self._insert_circle(group, planned)
            return
        name = group[0]
        table = self.facts[name]
        if self.dialect.several_statements and self._inserted(table, planned[name], together=True)[0]:
            self._note(name, len(planned[name]), None)
            return
        number, reason = self._inserted(table, planned[name])
        if number <= 1 and self._refuses_type(table):
            number, reason = self._inserted(table, self._planned(table)[: -1 if number else None])
        if not number:
            number, reason = self._inserted(table, [least_row(table, row) for row in planned[name]], reason=reason)
            self.bare.add(name)
        self._note(name, number, reason)

    def _inserted(
        self, table: TableFacts, rows: Sequence[Row], *, together: bool = False, reason: str | None = None
    ) -> tuple[int, str | None]:
        """How many rows the server took; why not, if none."""
        statements = [insertion(self.dialect, table, row) for row in rows]
        reasons = [self._run_all(statements)] if together else [self._run_all([each]) for each in statements]
        return reasons.count(None), reason or next(filter(None, reasons), None)

    def _planned(self, table: TableFacts) -> tuple[Row, ...]:
        """The rows without columns of types that this server does not take values of."""
        refused = {each.name for each in optional(table) if self.memory.refused.get(each.type.spelled)}
        rows = plan_rows(table, self.ground[table.table])
        return tuple({name: term for name, term in row.items() if name not in refused} for row in rows)

    def _refuses_type(self, table: TableFacts) -> bool:
        """Try a value of each type by itself, where no constraint is in its way; whether one is found to be refused."""
        news = False
        ground = self.ground[table.table]
        for column in optional(table):
            value = self.dialect.usual(column.type, 0, ground.solved)
            if value is None or column.type.spelled in self.memory.refused:
                continue
            try:
                self.connection.fetch(f"SELECT {self.dialect.cast(value, column.type)}")
            except DatabaseError as refused:
                self.memory.refused[column.type.spelled] = _first_line(refused)
                news = True
            else:
                self.memory.refused[column.type.spelled] = None
        return news

    def _note_undivided(self) -> None:
        for name, table in self.facts.items():
            if table.partitioned and not table.partitions:
                self._note(name, 0, "it has no partition")

    def _insert_circle(self, group: Sequence[TableName], planned: Mapping[TableName, tuple[Row, ...]]) -> None:
        """Tables that need each other: a row of each by one statement."""
        statements = []
        for name in group:
            ground = self.ground[name]
            within = Ground(dialect=ground.dialect, solved=ground.solved, solutions=ground.solutions, within=planned)
            rows = plan_rows(self.facts[name], within)
            statements += [insertion(self.dialect, self.facts[name], row) for row in rows]
        reason = self._run_all(self.dialect.together(statements))
        for name in group:
            self._note(name, 0 if reason else len(planned[name]), reason)

    def _note(self, name: TableName, number: int, reason: str | None) -> None:
        table = self.facts[name]
        if number:
            self.inserted[name] = number
            self._note_filled(name)
            self.unfilled += [
                Unfilled(name, each.name, self._without_value(table, each.name))
                for each in optional(table)
                if self.memory.refused.get(each.type.spelled)
            ]
            return
        reason = next(self._parentless(table), None) or reason or "the server gave no reason"
        self.memory.rowless[name] = reason
        self.memory.parents[name] = frozenset(key.parent for key in table.foreign_keys)
        self.unfilled.append(Unfilled(name, None, reason))

    def _note_filled(self, name: TableName) -> None:
        self.memory.rowless.pop(name, None)
        self.memory.parents.pop(name, None)

    def _parentless(self, table: TableFacts) -> Iterator[str]:
        for key in table.foreign_keys:
            if table.is_required(key) and key.parent in self.memory.rowless:
                yield f"{key.name} refers to {named(key.parent)}, which holds no row"

    def _set(self, table: TableFacts, columns: Sequence[str], rows: int) -> None:
        """Give values to columns in the first two rows, and leave NULL in one at least."""
        if not columns or rows < 2:  # noqa: PLR2004
            return
        planned = self._planned(table)[: min(2, rows - 1)]
        given = [name for name in columns if planned[0].get(name) is not None]
        self.unfilled += [
            Unfilled(table.table, name, self._without_value(table, name))
            for name in columns
            if name not in given and not _solved_as_null(name, self.ground[table.table])
        ]
        if given and self._set_columns(table, given, planned) is not None:
            for name in given:
                reason = self._set_columns(table, [name], planned)
                if reason:
                    self.unfilled.append(Unfilled(table.table, name, reason))

    def _without_value(self, table: TableFacts, name: str) -> str:
        spelled = table.column(name).type.spelled
        return self.memory.refused.get(spelled) or f"no value is known for the type {spelled}"

    def _set_columns(self, table: TableFacts, names: Sequence[str], planned: Sequence[Row]) -> str | None:
        return self._run_all(
            [
                settings(self.dialect, table, {name: row[name] for name in names if row.get(name) is not None})
                for row in planned
            ]
        )

    def _run_all(self, statements: Sequence[str]) -> str | None:
        """Run statements; the reason if one was refused."""
        together = [";\n".join(statements)] if self.dialect.several_statements else statements
        try:
            for each in together:
                self.connection.execute(each)
        except DatabaseError as refused:
            return _first_line(refused)
        return None


def _first_line(error: DatabaseError) -> str:
    return error.message.splitlines()[0]


def _late(table: TableFacts, unfilled: Collection[TableName]) -> Iterator[str]:
    """Columns that refer to tables which are filled later."""
    for key in table.foreign_keys:
        if key.parent in unfilled and key.parent != table.table:
            yield from (name for name in key.columns if not table.column(name).required)


def _of_own_rows(table: TableFacts) -> Iterator[str]:
    """Columns that refer to the table's own rows: the first row found none."""
    for key in table.foreign_keys:
        if key.parent == table.table and not table.is_required(key):
            yield from (name for name in key.columns if not table.column(name).required)


def _solved_as_null(name: str, ground: Ground) -> bool:
    """Whether the table's conditions want a column to be NULL."""
    return any(solution.get(name, "") is None for some in ground.solutions for solution in some[:1])
