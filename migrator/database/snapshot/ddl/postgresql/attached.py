"""Statements of what every kind of object can have: a comment and privileges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from migrator.database.snapshot.comparing import Difference
from migrator.database.snapshot.ddl.postgresql.naming import literal, own_name, quoted, table_of
from migrator.database.snapshot.ddl.postgresql.privileges import granted
from migrator.database.snapshot.ddl.postgresql.steps import Phase, Step
from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject

_NAMES_OF_TYPES: Final = {Kind.ENUM: "TYPE", Kind.COMPOSITE: "TYPE", Kind.RANGE: "TYPE"}
_ON_TABLE: Final = frozenset({Kind.CONSTRAINT, Kind.TRIGGER, Kind.RULE, Kind.POLICY})


def described(made: SchemaObject) -> Iterator[Step]:
    """Comment and privileges of an object that was just made."""
    yield from _changes(made.key, {}, made.facets)


def redescribed(difference: Difference) -> Iterator[Step]:
    """Comment and privileges of an object that stays, where they are others."""
    if difference.before is not None and difference.after is not None:
        yield from _changes(difference.key, difference.before.facets, difference.after.facets)


def _changes(key: ObjectKey, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Step]:
    comment = after.get("comment")
    if comment != before.get("comment"):
        text = "NULL" if comment is None else literal(comment)
        yield Step(Phase.DESCRIBE, f"COMMENT ON {_comment_target(key)} IS {text}")
    if after.get("privileges") != before.get("privileges"):
        for statement in granted(key, before.get("privileges"), after.get("privileges")):
            yield Step(Phase.DESCRIBE, statement, rank=1)


def _comment_target(key: ObjectKey) -> str:
    kind = _NAMES_OF_TYPES.get(key.kind, key.kind.upper())
    if key.kind is Kind.COLUMN:
        return f"COLUMN {table_of(key)}.{quoted(key.name)}"
    if key.kind in _ON_TABLE:
        return f"{kind} {quoted(key.name)} ON {table_of(key)}"
    return f"{kind} {own_name(key)}"
