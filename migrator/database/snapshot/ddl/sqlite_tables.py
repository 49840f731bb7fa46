"""Tables of SQLite as statements: made whole, altered where ALTER TABLE can, else the recipe of a rebuild. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from migrator.database.snapshot.comparing import COLUMN_ORDER, GIVEN_NAME, Change, Difference
from migrator.database.snapshot.model import Kind, SchemaObject
from migrator.database.snapshot.sqlite.text import quoted

_LITERAL: Final = re.compile(
    r"[-+]?[\d.]+(?:[eE][-+]?\d+)?|[xX]?'(?:[^']|'')*'|NULL|TRUE|FALSE|CURRENT_\w+", re.IGNORECASE
)
_OPTIONS: Final = ("without rowid", "strict")
_ROW_ID: Final = "primary key"


def created(table: SchemaObject, parts: Sequence[SchemaObject]) -> str:
    """The statement that makes a table with its columns and constraints; of a virtual table its own text."""
    if "definition" in table.facets:
        return table.facets["definition"]
    constraints = [part for part in parts if part.key.kind is Kind.CONSTRAINT]
    columns = _in_order(table, parts)
    counts = any("autoincrement" in column.facets for column in columns)
    lines = [column_definition(column) for column in columns]
    # AUTOINCREMENT can only be said beside the column, together with the key.
    lines += [constraint_definition(each) for each in constraints if not (counts and each.key.name == _ROW_ID)]
    options = ", ".join(option.upper() for option in _OPTIONS if option in table.facets)
    body = ",\n    ".join(lines)
    return f"CREATE TABLE {quoted(table.key.name)} (\n    {body}\n)" + (f" {options}" if options else "")


def _in_order(table: SchemaObject, parts: Sequence[SchemaObject]) -> list[SchemaObject]:
    """The columns of a table, in its order."""
    places = {name: place for place, name in enumerate(table.facets.get(COLUMN_ORDER, "").split(", "))}
    columns = [part for part in parts if part.key.kind is Kind.COLUMN]
    return sorted(columns, key=lambda column: places.get(quoted(column.key.name), len(places)))


def column_definition(column: SchemaObject) -> str:
    """A column as it is written in ``CREATE TABLE`` and ``ADD COLUMN``."""
    facets = column.facets
    parts = [quoted(column.key.name), facets["type"]]
    if "autoincrement" in facets:
        parts.append("PRIMARY KEY AUTOINCREMENT")
    if "collation" in facets:
        parts.append(f"COLLATE {facets['collation']}")
    if "nullable" in facets:
        parts.append("NOT NULL")
    if "default" in facets:
        default = facets["default"]
        parts.append(f"DEFAULT {default if _LITERAL.fullmatch(default) else f'({default})'}")
    if "generated" in facets:
        parts.append(f"GENERATED ALWAYS AS {facets['generated']}")
    return " ".join(part for part in parts if part)


def constraint_definition(constraint: SchemaObject) -> str:
    """A constraint as it is written at the end of a table, with its name if it was given one."""
    name = constraint.facets.get(GIVEN_NAME)
    return (f"CONSTRAINT {quoted(name)} " if name else "") + constraint.facets["definition"]


def added_in_place(
    table: str, columns: Sequence[SchemaObject], constraints: Sequence[SchemaObject]
) -> list[str] | None:
    """The statements that add columns, with constraints that can stand beside them; None where ALTER TABLE can't."""
    beside: dict[str, list[str]] = {column.key.name: [] for column in columns}
    for constraint in constraints:
        column = _column_beside(constraint, columns)
        if column is None:
            return None
        definition = constraint_definition(constraint)
        beside[column].append(definition.replace(f"FOREIGN KEY ({quoted(column)}) ", ""))
    if not all(_can_be_added(column) for column in columns):
        return None
    start = f"ALTER TABLE {quoted(table)} ADD COLUMN"
    return [" ".join((start, column_definition(column), *beside[column.key.name])) for column in columns]


def _column_beside(constraint: SchemaObject, columns: Sequence[SchemaObject]) -> str | None:
    """The new column at which a constraint can be written: a check at the last one, for it may speak of all."""
    definition = constraint.facets["definition"]
    if definition.startswith("CHECK") and columns:
        return columns[-1].key.name
    names = (column.key.name for column in columns)
    return next((name for name in names if definition.startswith(f"FOREIGN KEY ({quoted(name)}) ")), None)


def _can_be_added(column: SchemaObject) -> bool:
    facets = column.facets
    if facets.get("generated", "").endswith("STORED") or "autoincrement" in facets:
        return False
    return "nullable" not in facets or "default" in facets or "generated" in facets


def dropped_in_place(column: SchemaObject) -> bool:
    """Whether a column that no constraint knows can be dropped: all but the row's number."""
    return "autoincrement" not in column.facets


def rebuilt(table: str, changes: Sequence[Difference]) -> Iterator[str]:
    """How a revision rebuilds the table, in comments: SQLite's ALTER TABLE can't."""
    if any(each.key.kind is Kind.TABLE for each in changes):
        facets = ", ".join(facet.name for each in changes if each.key.kind is Kind.TABLE for facet in each.facets)
        yield f"-- {table}: make the table anew and copy its rows; ALTER TABLE of SQLite does not change: {facets}"
        return
    yield f"-- {table}: ALTER TABLE of SQLite cannot do this; rebuild the table in a revision:"
    yield f'-- with op.batch_alter_table("{table}", recreate="always") as batch:'
    yield from (f"--     {_call(each)}" for each in changes)


def _call(difference: Difference) -> str:
    name, is_column = difference.key.name, difference.key.kind is Kind.COLUMN
    if difference.after is None:
        if is_column:
            return f'batch.drop_column("{name}")'
        given = difference.before.facets.get(GIVEN_NAME) if difference.before else None
        return f'batch.drop_constraint("{given}")' if given else f"# leave out the constraint without a name: {name}"
    if not is_column:
        return f"# {'add' if difference.before is None else 'change'}: {constraint_definition(difference.after)}"
    if difference.change is Change.ADDED:
        return f'batch.add_column(sa.Column("{name}", ...))  # {column_definition(difference.after)}'
    return f'batch.alter_column("{name}", ...)  # {column_definition(difference.after)}'
