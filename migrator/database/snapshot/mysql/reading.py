"""A MySQL or MariaDB schema as a snapshot: as many questions to ``information_schema``, however large it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from migrator.database.snapshot.comparing import COLUMN_ORDER
from migrator.database.snapshot.leaving_out import OWN_TABLES
from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject, Snapshot
from migrator.database.snapshot.mysql.asking import Asking
from migrator.database.snapshot.mysql.keys import read_checks, read_foreign_keys, read_keys
from migrator.database.snapshot.mysql.partitions import read_partitions
from migrator.database.snapshot.mysql.programs import read_events, read_routines, read_triggers, read_views
from migrator.database.snapshot.mysql.sequences import read_sequences
from migrator.database.snapshot.mysql.text import literal, unqualified
from migrator.database.state import Reader

_TABLES: Final = (
    "SELECT table_name, table_type, engine, table_collation, create_options, table_comment"
    " FROM information_schema.tables WHERE table_schema = DATABASE()"
)
_COLUMNS: Final = (
    "SELECT table_name, column_name, column_type, is_nullable, column_default, extra, collation_name, column_comment,"
    " generation_expression FROM information_schema.columns WHERE table_schema = DATABASE()"
    " ORDER BY table_name, ordinal_position"
)
_VERSIONED: Final = "SYSTEM VERSIONED"
_GENERATED: Final = {"VIRTUAL GENERATED": "VIRTUAL", "STORED GENERATED": "STORED"}
_ON_UPDATE: Final = "on update "


def read(reader: Reader, leave_out: frozenset[str]) -> Snapshot:
    """Read the current database of a connection.

    Args:
        reader: of the database.
        leave_out: names of tables that don't count besides this tool's own, in small letters, with their schema or
            without.

    """
    left_out = OWN_TABLES | {name.rpartition(".")[2] for name in leave_out}
    asking = Asking(reader)
    tables = {str(row[0]): tuple(row[1:]) for row in reader.fetch(_TABLES) if str(row[0]).lower() not in left_out}
    real = {name: rest for name, rest in tables.items() if rest[0] in ("BASE TABLE", _VERSIONED)}
    sequences = sorted(name for name, rest in tables.items() if rest[0] == "SEQUENCE")
    checks = list(read_checks(asking))
    beside = {(check.table, check.name): check.condition for check in checks if check.beside_column}
    found = [
        *_tables(asking, real, beside),
        *read_keys(asking),
        *read_foreign_keys(asking),
        *(check.as_object() for check in checks if not check.beside_column),
        *read_views(asking),
        *read_triggers(asking),
        *read_routines(asking),
        *read_events(asking),
        *read_sequences(asking, sequences),
    ]
    return Snapshot(
        reader.dialect, {each.key: each for each in found if each.key.table is None or each.key.table in tables}
    )


def _tables(
    asking: Asking, tables: Mapping[str, tuple[Any, ...]], checks: Mapping[tuple[str, str], str]
) -> Iterator[SchemaObject]:
    order: dict[str, list[str]] = {name: [] for name in tables}
    for table, column, *rest in asking.reader.fetch(_COLUMNS):
        if str(table) in tables:
            order[str(table)].append(str(column))
            facets = _column(asking, rest)
            if (str(table), str(column)) in checks:
                facets["check"] = checks[str(table), str(column)]
            yield SchemaObject(ObjectKey(Kind.COLUMN, None, str(column), str(table)), facets)
    partitions = read_partitions(asking)
    for name, (table_type, engine, collation, options, comment) in tables.items():
        facets = {"engine": str(engine), "collation": str(collation), COLUMN_ORDER: ", ".join(order[name])}
        kept = " ".join(option for option in str(options or "").split() if option != "partitioned")
        facets |= {word: value for word, value in (("options", kept), ("comment", str(comment))) if value}
        if table_type == _VERSIONED:
            facets["system versioning"] = "yes"
        if name in partitions:
            facets["partitions"] = partitions[name]
        yield SchemaObject(ObjectKey(Kind.TABLE, None, name), facets)


def _column(asking: Asking, row: list[Any]) -> dict[str, str]:
    declared, nullable, default, extra, collation, comment, generation = row
    extra = str(extra or "")
    facets = {"type": str(declared)}
    if nullable == "NO":
        facets["nullable"] = "no"
    stored = next((how for word, how in _GENERATED.items() if word in extra), None)
    if stored:
        facets["generated"] = f"({unqualified(str(generation), asking.database)}) {stored}"
    elif default is not None and str(default).upper() != "NULL":
        facets["default"] = _default(asking, str(default), extra)
    if _ON_UPDATE in extra.lower():
        facets["on update"] = extra[extra.lower().index(_ON_UPDATE) + len(_ON_UPDATE) :]
    if collation is not None:
        # Told of every text: a table's own collation is only what columns get that are added later.
        facets["collation"] = str(collation)
    if "auto_increment" in extra.lower():
        facets["autoincrement"] = "yes"
    if "INVISIBLE" in extra:
        facets["invisible"] = "yes"
    if "WITHOUT SYSTEM VERSIONING" in extra:
        facets["system versioning"] = "no"
    if comment:
        facets["comment"] = str(comment)
    return facets


def _default(asking: Asking, default: str, extra: str) -> str:
    """A default as it is written: MariaDB gives it so, MySQL gives a value bare and says when it is an expression."""
    if asking.is_mariadb:
        return unqualified(default, asking.database)
    if "DEFAULT_GENERATED" in extra:
        return default if default.upper().startswith("CURRENT_TIMESTAMP") else f"({default})"
    return default if default.startswith("b'") else literal(default)
