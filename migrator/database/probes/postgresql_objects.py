"""Where PostgreSQL's catalog lists things of each kind, and whether one of a name is among them."""

from __future__ import annotations

from typing import Final

from migrator.database.catalog import catalog_of
from migrator.database.probes.presence import Presence
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
IN_SCHEMAS: Final = {
    kind: ("pg_class", "relname", "relnamespace", f"o.relkind IN ({relkinds})") for kind, relkinds in _RELATIONS.items()
} | {
    "TYPE": ("pg_type", "typname", "typnamespace", "true"),
    "DOMAIN": ("pg_type", "typname", "typnamespace", "typtype = 'd'"),
    "STATISTICS": ("pg_statistic_ext", "stxname", "stxnamespace", "true"),
    "COLLATION": ("pg_collation", "collname", "collnamespace", "true"),
}
IN_DATABASE: Final = {
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
ON_TABLES: Final = {
    "COLUMN": "pg_attribute WHERE attrelid = to_regclass(?) AND attname = ? AND attnum > 0 AND NOT attisdropped",
    "CONSTRAINT": "pg_constraint WHERE conrelid = to_regclass(?) AND conname = ?",
    "TRIGGER": "pg_trigger WHERE tgrelid = to_regclass(?) AND tgname = ? AND NOT tgisinternal",
    "POLICY": "pg_policy WHERE polrelid = to_regclass(?) AND polname = ?",
    "RULE": "pg_rewrite WHERE ev_class = to_regclass(?) AND rulename = ?",
}


def quoted(name: str, schema: str | None) -> str:
    """A name as ``to_regclass`` reads it."""
    return catalog_of("postgresql").quoted(name, schema)


def find(reader: Reader, kind: str, name: str, schema: str | None, *, temporary: bool = False) -> Presence | None:
    """Where a thing of a kind is; None for a kind that this does not know.

    Without a schema it is looked for along the search path; temporary ones in the session's own.
    """
    if kind in IN_DATABASE:
        catalog, column = IN_DATABASE[kind]
        return Presence(bool(reader.fetch(f"SELECT 1 FROM pg_catalog.{catalog} WHERE {column} = ?", name)))  # noqa: S608
    if kind not in IN_SCHEMAS:
        return None
    catalog, column, namespace, condition = IN_SCHEMAS[kind]
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


def is_there(reader: Reader, table: str | None, schema: str | None) -> bool:
    """Whether a table, or another relation, is there."""
    return table is not None and reader.fetch("SELECT to_regclass(?) IS NOT NULL", quoted(table, schema))[0][0]


def has(reader: Reader, statement: Statement, kind: str, name: str) -> bool:
    """Whether a statement's table has a column, constraint, trigger, policy or rule of that name."""
    table = quoted(str(statement.table), statement.table_schema)
    return bool(reader.fetch(f"SELECT 1 FROM pg_catalog.{ON_TABLES[kind]}", table, name))  # noqa: S608 (fixed names)
