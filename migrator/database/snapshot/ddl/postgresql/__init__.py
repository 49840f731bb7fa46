"""The statements between two schemas of PostgreSQL; a module for each family of kinds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from migrator.database.snapshot.comparing import Change, Difference
from migrator.database.snapshot.ddl.postgresql.dependents import with_dependents
from migrator.database.snapshot.ddl.postgresql.families import altered, created, dropped
from migrator.database.snapshot.ddl.postgresql.knots import untied
from migrator.database.snapshot.ddl.postgresql.naming import mentions
from migrator.database.snapshot.ddl.postgresql.steps import Phase, Step, in_order
from migrator.database.snapshot.ddl.postgresql.surroundings import grant_by_default
from migrator.database.snapshot.model import Kind, Snapshot

_RELATIONS_GO = frozenset({Phase.DROP_TABLES, Phase.DROP_VIEWS})
_RELATIONS_COME = frozenset({Phase.CREATE_TABLES, Phase.CREATE_VIEWS})


def statements(differences: Sequence[Difference], after: Snapshot | None = None) -> tuple[str, ...]:
    """What makes the state before into the state after; see ``migrator.database.snapshot.ddl``."""
    if after is not None:
        differences = with_dependents(differences, after)
    steps = [step for difference in differences for step in _steps(difference)]
    steps += untied(differences)
    return tuple(dict.fromkeys(in_order(_placed(steps))))


def _steps(difference: Difference) -> Iterator[Step]:
    if difference.key.kind is Kind.DEFAULT_PRIVILEGES:
        yield from grant_by_default(difference)
    elif difference.change is Change.ADDED and difference.after is not None:
        yield from created(difference.after, difference.parts)
    elif difference.change is Change.REMOVED and difference.before is not None:
        yield from dropped(difference.before, difference.parts)
    else:
        yield from altered(difference)


def _placed(steps: list[Step]) -> Iterator[Step]:
    """Routines and types that are made of relations move to these; names that are needed again are freed early."""
    going = {step.about for step in steps if step.phase in _RELATIONS_GO}
    coming = {step.about for step in steps if step.phase in _RELATIONS_COME}
    made = coming | {step.about for step in steps if step.phase is Phase.CREATE_LOWER}
    for step in steps:
        if step.phase is Phase.DROP_LOWER and mentions(step.needs) & going:
            yield replace(step, phase=Phase.DROP_VIEWS)
        elif step.phase is Phase.DROP_LOWER and step.about in made:
            yield replace(step, phase=Phase.DROP_REPLACED)
        elif step.phase is Phase.CREATE_LOWER and mentions(step.needs or step.sql) & (coming - {step.about}):
            yield replace(step, phase=Phase.CREATE_VIEWS)
        else:
            yield step
