"""Statements for columns: in a new table, added, dropped, and changed in place where that can be done."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from migrator.database.snapshot.comparing import Difference
from migrator.database.snapshot.ddl.postgresql.naming import quoted, table_of
from migrator.database.snapshot.ddl.postgresql.parameters import options_changed
from migrator.database.snapshot.ddl.postgresql.steps import Phase, Step
from migrator.database.snapshot.model import SchemaObject

_IDENTITY_OPTION: Final = re.compile(
    r"START WITH -?\d+|INCREMENT BY -?\d+|NO MINVALUE|MINVALUE -?\d+|NO MAXVALUE|MAXVALUE -?\d+|CACHE \d+"
    r"|NO CYCLE|CYCLE|SEQUENCE NAME \S+",
    re.IGNORECASE,
)
_MAIN: Final = ("numeric", "inet", "cidr")
"""Types that are kept in the row as long as they can be; others of variable length are not."""
_USUAL_IDENTITY: Final = {
    "START": "START WITH 1",
    "INCREMENT": "INCREMENT BY 1",
    "MINVALUE": "NO MINVALUE",
    "MAXVALUE": "NO MAXVALUE",
    "CACHE": "CACHE 1",
    "CYCLE": "NO CYCLE",
}
"""What an option is when nothing is said of it."""
_SETTINGS: Final = ("storage", "compression", "statistics")


def column_definition(column: SchemaObject) -> str:
    """A column as ``CREATE TABLE`` and ``ADD COLUMN`` have it."""
    facets = column.facets
    parts = [quoted(column.key.name), facets["type"]]
    if "collation" in facets:
        parts.append(f"COLLATE {facets['collation']}")
    if "generated" in facets:
        parts.append(_generated(facets["generated"]))
    elif "identity" in facets:
        parts.append(_identity(facets["identity"]))
    elif "default" in facets:
        parts.append(f"DEFAULT {facets['default']}")
    if facets.get("nullable") == "no" and "validity" not in facets:
        parts.append("NOT NULL")
    return " ".join(parts)


def column_settings(column: SchemaObject) -> Iterator[Step]:
    """What a new column has beyond its definition."""
    if "validity" in column.facets:
        yield from _nullable(column, {}, column.facets)
    yield from _settings(column, {}, column.facets)


def add_column(column: SchemaObject) -> Iterator[Step]:
    """Statements that give a table one more column; what a view's has beyond the view's definition."""
    if "type" not in column.facets:
        yield from _default(_alter(column), {}, column.facets, again=False)
        yield from column_settings(column)
        return
    if is_inherited(column):
        return
    yield Step(
        Phase.ADD_COLUMNS,
        f"ALTER TABLE {table_of(column.key)} ADD COLUMN {column_definition(column)}",
        rank=1 if "generated" in column.facets else 0,
    )
    yield from column_settings(column)


def drop_column(column: SchemaObject) -> Iterator[Step]:
    """The statement that takes a column away; a generated one goes before those that it is made of."""
    if "type" not in column.facets:
        yield from _default(_alter(column), column.facets, {}, again=False)
        return
    if is_inherited(column):
        return
    yield Step(
        Phase.DROP_COLUMNS,
        f"ALTER TABLE {table_of(column.key)} DROP COLUMN {quoted(column.key.name)}",
        rank=0 if "generated" in column.facets else 1,
    )


def change_column(difference: Difference) -> Iterator[Step]:
    """Statements that make one column of another shape."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        return
    changed = {facet.name for facet in difference.facets}
    if is_inherited(before) and is_inherited(after):
        changed -= {"type", "collation", "generated"}
    if "generated" in changed and "generated" in after.facets:
        # An expression cannot be given to a column that has none, and be changed only on the newest servers.
        yield from drop_column(before)
        yield from add_column(after)
        return
    alter = _alter(after)
    if "generated" in changed:
        yield Step(Phase.DROP_DEFAULTS, f"{alter} DROP EXPRESSION")
    retyped = bool(changed & {"type", "collation"})
    yield from _default(alter, before.facets, after.facets, again=retyped)
    if retyped:
        yield from _type(alter, before.facets, after.facets)
    if changed & {"nullable", "validity"}:
        yield from _nullable(after, before.facets, after.facets)
    if "identity" in changed:
        yield from _identity_change(alter, before.facets.get("identity"), after.facets.get("identity"))
    yield from _settings(after, before.facets, after.facets)


