"""Which module writes the statements of which kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from migrator.database.snapshot.comparing import Change, Difference
from migrator.database.snapshot.ddl.postgresql.attached import described, redescribed
from migrator.database.snapshot.ddl.postgresql.columns import add_column, change_column, drop_column
from migrator.database.snapshot.ddl.postgresql.parts import add_part, change_part, drop_part
from migrator.database.snapshot.ddl.postgresql.routines import change_routine, create_routine, drop_routine
from migrator.database.snapshot.ddl.postgresql.sequences import change_sequence, create_sequence, drop_sequence
from migrator.database.snapshot.ddl.postgresql.steps import Phase, Step
from migrator.database.snapshot.ddl.postgresql.surroundings import (
    change_surrounding,
    create_surrounding,
    drop_surrounding,
)
from migrator.database.snapshot.ddl.postgresql.tables import change_table, create_table, drop_table
from migrator.database.snapshot.ddl.postgresql.types import change_type, create_type, drop_type
from migrator.database.snapshot.ddl.postgresql.views import change_view, create_view, drop_view
from migrator.database.snapshot.model import Kind, SchemaObject


@dataclass(frozen=True, slots=True)
class _Family:
    create: Callable[[SchemaObject], Iterator[Step]]
    drop: Callable[[SchemaObject], Iterator[Step]]
    change: Callable[[Difference], Iterator[Step]]


_COLUMN: Final = _Family(add_column, drop_column, change_column)
_PART: Final = _Family(add_part, drop_part, change_part)
_ROUTINE: Final = _Family(create_routine, drop_routine, change_routine)
_SEQUENCE: Final = _Family(create_sequence, drop_sequence, change_sequence)
_SURROUNDING: Final = _Family(create_surrounding, drop_surrounding, change_surrounding)
_TYPE: Final = _Family(create_type, drop_type, change_type)
_VIEW: Final = _Family(create_view, drop_view, change_view)

_FAMILIES: Final = {
    Kind.COLUMN: _COLUMN,
    **dict.fromkeys((Kind.VIEW, Kind.MATERIALIZED_VIEW), _VIEW),
    **dict.fromkeys((Kind.CONSTRAINT, Kind.INDEX, Kind.STATISTICS, Kind.TRIGGER, Kind.RULE, Kind.POLICY), _PART),
    **dict.fromkeys((Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE), _ROUTINE),
    Kind.SEQUENCE: _SEQUENCE,
    **dict.fromkeys((Kind.SCHEMA, Kind.EXTENSION, Kind.EVENT_TRIGGER, Kind.PUBLICATION), _SURROUNDING),
    **dict.fromkeys((Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE, Kind.RANGE, Kind.COLLATION), _TYPE),
}
_TABLES: Final = frozenset({Kind.TABLE, Kind.FOREIGN_TABLE})


def created(made: SchemaObject, parts: Iterable[SchemaObject]) -> Iterator[Step]:
    """Statements that make an object with all its parts."""
    parts = list(parts)
    if made.key.kind in _TABLES:
        yield from create_table(made, parts)
        own = [part for part in parts if part.key.kind is not Kind.COLUMN]
        if "partition of" in made.facets:
            # A partition is made as a table of its own, complete, and then attached.
            own = [_as_own(part) for part in own]
        for part in own:
            if "inherited" not in part.facets or part.key.kind is Kind.TRIGGER:
                yield from add_part(part)
    elif made.key.kind is Kind.COLUMN and "inherited" in made.facets:
        pass
    else:
        yield from _FAMILIES[made.key.kind].create(made)
        for part in parts:
            yield from (_after_view(step) for step in _FAMILIES[part.key.kind].create(part))
    for each in (made, *parts):
        yield from described(each)


def dropped(gone: SchemaObject, parts: Iterable[SchemaObject]) -> Iterator[Step]:
    """Statements that take an object away; its parts go with it."""
    if gone.key.kind in _TABLES:
        yield from drop_table(gone, parts)
    elif gone.key.kind is Kind.COLUMN and "type" not in gone.facets:
        # Of a view or composite type: the column stays, what was said of it goes.
        plain = Difference(Change.CHANGED, gone.key, gone, SchemaObject(gone.key))
        yield from (replace(step, phase=Phase.DROP_DEFAULTS) for step in (*change_column(plain), *redescribed(plain)))
    elif gone.key.kind is Kind.TRIGGER or "inherited" not in gone.facets:
        yield from _FAMILIES[gone.key.kind].drop(gone)


def altered(difference: Difference) -> Iterator[Step]:
    """Statements that change an object, in place as far as that can be done."""
    if difference.key.kind in _TABLES:
        yield from change_table(difference)
    else:
        yield from _FAMILIES[difference.key.kind].change(difference)
    yield from redescribed(difference)


def _after_view(step: Step) -> Step:
    return replace(step, phase=max(step.phase, Phase.ADD_VIEW_INDEXES))


def _as_own(part: SchemaObject) -> SchemaObject:
    if part.key.kind is not Kind.CONSTRAINT:
        return part
    return SchemaObject(part.key, {name: text for name, text in part.facets.items() if name != "inherited"})
