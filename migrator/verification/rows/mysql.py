"""MySQL and MariaDB: what information_schema says about the tables of a database, and how values are written there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

from migrator.database.ledger.place import TABLES
from migrator.database.state import LEASE, Reader
from migrator.verification.rows.facts import (
    Check,
    ColumnFacts,
    Facts,
    ForeignKey,
    Form,
    TableFacts,
    TableName,
    TypeFacts,
    Uniqueness,
)
from migrator.verification.rows.mysql_values import BYTES, MOMENTS, SHAPES, mysql_value
from migrator.verification.rows.values import Solved

_COLUMNS: Final = """
    SELECT c.table_name, c.column_name, c.data_type, c.column_type, c.character_maximum_length, c.numeric_precision,
      c.numeric_scale, c.is_nullable, c.column_default, c.extra, c.generation_expression
    FROM information_schema.columns c
    JOIN information_schema.tables t ON t.table_schema = c.table_schema AND t.table_name = c.table_name
    WHERE c.table_schema = DATABASE() AND t.table_type = 'BASE TABLE'{only} ORDER BY c.table_name, c.ordinal_position
"""
_UNIQUES: Final = """
    SELECT c.table_name, c.index_name, c.column_name FROM information_schema.statistics c
    WHERE c.table_schema = DATABASE() AND c.non_unique = 0{only} ORDER BY c.table_name, c.index_name, c.seq_in_index
"""
_FOREIGN_KEYS: Final = """
    SELECT c.table_name, c.constraint_name, c.column_name, c.referenced_table_name, c.referenced_column_name
    FROM information_schema.key_column_usage c
    WHERE c.table_schema = DATABASE() AND c.referenced_table_name IS NOT NULL{only}
    ORDER BY c.table_name, c.constraint_name, c.ordinal_position
"""
_CHECKS: Final = """
    SELECT c.table_name, c.constraint_name, k.check_clause FROM information_schema.table_constraints c
    JOIN information_schema.check_constraints k
      ON k.constraint_schema = c.constraint_schema AND k.constraint_name = c.constraint_name{of_table}
    WHERE c.table_schema = DATABASE() AND c.constraint_type = 'CHECK'{only}
"""
_CHECKS_HAVE_TABLES: Final = """
    SELECT 1 FROM information_schema.columns
    WHERE upper(table_schema) = 'INFORMATION_SCHEMA' AND upper(table_name) = 'CHECK_CONSTRAINTS'
      AND upper(column_name) = 'TABLE_NAME'
"""
_LABEL: Final = re.compile(r"'((?:[^']|'')*)'")
_FAMILIES: Final = {
    "tinyint": "int2",
    "smallint": "int2",
    "mediumint": "int4",
    "int": "int4",
    "bigint": "int8",
    "decimal": "numeric",
    "float": "float4",
    "double": "float8",
    "varchar": "varchar",
    "char": "bpchar",
    "tinytext": "text",
    "text": "text",
    "mediumtext": "text",
    "longtext": "text",
    "datetime": "timestamp",
}
"""Types of which `candidates` knows values, by the names that it knows them by."""


class Mysql:
    """Their ways, as `migrator.verification.rows.dialect.Dialect` wants them."""

    several_statements = False
    sees_own_target = False

    def __init__(self) -> None:
        self._checks: str | None = None

    def read_facts(self, reader: Reader, tables: Collection[TableName] | None, leave_out: frozenset[str]) -> Facts:
        """Read the catalog in four questions; a table has no schema but the database, and is named without it."""
        names = None if tables is None else sorted({name for _, name in tables})
        only = "" if names is None else f" AND c.table_name IN ({', '.join(self._text(name) for name in names)})"
        if names is not None and not names:
            return {}
        if self._checks is None:
            of_table = " AND k.table_name = c.table_name" if reader.fetch(_CHECKS_HAVE_TABLES) else ""
            self._checks = _CHECKS.replace("{of_table}", of_table)
        columns, uniques, keys, checks = (
            _by_table(reader.fetch(query.format(only=only)))
            for query in (_COLUMNS, _UNIQUES, _FOREIGN_KEYS, self._checks)
        )
        return {
            (None, name): _table(name, columns[name], uniques[name], keys[name], checks[name])
            for name in columns
            if name not in leave_out and name not in (*TABLES, LEASE)
        }

    def quoted(self, name: str) -> str:
        """A name in backticks."""
        return "`" + name.replace("`", "``") + "`"

    def relation(self, table: TableName) -> str:
        """The name."""
        return self.quoted(table[1])

    def own_rows(self, table: TableName) -> str:
        """The name: there are no children."""
        return self.quoted(table[1])

    def literal(self, text: str | None, kind: TypeFacts) -> str:
        """Bits, bytes and shapes have a notation of their own."""
        if text is None:
            return "NULL"
        if kind.name == "bit":
            return f"b'{text}'"
        if kind.name in BYTES:
            return f"X'{text}'"
        return f"ST_GeomFromText({self._text(text)})" if kind.name in SHAPES else self._text(text)

    def cast(self, text: str | None, kind: TypeFacts) -> str:
        """A number stands without quotes; the rest is compared as the column would be."""
        if text is None or kind.name not in ("int2", "int4", "int8", "numeric", "float4", "float8"):
            return (
                f"CAST({self._text(text)} AS datetime)" if text and kind.name in MOMENTS else self.literal(text, kind)
            )
        return text

    def joined(self, terms: Sequence[str]) -> str:
        """With a function."""
        return f"concat({', '.join(terms)})"

    def as_text(self, column: str, kind: TypeFacts) -> str:
        """Bytes as hexadecimal digits."""
        name = self.quoted(column)
        if kind.name in BYTES or kind.name == "bit":
            return f"hex({name})"
        return f"ST_AsText({name})" if kind.name in SHAPES else f"CAST({name} AS char)"

    def usual(self, kind: TypeFacts, variant: int, solved: Solved) -> str | None:  # noqa: ARG002
        """From the table of types."""
        return mysql_value(kind, variant)

    def insert(self, table: TableFacts, names: Sequence[str], terms: Sequence[str]) -> str:
        """One row, an empty one too."""
        columns = ", ".join(self.quoted(each) for each in names)
        return f"INSERT INTO {self.relation(table.table)} ({columns}) VALUES ({', '.join(terms)})"  # noqa: S608

    def update_one(self, table: TableFacts, assignments: str, condition: str) -> str:
        """One of them."""
        return f"UPDATE {self.relation(table.table)} SET {assignments} WHERE {condition} LIMIT 1"  # noqa: S608

    def together(self, inserts: Sequence[str]) -> tuple[str, ...]:
        """Without checking foreign keys, for these statements alone."""
        return tuple(self._unchecked(each) for each in inserts)

    def truncate(self, tables: Sequence[TableName]) -> tuple[str, ...]:
        """One after the other: TRUNCATE refuses tables that others refer to."""
        return tuple(self._unchecked(f"DELETE FROM {self.relation(each)}") for each in tables)  # noqa: S608

    def _unchecked(self, statement: str) -> str:
        """The statement in MariaDB's words for a setting of one statement, and in MySQL's: each ignores the other's."""
        verb, rest = statement.split(" ", 1)
        return f"/*M! SET STATEMENT foreign_key_checks=0 FOR */ {verb} /*+ SET_VAR(foreign_key_checks=OFF) */ {rest}"

    def _text(self, text: str) -> str:
        return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _by_table(rows: Iterable[tuple[Any, ...]]) -> defaultdict[str, list[tuple[Any, ...]]]:
    found: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for table, *rest in rows:
        found[str(table)].append(tuple(rest))
    return found


