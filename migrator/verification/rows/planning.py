"""Which rows a table gets: every column filled, two rows alike, one as empty as it may be. Pure.

Two rows are alike in every column that no constraint wants different, so that a new UNIQUE meets duplicates; the last
row has NULL where it may and leaves defaults to the server, so that a new NOT NULL meets NULL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from migrator.verification.rows.dialect import Dialect
from migrator.verification.rows.facts import ColumnFacts, ForeignKey, TableFacts, TableName
from migrator.verification.rows.solving import Solution
from migrator.verification.rows.values import Solved
from migrator.verification.rows.varying import Turn, Varying, varying_columns

_MOST_LABELS: Final = 4
"""So many labels of an enum are used."""


@dataclass(frozen=True, slots=True)
class Parent:
    """The value of a column of one of the parent's rows."""

    table: TableName
    column: str
    known: tuple[str, ...]
    """Columns of the parent that must not be NULL, and that its rows are sorted by."""
    row: int
    """Counted from 0, past the last one from the first again."""
    where: tuple[tuple[str, Term], ...] = ()
    """Columns of the parent whose values another foreign key has settled."""


Term: TypeAlias = str | Parent | None
"""What a row has in a column: a value as text, a parent's, or NULL."""
Row: TypeAlias = Mapping[str, Term]
"""Column to term; a column that is not named is left to the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What is known before rows are planned."""

    dialect: Dialect
    solved: Solved = field(default_factory=dict)
    """Values of domains with checks."""
    solutions: Sequence[tuple[Solution, ...]] = ()
    """Of the problems of this table: its checks."""
    within: Mapping[TableName, Sequence[Row]] = field(default_factory=dict)
    """The rows of tables that are filled by the same statement, where a subquery would not see them yet."""


def plan_rows(table: TableFacts, ground: Ground) -> tuple[Row, ...]:
    """The rows to insert: full ones first, the sparse one last."""
    return _Planner(table, ground, varying_columns(table)).rows()


def least_row(table: TableFacts, row: Row) -> Row:
    """What is left of a row when only what must be given is."""
    return {name: term for name, term in row.items() if table.column(name).required and not table.column(name).default}


@dataclass(frozen=True, slots=True)
class _Planner:
    """Plans the rows of one table."""

    table: TableFacts
    ground: Ground
    varying: Varying

    def rows(self) -> tuple[Row, ...]:
        labels = max((len(each.type.labels) for each in self.table.settable), default=0)
        variants = [0, 0, *range(1, min(labels, _MOST_LABELS))]
        turns = [Turn(number, variant) for number, variant in enumerate(variants)]
        last = Turn(len(variants), variants[-1] + 1)
        problems = [some for some in self.ground.solutions if some]
        chosen = [[self._solution(some, turn) for some in problems] for turn in turns]
        emptiest = [self._emptiest(some, [each[place] for each in chosen]) for place, some in enumerate(problems)]
        full = [self._full(turn, solutions) for turn, solutions in zip(turns, chosen, strict=True)]
        return (*full, self._sparse(last, emptiest))

    def _full(self, turn: Turn, solutions: Sequence[Solution]) -> Row:
        row: dict[str, Term] = {name: value for each in solutions for name, value in each.items()}
        for column in self.table.settable:
            if column.name not in row:
                row[column.name] = self.ground.dialect.usual(
                    column.type, self.varying.place(turn, column.name), self.ground.solved
                )
        self._refer(row, turn)
        return {name: term for name, term in row.items() if term is not None or not self.table.column(name).required}

    def _sparse(self, turn: Turn, solutions: Sequence[Solution]) -> Row:
        checked = {name for each in solutions for name in each}
        return {
            name: term
            for name, term in self._full(turn, solutions).items()
            if name in checked or not self._may_be_left_out(self.table.column(name))
        }

    def _may_be_left_out(self, column: ColumnFacts) -> bool:
        if column.default is not None:
            return column.name not in self.varying.columns
        return not column.required

    def _solution(self, solutions: Sequence[Solution], turn: Turn) -> Solution:
        """The one of a turn: with as few NULLs as can be, and of those that differ where they must."""
        place = self.varying.place(turn, *solutions[0])
        chosen: list[Solution] = []
        for each in sorted(solutions, key=_nulls):
            if self._differs(each, chosen):
                chosen.append(each)
            if len(chosen) > place:
                break
        return chosen[place % len(chosen)]

    def _emptiest(self, solutions: Sequence[Solution], taken: Sequence[Solution]) -> Solution:
        ordered = sorted(solutions, key=_nulls, reverse=True)
        return next((each for each in ordered if self._differs(each, taken)), ordered[0])

    def _differs(self, solution: Solution, others: Sequence[Solution]) -> bool:
        names = self.varying.columns & set(solution)
        return not names or all(solution[name] != each[name] for each in others for name in names)

    def _refer(self, row: dict[str, Term], turn: Turn) -> None:
        """Put parents' values into the columns of foreign keys, those of the widest first."""
        settled: dict[str, Term] = {}
        wanted = dict(row)
        served: list[ForeignKey] = []
        for key in sorted(self.table.foreign_keys, key=lambda each: -len(each.columns)):
            pairs = [pair for pair in key.pairs if pair[0] not in settled]
            if any(row.get(name, "") is None for name in key.columns):
                continue  # a condition wants no parent here
            place = self.varying.place(turn, *key.columns) + self._apart(key, served, wanted)
            served.append(key)
            where = tuple((theirs, settled[own]) for own, theirs in key.pairs if own in settled)
            settled.update({own: self._of_parent(key, theirs, row, place, where) for own, theirs in pairs})
            row.update(settled)

    def _apart(self, key: ForeignKey, served: Sequence[ForeignKey], wanted: Row) -> int:
        """How many keys have taken a row of the parent already that a condition wants to be another one."""
        return sum(other.parent == key.parent and self._must_differ(key, other, wanted) for other in served)

    def _must_differ(self, key: ForeignKey, other: ForeignKey, wanted: Row) -> bool:
        """Whether a condition is on columns of both keys, and has been solved by values that differ."""
        pairs = [each for each in zip(key.columns, other.columns, strict=False) if wanted[each[0]] != wanted[each[1]]]
        return any(set(pair) <= set(check.columns) for check in self.table.checks for pair in pairs)

    def _of_parent(
        self, key: ForeignKey, column: str, row: Row, place: int, where: tuple[tuple[str, Term], ...]
    ) -> Term:
        if key.parent == self.table.table and self.table.is_required(key):
            return row.get(column)  # the row is its own parent: it may be the first
        if key.parent in self.ground.within:
            rows = self.ground.within[key.parent]
            return rows[place % len(rows)].get(column)
        return Parent(key.parent, column, key.parent_columns, place, where)


def _nulls(solution: Solution) -> int:
    return sum(each is None for each in solution.values())
