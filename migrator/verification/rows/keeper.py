"""Rows in every table of a scratch database: put them in, read them, take them out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from migrator.database.connecting import DatabaseError
from migrator.database.light import LightConnection
from migrator.verification.rows.contents import SAMPLE, Contents, TableContents
from migrator.verification.rows.dialect import Dialect, dialect_of
from migrator.verification.rows.facts import Facts, Form, TableFacts, TableName, TypeFacts, named
from migrator.verification.rows.ordering import in_order
from migrator.verification.rows.planning import Ground, Row, least_row, plan_rows
from migrator.verification.rows.solving import Solution, problem_of_domain, problems_of, solve
from migrator.verification.rows.writing import insertion, optional, sample, settings, standing


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
class _Standing:
    """What a table holds already."""

    rows: int
    empty_columns: tuple[str, ...]
    """Columns that may hold values and have none in any row."""


class RowKeeper:
    """Keeps rows in the tables of one database, which is nobody's: whatever constraints allow is written to it.

    The cost of each call is that of the tables named: a few questions in all and one or two statements for each table.
    """

    def __init__(
        self, connection: LightConnection, dialect: str, *, leave_out: frozenset[str] = frozenset({"alembic_version"})
    ) -> None:
        """Remember where.

        Args:
            connection: in autocommit.
            dialect: of the server.
            leave_out: names of tables that get no rows: the version table.

        Raises:
            ConfigurationError: rows can't be made on such a server.

        """
        self._connection = connection
        self._dialect: Dialect = dialect_of(dialect)
        self._leave_out = leave_out
        self._solved: dict[tuple[str, tuple[str, ...]], tuple[str, ...]] = {}
        self._rowless: dict[TableName, str] = {}

    def fill(self, tables: Collection[TableName] | None = None) -> Filled:
        """Put rows into tables that have none, and values into columns that may have some and have none.

        Args:
            tables: those to look at, which need not exist; None: all.

        Raises:
            Unreachable: the connection was lost.

        """
        facts = self._facts(tables)
        if not facts:
            return Filled()
        held = self._standing(facts)
        return _Filling(self._connection, self._dialect, facts, self._rowless, self._ground(facts, held)).run(held)

    def contents(self, tables: Collection[TableName] | None = None) -> Contents:
        """Read what tables hold; those that don't exist are passed over, and partitioned ones: theirs is elsewhere."""
        return Contents(
            {name: self._contents(table) for name, table in self._facts(tables).items() if not table.partitioned}
        )

    def empty(self, tables: Collection[TableName] | None = None) -> None:
        """Take all rows out of tables, and out of those that refer to them.

        Raises:
            DatabaseError: the server refused it.

        """
        for statement in self._dialect.truncate(tuple(self._facts(tables))):
            self._connection.execute(statement)

    def _facts(self, tables: Collection[TableName] | None) -> Facts:
        if tables is not None and not tables:
            return {}
        return self._dialect.read_facts(self._connection, tables, self._leave_out)

    def _contents(self, table: TableFacts) -> TableContents:
        rows = self._connection.fetch(sample(self._dialect, table, SAMPLE))
        number = len(rows)
        if number == SAMPLE:
            number = int(
                self._connection.fetch(f"SELECT count(*) FROM {self._dialect.own_rows(table.table)}")[0][0]  # noqa: S608
            )
        names = tuple(each.name for each in table.columns)
        return TableContents(columns=names, key=table.key, rows=tuple(rows), number=number)

    def _standing(self, facts: Facts) -> dict[TableName, _Standing]:
        tables = [each for each in facts.values() if not each.partitioned]
        if not tables:
            return {}
        found: dict[TableName, _Standing] = {}
        for place, number, counts in self._connection.fetch(standing(self._dialect, tables)):
            table = tables[int(place)]
            there = [int(each) for each in str(counts).split(",") if each]
            without = (each.name for each, count in zip(optional(table), there, strict=True) if not count)
            found[table.table] = _Standing(int(number), tuple(without))
        return found

    def _ground(self, facts: Facts, held: Mapping[TableName, _Standing]) -> dict[TableName, Ground]:
        """What is known of each table that needs something."""
        needy = [facts[name] for name, each in held.items() if not each.rows or each.empty_columns]
        solved = self._solved_domains(needy)
        problems = [problems_of(table, self._dialect, solved) for table in needy]
        solutions = iter(solve([each for some in problems for each in some], self._connection, self._dialect))
        return {
            table.table: Ground(dialect=self._dialect, solved=solved, solutions=tuple(next(solutions) for _ in some))
            for table, some in zip(needy, problems, strict=True)
        }

    def _solved_domains(self, tables: Sequence[TableFacts]) -> dict[str, tuple[str, ...]]:
        domains = {
            (kind.spelled, kind.checks): kind
            for table in tables
            for column in table.columns
            for kind in _domains(column.type)
        }
        new = {key: kind for key, kind in domains.items() if key not in self._solved}
        posed = [problem_of_domain(kind, self._dialect) for kind in new.values()]
        for key, solutions in zip(new, solve(posed, self._connection, self._dialect), strict=True):
            self._solved[key] = tuple(str(each["value"]) for each in solutions)
        return {spelled: self._solved[spelled, checks] for spelled, checks in domains}


