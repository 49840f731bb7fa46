"""An SQLite schema as a snapshot: two questions, and the texts that SQLite keeps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from migrator.database.snapshot.comparing import COLUMN_ORDER, GIVEN_NAME
from migrator.database.snapshot.leaving_out import OWN_TABLES
from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject, Snapshot
from migrator.database.snapshot.sqlite.tables import ConstraintText, Rule, TableText, read_table
from migrator.database.snapshot.sqlite.text import column_type, expression, quoted, tokens, written
from migrator.database.state import Reader

_MASTER: Final = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE substr(name, 1, 7) <> 'sqlite_' AND sql IS NOT NULL"
)
_COLUMNS: Final = (
    'SELECT m.name, x.name, x.type, x."notnull", x.dflt_value, x.pk'
    " FROM sqlite_master m, pragma_table_xinfo(m.name) x"
    " WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY m.name, x.cid"
)
_SHADOWS: Final = (
    "_config", "_content", "_data", "_docsize", "_idx", "_node", "_parent", "_rowid", "_segdir", "_segments", "_stat",
)  # fmt: skip
"""Ends of the names of tables that a virtual table (FTS, R*Tree) keeps for itself."""
_VIRTUAL: Final = "VIRTUAL"


@dataclass(frozen=True, slots=True)
class _Column:
    """A row of ``table_xinfo``."""

    name: str
    type: str
    not_null: bool
    default: str | None
    key: int
    """Place in the primary key, from one; 0: not in it."""


def read(reader: Reader, leave_out: frozenset[str]) -> Snapshot:
    """Read the main database of a connection.

    Args:
        reader: of the database.
        leave_out: names of tables that don't count besides this tool's own, in small letters, with their schema or
            without.

    """
    left_out = OWN_TABLES | {name.rpartition(".")[2] for name in leave_out}
    masters = [
        (str(kind), str(name), str(table), tokens(str(sql)))
        for kind, name, table, sql in reader.fetch(_MASTER)
        if str(table).lower() not in left_out
    ]
    hidden = set(_shadows(masters))
    columns = _columns(reader.fetch(_COLUMNS))
    texts = {
        name: read_table(sql)
        for kind, name, _, sql in masters
        if kind == "table" and sql[1].upper() != _VIRTUAL and name not in hidden
    }
    keys = {name.lower(): _key(columns[name]) for name in texts}
    objects = [each for name, text in texts.items() for each in _table(name, text, columns[name], keys)]
    objects += [
        each
        for kind, name, table, sql in masters
        if name not in texts and table not in hidden
        for each in _by_text(kind, name, table, sql)
    ]
    return Snapshot("sqlite", {each.key: each for each in objects})


def _shadows(masters: Sequence[tuple[str, str, str, list[str]]]) -> Iterator[str]:
    for _, name, _, sql in masters:
        if sql[1].upper() == _VIRTUAL:
            yield from (name + end for end in _SHADOWS)


def _columns(rows: Sequence[tuple[Any, ...]]) -> dict[str, list[_Column]]:
    found: dict[str, list[_Column]] = {}
    for table, name, declared, not_null, default, key in rows:
        column = _Column(str(name), str(declared), bool(not_null), None if default is None else str(default), int(key))
        found.setdefault(str(table), []).append(column)
    return found


def _key(columns: Sequence[_Column]) -> tuple[str, ...]:
    return tuple(quoted(each.name) for each in sorted(columns, key=lambda column: column.key) if each.key)


def _table(
    name: str, text: TableText, columns: Sequence[_Column], keys: Mapping[str, tuple[str, ...]]
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


def _is_row_id(column: _Column, text: TableText) -> bool:
    """Whether a column is the row's own number."""
    if column.type.upper() != "INTEGER" or "WITHOUT ROWID" in text.options:
        return False
    return any(
        constraint.rule is Rule.PRIMARY_KEY and constraint.columns == (quoted(column.name),)
        for constraint in text.constraints
    )


def _column(column: _Column, text: TableText, *, is_row_id: bool) -> dict[str, str]:
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


def _by_text(kind: str, name: str, table: str, sql: list[str]) -> Iterator[SchemaObject]:
    """An object whose text says everything."""
    if kind == "table":
        yield SchemaObject(ObjectKey(Kind.TABLE, None, name), {"definition": written(sql)})
    elif kind == "index":
        yield SchemaObject(ObjectKey(Kind.INDEX, None, name, table), {"definition": written(sql)})
    elif kind == "trigger":
        yield SchemaObject(ObjectKey(Kind.TRIGGER, None, name, table), {"definition": written(sql)})
    elif kind == "view":
        yield SchemaObject(ObjectKey(Kind.VIEW, None, name), {"definition": written(sql)})
