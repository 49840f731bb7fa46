"""Models against history, from the schemas that both of them make, and from what autogenerate says. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from migrator.database.snapshot.comparing import Change, Difference
from migrator.database.snapshot.model import RELATIONS, Kind, ObjectKey, SchemaObject, Snapshot
from migrator.execution.differences import Change as ModelChange
from migrator.execution.differences import Difference as ModelDifference

_EXPRESSIBLE: Final[Mapping[Kind, frozenset[str]]] = {
    Kind.TABLE: frozenset({"comment", "persistence", "partition key"}),
    Kind.COLUMN: frozenset({"type", "nullable", "default", "identity", "generated", "collation", "comment"}),
    Kind.CONSTRAINT: frozenset({"definition"}),
    Kind.INDEX: frozenset({"definition"}),
    Kind.ENUM: frozenset({"labels"}),
    Kind.SEQUENCE: frozenset({"type", "start", "increment", "minimum", "maximum", "cache", "cycle"}),
}
"""What models have words for: kinds of objects, and what they say of them."""
_OWN_SEQUENCE: Final = re.compile(r"nextval\('(?P<name>[^']+)'::regclass\)")
_STATE: Final = re.compile(r" NOT VALID\b")
_PARTITION: Final = "partition of"
_OWNED: Final = "owned by"

TableName = tuple[str | None, str]

_BY_A_PLUGIN: Final = "by a plugin"
"""How a difference is named that Alembic's own operations have no word for."""


def expressible(snapshot: Snapshot, left_out: Collection[TableName] = ()) -> Snapshot:
    """What of a schema models can say; without the tables that ``env.py`` leaves out, and without partitions."""
    absent = {
        *left_out,
        *((each.key.schema, each.key.name) for each in snapshot.of_kind(Kind.TABLE) if _PARTITION in each.facets),
    }
    owned = {each.key.name for each in snapshot.of_kind(Kind.SEQUENCE) if _OWNED in each.facets}
    kept = {}
    for each in snapshot:
        key = each.key
        facets = _EXPRESSIBLE.get(key.kind)
        relation = key.table if key.table is not None else key.name
        if facets is None or ((key.schema, relation) in absent and key.kind not in {Kind.ENUM, Kind.SEQUENCE}):
            continue
        if key.kind is Kind.SEQUENCE and key.name in owned:
            continue
        kept[key] = SchemaObject(
            key, {name: _plain(value, owned) for name, value in each.facets.items() if name in facets}
        )
    views = {(each.key.schema, each.key.name) for each in snapshot if each.key.kind in RELATIONS - {Kind.TABLE}}
    return replace(snapshot, objects={key: each for key, each in kept.items() if (key.schema, key.table) not in views})


def _plain(value: str, owned: Collection[str]) -> str:
    """A facet without what is no matter of models: whether a constraint was validated, what a sequence is called."""
    value = _STATE.sub("", value)
    found = _OWN_SEQUENCE.fullmatch(value)
    if found is not None and found["name"].rpartition(".")[2].strip('"') in owned:
        return "nextval(its own sequence)"
    return value


def without_mere_names(differences: Sequence[Difference]) -> tuple[Difference, ...]:
    """The differences without constraints that only bear another name, and without types of tables that are told."""
    return tuple(_significant(differences))


def _significant(differences: Sequence[Difference]) -> Iterator[Difference]:
    types = _types_of_lost_tables(differences)
    for each in differences:
        if _twins(each, differences):
            continue
        if each.change is Change.REMOVED and each.key.kind is Kind.ENUM and _names_type(each.key, types):
            continue
        yield each


def _meaning(difference: Difference) -> tuple[str | None, str | None, str | None]:
    there = difference.before or difference.after
    return difference.key.schema, difference.key.table, None if there is None else there.facets.get("definition")


def _types_of_lost_tables(differences: Sequence[Difference]) -> set[str]:
    lost = (each for each in differences if each.change is Change.REMOVED and each.key.kind is Kind.TABLE)
    return {part.facets.get("type", "") for each in lost for part in each.parts}


def _names_type(key: ObjectKey, types: Collection[str]) -> bool:
    return any(each.removesuffix("[]").rpartition(".")[2].strip('"') == key.name for each in types)


def lost_tables(differences: Sequence[Difference]) -> tuple[ObjectKey, ...]:
    """The tables of the history that no model has."""
    return tuple(each.key for each in differences if each.change is Change.REMOVED and each.key.kind is Kind.TABLE)


def confirmed(
    found: Sequence[ModelDifference], differences: Sequence[Difference], default_schema: str | None
) -> list[ModelDifference]:
    """What autogenerate says and the schemas themselves confirm.

    A constraint that only has another name is a difference where the models give it that name: autogenerate then has
    both of them to say. Where they give it none, it only misses the one of the history.

    What a plugin of autogenerate says (alembic-postgresql-enum, alembic-utils) is told by the schemas in better words
    where they differ in it; where they do not, it is about something that models have no words for, and believed.
    """
    real = [
        each
        for each in found
        if any(covers(each, one, default_schema) for one in differences) != (each.name == _BY_A_PLUGIN)
    ]
    kept = []
    for each in real:
        twins = [two for one in differences if covers(each, one, default_schema) for two in _twins(one, differences)]
        named = any(covers(other, two, default_schema) for two in twins for other in real if other is not each)
        if not twins or named or each.name is None:
            kept.append(each)
    return kept


def _twins(constraint: Difference, differences: Sequence[Difference]) -> list[Difference]:
    """The same constraint by another name, on the other side."""
    if constraint.key.kind is not Kind.CONSTRAINT or constraint.change is Change.CHANGED:
        return []
    return [
        each
        for each in differences
        if each.key.kind is Kind.CONSTRAINT
        and {each.change, constraint.change} == {Change.ADDED, Change.REMOVED}
        and _meaning(each) == _meaning(constraint)
    ]


def covers(found: ModelDifference, difference: Difference, default_schema: str | None) -> bool:
    """Whether a finding of autogenerate is about the object of a difference."""
    key = difference.key
    schema, _, table = found.table.rpartition(".")
    if key.kind is Kind.ENUM:
        return found.name == _BY_A_PLUGIN
    relation = key.table if key.table is not None else key.name
    if relation != table or key.schema not in {schema or default_schema, schema or None}:
        return False
    if key.table is None:
        return found.what.endswith("table") or difference.change is not Change.CHANGED
    if found.name == _BY_A_PLUGIN:
        return True
    if found.name is None:
        return key.kind in {Kind.CONSTRAINT, Kind.INDEX} and not found.what.endswith(("table", "column"))
    return found.name == key.name and found.what.endswith("column") == (key.kind is Kind.COLUMN)


def in_words(difference: Difference) -> Iterator[str]:
    """A difference from the history to the models, a sentence for each thing that is another."""
    match difference.change:
        case Change.ADDED:
            yield f"{difference.key} is in the models and missing in the history"
        case Change.REMOVED:
            yield f"{difference.key} is in the history and missing in the models"
        case Change.CHANGED:
            for each in difference.facets:
                before, after = _value(each.before), _value(each.after)
                yield f"{difference.key}: {each.name} {before} in the history, {after} in the models"


def _value(value: str | None) -> str:
    return "none" if value is None else value


def is_of(found: ModelDifference, tables: Collection[ObjectKey], default_schema: str | None) -> bool:
    """Whether a finding of autogenerate removes one of some tables, or something of it."""
    schema, _, table = found.table.rpartition(".")
    return found.change is ModelChange.REMOVED and any(
        key.name == table and key.schema in {schema or default_schema, schema or None} for key in tables
    )
