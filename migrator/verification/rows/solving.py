"""Values that fulfil conditions: candidates are put to the server, which says which of them do.

The conditions that share a column are one problem. All problems of a filling are one question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from migrator.database.connecting import DatabaseError
from migrator.database.state import Reader
from migrator.verification.rows.candidates import candidates
from migrator.verification.rows.dialect import Dialect
from migrator.verification.rows.facts import Check, TableFacts, TypeFacts
from migrator.verification.rows.values import Solved

COMBINATIONS: Final = 2000
"""The most that are tried of one problem."""
_SINGLY: Final = 60
"""The most that are tried one by one, where a condition fails with an error on some."""
_KEPT: Final = 60
_AT_ONCE: Final = 50
"""Problems of one question."""

Solution = Mapping[str, str | None]
"""Column to value."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A column of a problem."""

    name: str
    type: TypeFacts
    tried: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """Columns and the conditions on them."""

    unknowns: tuple[Unknown, ...]
    conditions: tuple[str, ...]

    @property
    def combinations(self) -> int:
        """How many there are to try."""
        number = 1
        for each in self.unknowns:
            number *= len(each.tried)
        return number

    def cut(self, most: int) -> Problem:
        """The same with so few candidates that no more combinations are tried."""
        share = max(2, int(most ** (1 / len(self.unknowns)) + 1e-9))
        return Problem(
            tuple(Unknown(each.name, each.type, each.tried[:share]) for each in self.unknowns), self.conditions
        )

    def solution(self, places: Iterable[int]) -> Solution:
        """The candidates at these places."""
        return {each.name: each.tried[place] for each, place in zip(self.unknowns, places, strict=True)}


def problems_of(table: TableFacts, dialect: Dialect, solved: Solved) -> tuple[Problem, ...]:
    """The problems that a table's checks and its bounds as a partition pose."""
    return tuple(_problem(table, each, dialect, solved) for each in _connected(_solvable(table)))


def problem_of_domain(kind: TypeFacts, dialect: Dialect) -> Problem:
    """What the checks of a domain ask of its values."""
    if kind.inner is None:
        raise AssertionError(f"{kind.spelled} is no domain")
    usual = _usual(kind.inner, dialect, {})
    unknown = Unknown("value", kind.inner, candidates(kind.inner, usual, kind.checks))
    return Problem((unknown,), kind.checks)


def solve(problems: Sequence[Problem], reader: Reader, dialect: Dialect) -> list[tuple[Solution, ...]]:
    """The solutions of each problem, the likeliest first; none where no candidate fulfils its conditions.

    A condition that the server cannot even evaluate, for any candidate, counts as not fulfilled.
    """
    return [
        solution
        for start in range(0, len(problems), _AT_ONCE)
        for solution in _solve(problems[start : start + _AT_ONCE], reader, dialect)
    ]


def _solve(problems: Sequence[Problem], reader: Reader, dialect: Dialect) -> list[tuple[Solution, ...]]:
    asked = [each.cut(COMBINATIONS) for each in problems]
    questions = [_question(each, place, dialect) for place, each in enumerate(asked) if each.combinations]
    if not questions:
        return [() for _ in asked]
    try:
        rows = reader.fetch(" UNION ALL ".join(questions))
    except DatabaseError:
        if len(asked) > 1:
            return [_solve([each], reader, dialect)[0] for each in problems]
        return [tuple(_one_by_one(problems[0].cut(_SINGLY), reader, dialect))]
    found: list[list[tuple[int, ...]]] = [[] for _ in asked]
    for number, places in rows:
        found[int(number)].append(tuple(int(each) for each in str(places).split(",")))
    return [
        tuple(problem.solution(each) for each in sorted(places, key=_likelihood)[:_KEPT])
        for problem, places in zip(asked, found, strict=True)
    ]


def _likelihood(places: tuple[int, ...]) -> tuple[int, tuple[int, ...]]:
    return sum(places), places


def _one_by_one(problem: Problem, reader: Reader, dialect: Dialect) -> Iterator[Solution]:
    for places in product(*(range(len(each.tried)) for each in problem.unknowns)):
        solution = problem.solution(places)
        one = Problem(
            tuple(Unknown(each.name, each.type, (solution[each.name],)) for each in problem.unknowns),
            problem.conditions,
        )
        try:
            if reader.fetch(_question(one, 0, dialect)):
                yield solution
        except DatabaseError:
            continue


def _question(problem: Problem, number: int, dialect: Dialect) -> str:
    """A query whose rows are the number and the places of candidates that fulfil the conditions."""
    sources = ", ".join(_source(each, place, dialect) for place, each in enumerate(problem.unknowns))
    terms = [f"s{place}.{dialect.quoted('#')}" for place in range(len(problem.unknowns))]
    places = dialect.joined([part for term in terms for part in ("','", term)][1:])
    conditions = " AND ".join(f"coalesce(({each}), TRUE)" for each in problem.conditions)
    # Conditions name columns without their table: nothing else here may bear such a name.
    return f"SELECT {number} AS problem, {places} AS places FROM {sources} WHERE {conditions}"  # noqa: S608


def _source(unknown: Unknown, place: int, dialect: Dialect) -> str:
    rows = " UNION ALL ".join(
        f"SELECT {number} AS {dialect.quoted('#')}, "
        f"{dialect.cast(tried, unknown.type)} AS {dialect.quoted(unknown.name)}"
        for number, tried in enumerate(unknown.tried)
    )
    return f"({rows}) s{place}"


def _solvable(table: TableFacts) -> list[Check]:
    generated = {each.name for each in table.columns if each.generated}
    return [each for each in table.checks if each.columns and not generated & set(each.columns)]


def _connected(checks: Iterable[Check]) -> list[list[Check]]:
    """The checks in groups that share no column."""
    groups: list[list[Check]] = []
    for check in checks:
        sharing = [group for group in groups if any(set(each.columns) & set(check.columns) for each in group)]
        groups = [each for each in groups if each not in sharing]
        groups.append([*(each for group in sharing for each in group), check])
    return groups


def _problem(table: TableFacts, checks: Sequence[Check], dialect: Dialect, solved: Solved) -> Problem:
    conditions = tuple(each.expression for each in checks)
    unknowns = []
    for name in dict.fromkeys(column for each in checks for column in each.columns):
        column = table.column(name)
        usual = _usual(column.type, dialect, solved)
        tried: list[str | None] = list(candidates(column.type, usual, conditions))
        if not column.required:
            tried.insert(1, None)
        unknowns.append(Unknown(name, column.type, tuple(tried)))
    return Problem(tuple(unknowns), conditions)


def _usual(kind: TypeFacts, dialect: Dialect, solved: Solved) -> list[str]:
    values = (dialect.usual(kind, variant, solved) for variant in range(4))
    return [each for each in values if each is not None]
