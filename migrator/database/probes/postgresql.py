"""PostgreSQL's catalog, asked for what a statement makes, drops, renames or validates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from migrator.database.catalog import catalog_of
from migrator.database.probes.indexes import built
from migrator.database.probes.partitions import is_partition
from migrator.database.probes.presence import Presence, was_created, was_dropped, was_renamed
from migrator.database.state import Reader
from migrator.database.statements.model import Statement

_RELATIONS: Final = {
    "TABLE": "'r', 'p'",
    "FOREIGN TABLE": "'f'",
    "SEQUENCE": "'S'",
    "VIEW": "'v'",
    "MATERIALIZED VIEW": "'m'",
    "INDEX": "'i', 'I'",
}
_IN_SCHEMAS: Final = {
    kind: ("pg_class", "relname", "relnamespace", f"o.relkind IN ({relkinds})") for kind, relkinds in _RELATIONS.items()
} | {
    "TYPE": ("pg_type", "typname", "typnamespace", "true"),
    "DOMAIN": ("pg_type", "typname", "typnamespace", "typtype = 'd'"),
    "STATISTICS": ("pg_statistic_ext", "stxname", "stxnamespace", "true"),
    "COLLATION": ("pg_collation", "collname", "collnamespace", "true"),
}
_IN_DATABASE: Final = {
    "SCHEMA": ("pg_namespace", "nspname"),
    "EXTENSION": ("pg_extension", "extname"),
    "PUBLICATION": ("pg_publication", "pubname"),
    "EVENT TRIGGER": ("pg_event_trigger", "evtname"),
    "SERVER": ("pg_foreign_server", "srvname"),
    "DATABASE": ("pg_database", "datname"),
    "TABLESPACE": ("pg_tablespace", "spcname"),
    "ROLE": ("pg_roles", "rolname"),
    "USER": ("pg_roles", "rolname"),
}
_ON_TABLES: Final = {
    "COLUMN": "pg_attribute WHERE attrelid = to_regclass(?) AND attname = ? AND attnum > 0 AND NOT attisdropped",
    "CONSTRAINT": "pg_constraint WHERE conrelid = to_regclass(?) AND conname = ?",
    "TRIGGER": "pg_trigger WHERE tgrelid = to_regclass(?) AND tgname = ? AND NOT tgisinternal",
    "POLICY": "pg_policy WHERE polrelid = to_regclass(?) AND polname = ?",
    "RULE": "pg_rewrite WHERE ev_class = to_regclass(?) AND rulename = ?",
}


def quoted(name: str, schema: str | None) -> str:
    """A name as ``to_regclass`` reads it."""
    return catalog_of("postgresql").quoted(name, schema)


def took_effect(reader: Reader, statement: Statement) -> bool | None:
    """Whether a single statement of nature SCHEMA took effect; None where that can't be told."""
    verb, _, kind = statement.verb.partition(" ")
    kind, action = _action(kind) if verb == "ALTER" else (kind.removesuffix(" CONCURRENTLY"), verb)
    if kind == "TABLE" and action in _TABLE_PROBES:
        return _TABLE_PROBES[action](reader, statement)
    if verb == "CREATE" and kind == "INDEX":
        return built(reader, statement)
    if kind in _ON_TABLES and action in ("CREATE", "DROP"):
        return _on_table(reader, statement, kind, wanted=action == "CREATE")
    probe = _OBJECT_PROBES.get(action)
    return probe(reader, statement, kind) if probe is not None else None


def _action(words: str) -> tuple[str, str]:
    """``TABLE ADD COLUMN`` as a kind and what is done to it."""
    for kind in (*_IN_SCHEMAS, *_IN_DATABASE):
        if words.startswith(f"{kind} "):
            return kind, words.removeprefix(f"{kind} ")
    return words, ""


def _find(reader: Reader, kind: str, name: str, schema: str | None, *, temporary: bool = False) -> Presence | None:
    if kind in _IN_DATABASE:
        catalog, column = _IN_DATABASE[kind]
        return Presence(bool(reader.fetch(f"SELECT 1 FROM pg_catalog.{catalog} WHERE {column} = ?", name)))  # noqa: S608
    if kind not in _IN_SCHEMAS:
        return None
    catalog, column, namespace, condition = _IN_SCHEMAS[kind]
    named: tuple[str, ...] = ()
    if temporary or schema == "pg_temp":
        where = "n.oid = pg_catalog.pg_my_temp_schema()"
    elif schema is not None:
        where, named = "n.nspname = ?", (schema,)
    else:
        where = "n.nspname = ANY (pg_catalog.current_schemas(false))"
    rows = reader.fetch(
        f"SELECT n.nspname = pg_catalog.current_schema() FROM pg_catalog.{catalog} o "  # noqa: S608 (fixed names)
        f"JOIN pg_catalog.pg_namespace n ON n.oid = o.{namespace} WHERE o.{column} = ? AND {where} AND {condition}",
        name,
        *named,
    )
    if temporary or schema is not None:
        return Presence(bool(rows))
    return Presence(any(row[0] for row in rows), bool(rows))


def _is_there(reader: Reader, table: str | None, schema: str | None) -> bool:
    return table is not None and reader.fetch("SELECT to_regclass(?) IS NOT NULL", quoted(table, schema))[0][0]


