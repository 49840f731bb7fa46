"""Statements with their place in an order that works."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum, auto
from itertools import groupby

from migrator.database.snapshot.ddl.postgresql.naming import mentions


class Phase(IntEnum):
    """When a statement runs: what depends on others goes first and comes last."""

    DROP_WATCHERS = auto()
    DROP_ATTACHED = auto()
    DROP_VIEWS = auto()
    DROP_FOREIGN_KEYS = auto()
    DETACH = auto()
    DROP_INDEXES = auto()
    DROP_CONSTRAINTS = auto()
    DROP_DEFAULTS = auto()
    DROP_COLUMNS = auto()
    DROP_TABLES = auto()
    DROP_REPLACED = auto()
    """What is made again under its name, or makes room for something else of that name."""
    CREATE_SCHEMAS = auto()
    CREATE_EXTENSIONS = auto()
    CREATE_LOWER = auto()
    """Collations, types, sequences and routines: what tables are made of."""
    CREATE_TABLES = auto()
    ADD_COLUMNS = auto()
    ALTER_COLUMNS = auto()
    SET_DEFAULTS = auto()
    OWN_SEQUENCES = auto()
    ADD_CONSTRAINTS = auto()
    ADD_INDEXES = auto()
    ATTACH = auto()
    ADD_FOREIGN_KEYS = auto()
    ALTER_TABLES = auto()
    CREATE_VIEWS = auto()
    ADD_VIEW_INDEXES = auto()
    ADD_ATTACHED = auto()
    DROP_LOWER = auto()
    """What nothing uses any more."""
    DROP_EXTENSIONS = auto()
    DROP_SCHEMAS = auto()
    DESCRIBE = auto()
    """Comments and privileges."""
    ADD_WATCHERS = auto()


_DEPENDENTS_FIRST = frozenset(
    {Phase.DROP_VIEWS, Phase.DROP_COLUMNS, Phase.DROP_TABLES, Phase.DROP_REPLACED, Phase.DROP_LOWER}
)
_DEPENDENTS_LAST = frozenset({Phase.CREATE_LOWER, Phase.CREATE_TABLES, Phase.CREATE_VIEWS})


@dataclass(frozen=True, slots=True)
class Step:
    """One statement of the way from one schema to another."""

    phase: Phase
    sql: str
    about: tuple[str | None, str] | None = None
    """Schema and name of what it makes or removes, by which others mention it."""
    needs: str = ""
    """Text that mentions what must be there with it; where it is empty, the statement's own."""
    rank: int = 0
    """Place among the others of its phase that do not mention one another."""


def in_order(steps: Iterable[Step]) -> Iterator[str]:
    """The statements, each after what it needs."""
    ranked = sorted(steps, key=lambda step: (step.phase, step.rank))
    for phase, group in groupby(ranked, key=lambda step: step.phase):
        together = list(group)
        if phase in _DEPENDENTS_FIRST:
            together = _needed_first(together[::-1])[::-1]
        elif phase in _DEPENDENTS_LAST:
            together = _needed_first(together)
        yield from (step.sql for step in together)


def _needed_first(steps: list[Step]) -> list[Step]:
    """Each after those that it mentions; a circle is cut where the order given begins it."""
    by_name: dict[tuple[str | None, str], list[Step]] = {}
    for step in steps:
        if step.about is not None:
            by_name.setdefault(step.about, []).append(step)
    sorted_steps: list[Step] = []
    seen: set[int] = set()

    def visit(step: Step) -> None:
        if id(step) in seen:
            return
        seen.add(id(step))
        for name in sorted(mentions(step.needs or step.sql) & by_name.keys(), key=str):
            for needed in by_name[name]:
                visit(needed)
        sorted_steps.append(step)

    for step in steps:
        visit(step)
    return sorted_steps