def _domains(kind: TypeFacts) -> Iterator[TypeFacts]:
    """The domains with checks that a type is, or is made of."""
    if kind.form is Form.DOMAIN and kind.checks:
        yield kind
    for each in (*((kind.inner,) if kind.inner else ()), *kind.attributes):
        yield from _domains(each)


@dataclass(slots=True)
class _Filling:
    """One filling at work."""

    connection: LightConnection
    dialect: Dialect
    facts: Facts
    rowless: dict[TableName, str]
    """Tables that got no row, then or now, and why."""
    ground: Mapping[TableName, Ground]
    inserted: dict[TableName, int] = field(default_factory=dict)
    bare: set[TableName] = field(default_factory=set)
    """Tables with rows of which no column is set that need not be."""
    unfilled: list[Unfilled] = field(default_factory=list)

    def run(self, held: Mapping[TableName, _Standing]) -> Filled:
        """Fill tables, parents first, then columns."""
        empty = [name for name, each in held.items() if not each.rows]
        late: dict[TableName, tuple[str, ...]] = {}
        for group in in_order(empty, self.facts):
            self._insert(group)
            late.update((name, tuple(_late(self.facts[name], set(empty) - {*self.inserted}))) for name in group)
        for name, each in held.items():
            if each.rows:
                self.rowless.pop(name, None)
            columns = each.empty_columns if name in self.bare else late.get(name, each.empty_columns)
            self._set(self.facts[name], columns, self.inserted.get(name, each.rows))
            if name in late:
                self._set(self.facts[name], tuple(_of_own_rows(self.facts[name])), 2)
        return Filled(self.inserted, tuple(self.unfilled))

    def _insert(self, group: Sequence[TableName]) -> None:
        planned = {name: plan_rows(self.facts[name], self.ground[name]) for name in group}
        if len(group) > 1:
            self._insert_circle(group, planned)
            return
        name = group[0]
        table = self.facts[name]
        statements = [insertion(self.dialect, table, row, self.facts) for row in planned[name]]
        reason = self._run_all(statements) if self.dialect.several_statements else "one by one"
        number = len(statements)
        if reason:
            number, reason = self._one_by_one(table, planned[name])
        self._note(name, number, reason)

    def _one_by_one(self, table: TableFacts, rows: Sequence[Row]) -> tuple[int, str | None]:
        """Insert the rows that the server takes; if it takes none as it is, with as little as must be given."""
        reasons = [self._run_all([insertion(self.dialect, table, row, self.facts)]) for row in rows]
        if None in reasons[:-1]:
            return reasons.count(None), None
        least = [
            self._run_all([insertion(self.dialect, table, least_row(table, row), self.facts)]) for row in rows[:-1]
        ]
        if None in least:
            self.bare.add(table.table)
        number = least.count(None) + reasons.count(None)
        return (number, None) if number else (0, reasons[0])

    def _insert_circle(self, group: Sequence[TableName], planned: Mapping[TableName, tuple[Row, ...]]) -> None:
        """Tables that need each other: a row of each by one statement."""
        statements = []
        for name in group:
            ground = self.ground[name]
            within = Ground(dialect=ground.dialect, solved=ground.solved, solutions=ground.solutions, within=planned)
            rows = plan_rows(self.facts[name], within)
            statements += [insertion(self.dialect, self.facts[name], row, self.facts) for row in rows]
        reason = self._run_all(self.dialect.together(statements))
        for name in group:
            self._note(name, 0 if reason else len(planned[name]), reason)

    def _note(self, name: TableName, number: int, reason: str | None) -> None:
        if number:
            self.inserted[name] = number
            self.rowless.pop(name, None)
            return
        reason = next(self._parentless(self.facts[name]), None) or reason or "the server gave no reason"
        self.rowless[name] = reason
        self.unfilled.append(Unfilled(name, None, reason))

    def _parentless(self, table: TableFacts) -> Iterator[str]:
        for key in table.foreign_keys:
            if table.is_required(key) and key.parent in self.rowless:
                yield f"{key.name} refers to {named(key.parent)}, which holds no row ({self.rowless[key.parent]})"

    def _set(self, table: TableFacts, columns: Sequence[str], rows: int) -> None:
        """Give values to columns in the first two rows, and leave NULL in one at least."""
        if not columns or rows < 2:  # noqa: PLR2004
            return
        planned = plan_rows(table, self.ground[table.table])[: min(2, rows - 1)]
        given = [name for name in columns if planned[0].get(name) is not None]
        unknown = [
            name for name in columns if name not in given and not _solved_as_null(name, self.ground[table.table])
        ]
        self.unfilled += [
            Unfilled(table.table, name, f"no value is known for the type {table.column(name).type.spelled}")
            for name in unknown
        ]
        if given and self._set_columns(table, given, planned) is not None:
            for name in given:
                reason = self._set_columns(table, [name], planned)
                if reason:
                    self.unfilled.append(Unfilled(table.table, name, reason))

    def _set_columns(self, table: TableFacts, names: Sequence[str], planned: Sequence[Row]) -> str | None:
        return self._run_all(
            [
                settings(
                    self.dialect, table, {name: row[name] for name in names if row.get(name) is not None}, self.facts
                )
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
            return " ".join(refused.message.splitlines()[0].split())
        return None


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


__all__ = ["Filled", "RowKeeper", "Solution", "Unfilled"]