def _has(reader: Reader, statement: Statement, kind: str, name: str) -> bool:
    table = quoted(str(statement.table), statement.table_schema)
    return bool(reader.fetch(f"SELECT 1 FROM pg_catalog.{_ON_TABLES[kind]}", table, name))  # noqa: S608 (fixed names)


def _on_table(reader: Reader, statement: Statement, kind: str, *, wanted: bool) -> bool | None:
    if statement.name is None or not _is_there(reader, statement.table, statement.table_schema):
        return None
    return _has(reader, statement, kind, statement.name) is wanted


def _added(kind: str) -> Callable[[Reader, Statement], bool | None]:
    return lambda reader, statement: _on_table(reader, statement, kind, wanted=True)


def _dropped(kind: str) -> Callable[[Reader, Statement], bool | None]:
    return lambda reader, statement: _on_table(reader, statement, kind, wanted=False)


def _renamed(kind: str) -> Callable[[Reader, Statement], bool | None]:
    def probe(reader: Reader, statement: Statement) -> bool | None:
        old, new = statement.name, statement.new_name
        if old is None or new is None or not _is_there(reader, statement.table, statement.table_schema):
            return None
        return was_renamed(*(Presence(_has(reader, statement, kind, name)) for name in (old, new)))

    return probe


def _primary_key(reader: Reader, statement: Statement) -> bool | None:
    """A table has one at most, so its name does not matter."""
    if not _is_there(reader, statement.table, statement.table_schema):
        return None
    table = quoted(str(statement.table), statement.table_schema)
    constraints = "SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = to_regclass(?) AND contype = 'p'"
    return bool(reader.fetch(constraints, table))


def _validated(reader: Reader, statement: Statement) -> bool | None:
    if statement.name is None or statement.table is None:
        return None
    rows = reader.fetch(
        "SELECT convalidated FROM pg_catalog.pg_constraint WHERE conrelid = to_regclass(?) AND conname = ?",
        quoted(statement.table, statement.table_schema),
        statement.name,
    )
    return bool(rows[0][0]) if rows else None


def _created_object(reader: Reader, statement: Statement, kind: str) -> bool | None:
    name, schema = _object(statement)
    found = _find(reader, kind, name, schema, temporary=statement.temporary) if name else None
    return was_created(found) if found is not None else None


def _dropped_object(reader: Reader, statement: Statement, kind: str) -> bool | None:
    name, schema = _object(statement)
    found = _find(reader, kind, name, schema) if name else None
    return was_dropped(found) if found is not None else None


def _renamed_object(reader: Reader, statement: Statement, kind: str) -> bool | None:
    name, schema = _object(statement)
    if name is None or statement.new_name is None:
        return None
    old, new = (_find(reader, kind, each, schema) for each in (name, statement.new_name))
    return was_renamed(old, new) if old is not None and new is not None else None


def _moved_object(reader: Reader, statement: Statement, kind: str) -> bool | None:
    name, schema = _object(statement)
    if name is None or statement.new_name is None:
        return None
    moved, left = _find(reader, kind, name, statement.new_name), _find(reader, kind, name, schema)
    if moved is None or not (moved or left):
        return None
    return bool(moved)


def _object(statement: Statement) -> tuple[str | None, str | None]:
    if statement.name is None:
        return statement.table, statement.table_schema
    return statement.name, statement.name_schema


def _labelled(reader: Reader, statement: Statement, _: str) -> bool | None:
    found = _labels(reader, statement)
    return statement.value in found if found and statement.value is not None else None


def _relabelled(reader: Reader, statement: Statement, _: str) -> bool | None:
    found = _labels(reader, statement)
    if not found or statement.value is None or statement.new_name is None:
        return None
    return was_renamed(Presence(statement.value in found), Presence(statement.new_name in found))


def _labels(reader: Reader, statement: Statement) -> set[str]:
    if statement.name is None:
        return set()
    rows = reader.fetch(
        "SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = to_regtype(?)",
        quoted(statement.name, statement.name_schema),
    )
    return {label for (label,) in rows}


def _detached(reader: Reader, statement: Statement) -> bool | None:
    found = is_partition(reader, statement)
    return None if found is None else not found


_TABLE_PROBES: Final[dict[str, Callable[[Reader, Statement], bool | None]]] = {
    "ADD COLUMN": _added("COLUMN"),
    "DROP COLUMN": _dropped("COLUMN"),
    "RENAME COLUMN": _renamed("COLUMN"),
    "ADD CONSTRAINT": _added("CONSTRAINT"),
    "DROP CONSTRAINT": _dropped("CONSTRAINT"),
    "RENAME CONSTRAINT": _renamed("CONSTRAINT"),
    "ADD PRIMARY KEY": _primary_key,
    "VALIDATE CONSTRAINT": _validated,
    "ATTACH PARTITION": is_partition,
    "DETACH PARTITION": _detached,
    "DETACH PARTITION CONCURRENTLY": _detached,
    "DETACH PARTITION FINALIZE": _detached,
}
_OBJECT_PROBES: Final[dict[str, Callable[[Reader, Statement, str], bool | None]]] = {
    "CREATE": _created_object,
    "DROP": _dropped_object,
    "RENAME": _renamed_object,
    "SET SCHEMA": _moved_object,
    "ADD VALUE": _labelled,
    "RENAME VALUE": _relabelled,
}
