"""An SQLite schema as a snapshot: two questions, and the texts that SQLite keeps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from migrator.database.snapshot.leaving_out import OWN_TABLES
from migrator.database.snapshot.model import SchemaObject, Snapshot
from migrator.database.snapshot.sqlite.objects import (
    Row,
    object_by_text,
    objects_of_table,
    primary_key,
    targets_of,
    text_of,
)
from migrator.database.state import Reader

_MASTER: Final = (
    "SELECT type, name, tbl_name, sql FROM sqlite_master WHERE substr(name, 1, 7) <> 'sqlite_' AND sql IS NOT NULL"
)
_COLUMNS: Final = (
    'SELECT m.name, x.name, x.type, x."notnull", x.dflt_value, x.pk'
    " FROM sqlite_master m, pragma_table_xinfo(m.name) x"
    " WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY m.name, x.cid"
)
_VIRTUAL: Final = "CREATE VIRTUAL"
_SHADOWS: Final = (
    "_config", "_content", "_data", "_docsize", "_idx", "_node", "_parent", "_rowid", "_segdir", "_segments", "_stat",
)  # fmt: skip
"""Ends of the names of tables that a virtual table (FTS, R*Tree) keeps for itself."""

Master = tuple[str, str, str, str]
"""Kind, name, table and text of an object."""


def read(reader: Reader, leave_out: frozenset[str]) -> Snapshot:
    """Read the main database of a connection.

    Args:
        reader: of the database.
        leave_out: names of tables that don't count besides this tool's own, in small letters, with their schema or
            without.

    """
    left_out = OWN_TABLES | {name.rpartition(".")[2] for name in leave_out}
    masters = [(str(kind), str(name), str(table), str(sql)) for kind, name, table, sql in reader.fetch(_MASTER)]
    masters = [each for each in masters if each[2].lower() not in left_out]
    found = _objects(masters, _columns(reader))
    return Snapshot("sqlite", {each.key: each for each in found})


def _columns(reader: Reader) -> dict[str, tuple[Row, ...]]:
    found: dict[str, list[Row]] = {}
    for table, *row in reader.fetch(_COLUMNS):
        name, declared, not_null, default, key = row
        found.setdefault(str(table), []).append((str(name), str(declared), not_null, default, key))
    return {table: tuple(rows) for table, rows in found.items()}


def _objects(masters: list[Master], columns: dict[str, tuple[Row, ...]]) -> Iterator[SchemaObject]:
    hidden = set(_shadows(masters))
    rows = {table.lower(): of_table for table, of_table in columns.items()}
    for kind, name, table, sql in masters:
        if table in hidden:
            continue
        if kind == "table" and not _is_virtual(sql):
            targets = targets_of(text_of(sql))
            keys = tuple((target, primary_key(rows.get(target, ()))) for target in targets)
            yield from objects_of_table(name, sql, columns[name], keys)
        else:
            yield object_by_text(kind, name, table, sql)


def _shadows(masters: Iterable[Master]) -> Iterator[str]:
    for _, name, _, sql in masters:
        if _is_virtual(sql):
            yield from (name + end for end in _SHADOWS)


def _is_virtual(sql: str) -> bool:
    return sql[: len(_VIRTUAL)].upper() == _VIRTUAL
