"""Rows in every table of a scratch database: put them in, read them, take them out."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final

from migrator.database.connecting import DatabaseError
from migrator.database.light import LightConnection
from migrator.errors import ConfigurationError
from migrator.verification.rows.contents import SAMPLE, Contents, TableContents
from migrator.verification.rows.custom import CustomRow, as_text
from migrator.verification.rows.dialect import Dialect, dialect_of
from migrator.verification.rows.facts import Facts, Form, TableFacts, TableName, TypeFacts
from migrator.verification.rows.filling import Filled, Filling, Memory, Standing, Unfilled
from migrator.verification.rows.freedom import Used, bring_back, take_back, use
from migrator.verification.rows.loosening import Loosening
from migrator.verification.rows.planning import Ground
from migrator.verification.rows.solving import problem_of_domain, problems_of, solve
from migrator.verification.rows.writing import insertion, optional, sample, standing

__all__ = ["Filled", "RowKeeper", "Unfilled"]

_AT_ONCE: Final = 100
"""Tables that one question is about: SQLite joins 500 parts at most."""


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
        self._memory = Memory()

    def fill(self, tables: Collection[TableName] | None = None) -> Filled:
        """Put rows into tables that have none, and values into columns that may have some and have none.

        Args:
            tables: those to look at, which need not exist; None: all.

        Raises:
            Unreachable: the connection was lost.

        """
        facts = self._facts(tables if tables is None else {*tables, *self._memory.awaiting(tables)})
        held = self._standing(facts)
        return Filling(self._connection, self._dialect, facts, self._memory, self._ground(facts, held)).run(held)

    def insert(self, rows: Sequence[CustomRow], path: str) -> frozenset[TableName]:
        """Insert rows that the project gives, one after the other.

        Args:
            rows: of one revision.
            path: the file that they are from, for messages.

        Returns:
            The tables that they went to.

        Raises:
            ConfigurationError: there is no such table or column, or the server refuses a row.

        """
        facts = self._facts(None) if rows else {}
        return frozenset(self._insert_one(each, path, facts) for each in rows)

    def contents(self, tables: Collection[TableName] | None = None) -> Contents:
        """Read what tables hold; those that don't exist are passed over, and partitioned ones: theirs is elsewhere."""
        return Contents(
            {name: self._contents(table) for name, table in self._facts(tables).items() if not table.partitioned}
        )

    def facts(self, tables: Collection[TableName]) -> Facts:
        """What rows of tables must fulfil; those that don't exist are passed over."""
        return self._facts(tables)

    def use(self, loosenings: Sequence[Loosening]) -> tuple[Used, ...]:
        """Let a row of its table use each of some freedoms, as far as other constraints let one."""
        tables = {each.table for each in loosenings}
        facts, held = self._facts(tables), self.contents(tables)
        return tuple(use(loosenings, facts, held, self._connection, self._dialect))

    def take_back(self, used: Sequence[Used], held: Contents) -> None:
        """Make rows what they were before `use`, and insert those of their tables that are gone since.

        Args:
            used: by `use`.
            held: what these tables held before.

        """
        facts = self._facts(held.tables)
        take_back(used, facts, self._connection, self._dialect)
        self._bring_back(held, facts)

    def bring_back(self, held: Contents) -> frozenset[TableName]:
        """Insert rows that are gone, as far as the tables are there and take them; the tables that they went to."""
        return self._bring_back(held, self._facts(held.tables))

    def _bring_back(self, held: Contents, facts: Facts) -> frozenset[TableName]:
        now = self.contents(held.tables)
        return frozenset(bring_back(held, now, facts, self._connection, self._dialect))

    def empty(self, tables: Collection[TableName] | None = None) -> None:
        """Take all rows out of tables, and out of those that refer to them.

        Raises:
            DatabaseError: the server refused it.

        """
        facts = self._facts(None)
        chosen = set(facts) if tables is None else set(tables) & set(facts)
        while children := {
            name
            for name, table in facts.items()
            if name not in chosen and any(key.parent in chosen for key in table.foreign_keys)
        }:
            chosen |= children
        for statement in self._dialect.truncate([name for name in facts if name in chosen]):
            self._connection.execute(statement)

    def _insert_one(self, row: CustomRow, path: str, facts: Facts) -> TableName:
        name = next((each for each in facts if each[1] == row.table and row.schema in (None, each[0])), None)
        if name is None:
            raise _unusable(row, path, "there is no such table at this revision")
        table = facts[name]
        missing = row.values.keys() - {each.name for each in table.settable}
        if missing:
            raise _unusable(row, path, f"it has no column {', '.join(sorted(missing))} to write to at this revision")
        terms = {column: as_text(value, table.column(column).type) for column, value in row.values.items()}
        try:
            self._connection.execute(insertion(self._dialect, table, terms))
        except DatabaseError as refused:
            raise _unusable(row, path, refused.message.splitlines()[0]) from refused
        return name

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
        written = [place for place, each in enumerate(table.columns) if each.type.name.lower() == "json"]
        return TableContents(
            columns=tuple(each.name for each in table.columns),
            types=tuple(each.type.name for each in table.columns),
            key=table.key,
            rows=tuple(_in_one_way(row, written) for row in rows),
            number=number,
        )

    def _standing(self, facts: Facts) -> dict[TableName, Standing]:
        tables = [each for each in facts.values() if not each.partitioned]
        found: dict[TableName, Standing] = {}
        for start in range(0, len(tables), _AT_ONCE):
            some = tables[start : start + _AT_ONCE]
            for place, number, counts in self._connection.fetch(standing(self._dialect, some)):
                table = some[int(place)]
                there = [int(each) for each in str(counts).split(",") if each]
                without = (each.name for each, count in zip(optional(table), there, strict=True) if not count)
                found[table.table] = Standing(int(number), tuple(without))
        return found

    def _ground(self, facts: Facts, held: Mapping[TableName, Standing]) -> dict[TableName, Ground]:
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


def _in_one_way(row: tuple[str | None, ...], places: Sequence[int]) -> tuple[str | None, ...]:
    """A row whose JSON is the same text where it means the same: the type ``json`` keeps its spaces and its order."""
    if not places:
        return tuple(row)
    values = list(row)
    for place in places:
        with suppress(ValueError, RecursionError):
            values[place] = json.dumps(json.loads(values[place] or ""), sort_keys=True, ensure_ascii=False)
    return tuple(values)


def _unusable(row: CustomRow, path: str, reason: str) -> ConfigurationError:
    table = f"{row.schema}.{row.table}" if row.schema else row.table
    return ConfigurationError(
        f"A row for revision {row.revision} can't be put into {table}: {reason}.",
        where=path,
        state="only the scratch database was touched, and it is dropped",
        remedy=f"correct the rows of {row.revision!r} in this file",
    )


def _domains(kind: TypeFacts) -> Iterator[TypeFacts]:
    """The domains with checks that a type is, or is made of."""
    if kind.form is Form.DOMAIN and kind.checks:
        yield kind
    for each in (*((kind.inner,) if kind.inner else ()), *kind.attributes):
        yield from _domains(each)
