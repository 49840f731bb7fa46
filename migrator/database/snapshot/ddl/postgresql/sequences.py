"""Statements for sequences that stand alone or are owned by a column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from migrator.database.snapshot.comparing import Difference
from migrator.database.snapshot.ddl.postgresql.naming import bare_name, own_name
from migrator.database.snapshot.ddl.postgresql.steps import Phase, Step
from migrator.database.snapshot.model import SchemaObject

_OPTIONS: Final = {
    "type": "AS",
    "start": "START WITH",
    "increment": "INCREMENT BY",
    "minimum": "MINVALUE",
    "maximum": "MAXVALUE",
    "cache": "CACHE",
}
_DEFAULTS: Final = {
    "type": "AS bigint",
    "start": "START WITH 1",
    "increment": "INCREMENT BY 1",
    "minimum": "NO MINVALUE",
    "maximum": "NO MAXVALUE",
    "cache": "CACHE 1",
}


def create_sequence(sequence: SchemaObject) -> Iterator[Step]:
    """Statements that make a sequence; who owns it is said when the table is there."""
    unlogged = "UNLOGGED " if sequence.facets.get("persistence") == "unlogged" else ""
    words = [f"CREATE {unlogged}SEQUENCE {own_name(sequence.key)}", *_options({}, sequence.facets)]
    yield Step(Phase.CREATE_LOWER, " ".join(words), about=bare_name(sequence.key), rank=1)
    yield from _owner({}, sequence)


def drop_sequence(sequence: SchemaObject) -> Iterator[Step]:
    """The statement that takes a sequence away, unless it went with the column that owned it."""
    exists = "IF EXISTS " if "owned by" in sequence.facets else ""
    yield Step(
        Phase.DROP_LOWER,
        f"DROP SEQUENCE {exists}{own_name(sequence.key)}",
        about=bare_name(sequence.key),
        needs="-",
    )


def change_sequence(difference: Difference) -> Iterator[Step]:
    """Statements that make a sequence count in another way; where it stands is kept."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        return
    alter = f"ALTER SEQUENCE {own_name(after.key)}"
    options = list(_options(before.facets, after.facets))
    if options:
        yield Step(Phase.CREATE_LOWER, " ".join([alter, *options]), rank=1)
    if before.facets.get("persistence") != after.facets.get("persistence"):
        kind = "UNLOGGED" if after.facets.get("persistence") == "unlogged" else "LOGGED"
        yield Step(Phase.CREATE_LOWER, f"{alter} SET {kind}", rank=1)
    yield from _owner(before.facets, after)


def _options(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for facet, words in _OPTIONS.items():
        if before.get(facet) != after.get(facet):
            yield f"{words} {after[facet]}" if facet in after else _DEFAULTS[facet]
    if before.get("cycle") != after.get("cycle"):
        yield "CYCLE" if after.get("cycle") == "yes" else "NO CYCLE"


def _owner(before: Mapping[str, str], sequence: SchemaObject) -> Iterator[Step]:
    former, latter = before.get("owned by"), sequence.facets.get("owned by")
    alter = f"ALTER SEQUENCE {own_name(sequence.key)} OWNED BY"
    if latter is not None and latter != former:
        yield Step(Phase.OWN_SEQUENCES, f"{alter} {latter}")
    elif former is not None and latter is None:
        # Before the column goes: it would take the sequence along.
        yield Step(Phase.DETACH, f"{alter} NONE")
