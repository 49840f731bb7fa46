"""Objects of a snapshot from what SQLite keeps of them. Pure; what was read once is known by its text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from migrator.database.snapshot.comparing import COLUMN_ORDER, GIVEN_NAME
from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject
from migrator.database.snapshot.sqlite.tables import ConstraintText, Rule, TableText, read_table
from migrator.database.snapshot.sqlite.text import column_type, expression, quoted, tokens, written

_REMEMBERED: Final = 20_000
"""A walk through a history reads a schema again after each step, and most of it is as it was."""
_KINDS: Final = {"table": Kind.TABLE, "index": Kind.INDEX, "trigger": Kind.TRIGGER, "view": Kind.VIEW}


@dataclass(frozen=True, slots=True)
class Column:
    """A row of ``table_xinfo``."""

    name: str
    type: str
    not_null: bool
    default: str | None
    key: int
    """Place in the primary key, from one; 0: not in it."""


Row = tuple[str, str, int, str | None, int]
"""The same as it comes from the database."""


@lru_cache(maxsize=_REMEMBERED)
def text_of(sql: str) -> TableText:
    """What the text of a table says."""
    return read_table(tokens(sql))


def targets_of(text: TableText) -> tuple[str, ...]:
    """The tables that foreign keys lead to without saying to which columns, in small letters."""
    return tuple(
        each.target.lower() for each in text.constraints if each.rule is Rule.FOREIGN_KEY and not each.target_columns
    )


def primary_key(rows: Sequence[Row]) -> tuple[str, ...]:
    """The columns of a table's primary key."""
    return tuple(quoted(name) for name, _, _, _, place in sorted(rows, key=lambda row: row[4]) if place)


@lru_cache(maxsize=_REMEMBERED)
def objects_of_table(
    name: str, sql: str, rows: tuple[Row, ...], keys: tuple[tuple[str, tuple[str, ...]], ...]
) -> tuple[SchemaObject, ...]:
    """A table with its columns and constraints.

    Args:
        name: of the table.
        sql: its text.
        rows: its columns.
        keys: primary key of each table of `targets_of`.

    """
    columns = [Column(name, declared, bool(null), default, key) for name, declared, null, default, key in rows]
    return tuple(_table(name, text_of(sql), columns, dict(keys)))


@lru_cache(maxsize=_REMEMBERED)
def object_by_text(kind: str, name: str, table: str, sql: str) -> SchemaObject:
    """An object whose text says everything."""
    found = _KINDS[kind]
    key = ObjectKey(found, None, name, table if found in (Kind.INDEX, Kind.TRIGGER) else None)
    return SchemaObject(key, {"definition": written(tokens(sql))})


def _table(
    name: str, text: TableText, columns: Sequence[Column], keys: Mapping[str, tuple[str, ...]]
) -> Iterator[SchemaObject]:
    order = ", ".join(quoted(column.name) for column in columns)
    options = {option.lower(): "yes" for option in text.options}
    yield SchemaObject(ObjectKey(Kind.TABLE, None, name), {COLUMN_ORDER: order, **options})
    for column in columns:
        key = ObjectKey(Kind.COLUMN, None, column.name, name)
        yield SchemaObject(key, _column(column, text, is_row_id=_is_row_id(column, text)))
    seen: Counter[str] = Counter()
    for constraint in text.constraints:
        title, definition = _constraint(constraint, keys)
        seen[title] += 1
        title += f" (number {seen[title]})" if seen[title] > 1 else ""
        facets = {"definition": definition, **({GIVEN_NAME: constraint.name} if constraint.name else {})}
        yield SchemaObject(ObjectKey(Kind.CONSTRAINT, None, title, name), facets)


def _is_row_id(column: Column, text: TableText) -> bool:
    """Whether a column is the row's own number."""
    if column.type.upper() != "INTEGER" or "WITHOUT ROWID" in text.options:
        return False
    return any(
        constraint.rule is Rule.PRIMARY_KEY and constraint.columns == (quoted(column.name),)
        for constraint in text.constraints
    )


def _column(column: Column, text: TableText, *, is_row_id: bool) -> dict[str, str]:
    more = text.columns[column.name.lower()]
    declared = column_type(column.type)
    # A batch rewrite spells INT out. Only of a key it says something: INT PRIMARY KEY is not the row's number.
    facets = {"type": "INTEGER" if declared == "INT" and not column.key else declared}
    # The row's number is never null, whether its declaration says so or not: a batch rewrite says so. The same goes
    # for the key of a table without row numbers.
    implied = is_row_id or (column.key > 0 and "WITHOUT ROWID" in text.options)
    if column.not_null and not implied:
        facets["nullable"] = "no"
    default = None if column.default is None else expression(column.default)
    if default is not None and default.upper() != "NULL":
        facets["default"] = default
    if more.generated:
        facets["generated"] = more.generated
    if more.collation and more.collation != "BINARY":
        facets["collation"] = more.collation
    if more.autoincrement:
        facets["autoincrement"] = "yes"
    return facets


def _constraint(constraint: ConstraintText, keys: Mapping[str, tuple[str, ...]]) -> tuple[str, str]:
    """What a constraint is known by, and its definition.

    It is known by what it demands and not by its name: SQLite never needs the name, a batch rewrite gives names to
    constraints that had none (naming convention) and loses others, and a constraint written beside its column comes
    back at the end of the table.
    """
    columns = ", ".join(constraint.columns)
    if constraint.rule is Rule.CHECK:
        return f"check ({constraint.expression})", f"CHECK ({constraint.expression})"
    definition = f"{constraint.rule} ({columns})"
    if constraint.rule is Rule.PRIMARY_KEY:
        return "primary key", definition + constraint.options
    if constraint.rule is Rule.UNIQUE:
        return f"unique ({columns})", definition + constraint.options
    # A foreign key without columns of its target means the target's primary key.
    target_columns = constraint.target_columns or keys.get(constraint.target.lower(), ())
    target = f"{quoted(constraint.target)} ({', '.join(target_columns)})"
    return f"foreign key ({columns}) to {target}", f"{definition} REFERENCES {target}{constraint.options}"