def _table(
    name: str,
    columns: Sequence[tuple[Any, ...]],
    uniques: Sequence[tuple[Any, ...]],
    keys: Sequence[tuple[Any, ...]],
    checks: Sequence[tuple[Any, ...]],
) -> TableFacts:
    read = tuple(_column(each) for each in columns)
    indexes = _grouped(uniques)
    return TableFacts(
        table=(None, name),
        columns=read,
        key=tuple(str(column) for (column,) in indexes.get("PRIMARY", ())),
        uniques=tuple(_unique(each, read) for each in indexes.values()),
        checks=tuple(_check(str(check), str(clause), read) for check, clause in checks),
        foreign_keys=tuple(
            ForeignKey(
                name=key,
                columns=tuple(own for own, _, _ in parts),
                parent=(None, parts[0][1]),
                parent_columns=tuple(theirs for _, _, theirs in parts),
            )
            for key, parts in _grouped(keys).items()
        ),
    )


def _grouped(rows: Sequence[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    found: defaultdict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for first, *rest in rows:
        found[str(first)].append(tuple(rest))
    return found


def _unique(parts: Sequence[tuple[Any, ...]], columns: Sequence[ColumnFacts]) -> Uniqueness:
    names = tuple(str(column) for (column,) in parts if column is not None)
    if len(names) == len(parts):
        return Uniqueness(columns=names)
    return Uniqueness(columns=tuple(each.name for each in columns), every=True)  # an expression, which is not told


def _check(name: str, clause: str, columns: Sequence[ColumnFacts]) -> Check:
    expression = clause.replace("\\'", "'")
    inside = tuple(each.name for each in columns if f"`{each.name}`" in expression)
    return Check(name=name, expression=expression, columns=inside)


def _column(said: Sequence[Any]) -> ColumnFacts:
    name, kind, spelled, length, digits, scale, nullable, default, extra, generated = said
    return ColumnFacts(
        name=name,
        type=_type(kind.lower(), spelled, digits if kind.lower() in ("decimal", "bit") else length, int(scale or 0)),
        required=nullable == "NO",
        default=None if default in (None, "NULL") else default,
        counted="auto_increment" in (extra or "").lower(),
        generated=bool(generated),
    )


def _type(kind: str, spelled: str, size: int | None, scale: int) -> TypeFacts:
    labelled = kind in ("enum", "set")
    unlimited = kind in ("text", "mediumtext", "longtext")
    return TypeFacts(
        name="bool" if spelled.lower().startswith("tinyint(1)") else _FAMILIES.get(kind, kind),
        spelled=kind,
        form=Form.ENUM if labelled else Form.PLAIN,
        length=None if size is None or unlimited else int(size),
        scale=scale,
        labels=tuple(each.replace("''", "'") for each in _LABEL.findall(spelled)) if labelled else (),
    )