def is_inherited(column: SchemaObject) -> bool:
    """Whether it comes and goes with the column of a parent."""
    return "inherited" in column.facets


def _alter(column: SchemaObject) -> str:
    return f"ALTER TABLE {table_of(column.key)} ALTER COLUMN {quoted(column.key.name)}"


def _default(alter: str, before: Mapping[str, str], after: Mapping[str, str], *, again: bool) -> Iterator[Step]:
    """A default is taken off while the type changes: the server cannot always cast it."""
    former, latter = before.get("default"), after.get("default")
    if former is not None and (latter is None or again):
        yield Step(Phase.DROP_DEFAULTS, f"{alter} DROP DEFAULT")
    if latter is not None and (latter != former or again):
        yield Step(Phase.SET_DEFAULTS, f"{alter} SET DEFAULT {latter}")


def _type(alter: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Step]:
    collation = f" COLLATE {after['collation']}" if "collation" in after else ""
    if before["type"] == after["type"]:
        yield Step(Phase.ALTER_COLUMNS, f"{alter} TYPE {after['type']}{collation}")
        return
    column = alter.rpartition(" ALTER COLUMN ")[2]
    through_text = "" if _casts_plainly(before["type"], after["type"]) else "::text"
    yield Step(Phase.ALTER_COLUMNS, f"-- check the data: {before['type']} becomes {after['type']}")
    yield Step(
        Phase.ALTER_COLUMNS,
        f"{alter} TYPE {after['type']}{collation} USING {column}{through_text}::{after['type']}",
    )


def _casts_plainly(before: str, after: str) -> bool:
    """Whether neither is a type of the user's own: between these only text is sure to have a cast."""
    return "." not in before and "." not in after


def _nullable(column: SchemaObject, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Step]:
    alter = _alter(column)
    unchecked = "validity" in after
    if "nullable" in before and (unchecked or "nullable" not in after):
        yield Step(Phase.ALTER_COLUMNS, f"{alter} DROP NOT NULL", rank=1)
    if unchecked:
        add = f"ALTER TABLE {table_of(column.key)} ADD NOT NULL {quoted(column.key.name)} NOT VALID"
        yield Step(Phase.ALTER_COLUMNS, add, rank=2)
    elif "nullable" in after:
        yield Step(Phase.ALTER_COLUMNS, f"{alter} SET NOT NULL", rank=2)


def _identity(facet: str) -> str:
    kind = "BY DEFAULT" if facet.lower().startswith("by default") else "ALWAYS"
    options = _IDENTITY_OPTION.findall(facet)
    return f"GENERATED {kind} AS IDENTITY" + (f" ({' '.join(options)})" if options else "")


def _identity_change(alter: str, before: str | None, after: str | None) -> Iterator[Step]:
    if after is None:
        yield Step(Phase.DROP_DEFAULTS, f"{alter} DROP IDENTITY")
    elif before is None:
        yield Step(Phase.SET_DEFAULTS, f"{alter} ADD {_identity(after)}")
    else:
        kind = "BY DEFAULT" if after.lower().startswith("by default") else "ALWAYS"
        former, latter = _IDENTITY_OPTION.findall(before), _IDENTITY_OPTION.findall(after)
        named = {option.split()[0] for option in latter}
        usual = [_USUAL_IDENTITY[name] for name in (option.split()[0] for option in former) if name not in named]
        changes = [f"SET {option}" for option in (*latter, *usual) if option not in former]
        yield Step(Phase.SET_DEFAULTS, " ".join([alter, f"SET GENERATED {kind}", *changes]) + "")


def _generated(facet: str) -> str:
    expression, _, how = facet.rpartition(" ")
    return f"GENERATED ALWAYS AS ({expression}) {how.upper()}"


def _settings(column: SchemaObject, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Step]:
    alter = _alter(column)
    # Servers before 16 have no word for the storage that a type has by itself.
    storage = "MAIN" if after.get("type", "").startswith(_MAIN) else "EXTENDED"
    unset = {"storage": storage, "compression": "DEFAULT", "statistics": "-1"}
    for words in options_changed(before.get("options"), after.get("options")):
        yield Step(Phase.ALTER_TABLES, f"{alter} {words}")
    for name in _SETTINGS:
        if before.get(name) != after.get(name):
            value = after.get(name, unset[name])
            yield Step(Phase.ALTER_TABLES, f"{alter} SET {name.upper()} {value.upper()}")
