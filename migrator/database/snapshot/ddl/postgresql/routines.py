"""Statements for functions, procedures and aggregates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from migrator.database.snapshot.comparing import Difference
from migrator.database.snapshot.ddl.postgresql.naming import bare_name, own_name
from migrator.database.snapshot.ddl.postgresql.steps import Phase, Step
from migrator.database.snapshot.model import Kind, SchemaObject

_BODY: Final = re.compile(r"^(?:AS |BEGIN ATOMIC|RETURN )", re.MULTILINE)
_LANGUAGE: Final = re.compile(r"^ LANGUAGE (\S+)", re.MULTILINE)


def create_routine(routine: SchemaObject) -> Iterator[Step]:
    """The statement that makes a routine, after the types and relations that it must find."""
    rank = 3 if routine.key.kind is Kind.AGGREGATE else 2
    yield Step(
        Phase.CREATE_LOWER,
        routine.facets["definition"].rstrip().rstrip(";"),
        about=bare_name(routine.key),
        needs=_needs(routine),
        rank=rank,
    )


def drop_routine(routine: SchemaObject) -> Iterator[Step]:
    """The statement that takes a routine away."""
    sql = f"DROP {routine.key.kind.upper()} {own_name(routine.key)}"
    yield Step(Phase.DROP_LOWER, sql, about=bare_name(routine.key), needs=_needs(routine))


def change_routine(difference: Difference) -> Iterator[Step]:
    """Statements that give a routine another body, or drop it when what callers see of it is another."""
    before, after = difference.before, difference.after
    if before is None or after is None or all(facet.name != "definition" for facet in difference.facets):
        return
    if after.key.kind is Kind.AGGREGATE or _signature(before) != _signature(after):
        yield from drop_routine(before)
    yield from create_routine(after)


def _signature(routine: SchemaObject) -> str:
    """Arguments and result: what ``CREATE OR REPLACE`` cannot change."""
    return _LANGUAGE.split(routine.facets["definition"], maxsplit=1)[0]


def _needs(routine: SchemaObject) -> str:
    """The text whose names must exist: of SQL the body too, of other languages only the head."""
    definition = routine.facets["definition"]
    language = _LANGUAGE.search(definition)
    if routine.key.kind is Kind.AGGREGATE or (language and language[1] == "sql"):
        return definition
    return _BODY.split(definition, maxsplit=1)[0]
