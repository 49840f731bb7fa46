"""The few catalog queries that tell where a database is, for each dialect."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Queries of one dialect. ``?`` stands for a parameter."""

    quote: str
    """Opening and closing quotation mark of identifiers."""
    one_table: str
    """Finds a table by name in the current schema."""
    one_table_in_schema: str
    """Finds a table by name and schema."""
    all_tables: str
    """Names of the tables in the current schema, those of extensions left out."""
    all_tables_in_schema: str
    may_read: str = ""
    """Added to the questions for one table, of a dialect that shows tables to those who may not read them."""
    identity: str
    """One row that only the same database on the same running server gives."""
    version: str
    product: Callable[[str], str]
    """Makes ``PostgreSQL 18.1`` of the server's own words."""

    def table_exists(self, schema: str | None) -> str:
        """The query for one table; its parameters are the name, then the schema if any."""
        return self.one_table_in_schema if schema else self.one_table

    def readable_table(self, schema: str | None) -> str:
        """The same, for a table that this user may read: an application's user need not see the ledger."""
        return self.table_exists(schema) + self.may_read

    def tables(self, schema: str | None) -> str:
        """The query for all tables; its parameter is the schema if any."""
        return self.all_tables_in_schema if schema else self.all_tables

    def quoted(self, name: str, schema: str | None = None) -> str:
        """A name quoted for this dialect, with its schema when given."""
        opening, closing = self.quote[0], self.quote[-1]
        parts = [part.replace(closing, closing * 2) for part in (schema, name) if part]
        return ".".join(f"{opening}{part}{closing}" for part in parts)


_POSTGRESQL_TABLES = (
    "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind IN ('r', 'p') AND n.nspname = {schema} "
    "AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass "
    "AND d.objid = c.oid AND d.deptype = 'e')"
)
_INFORMATION_SCHEMA = (
    "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema = "
)

_CATALOGS = {
    "postgresql": Catalog(
        quote='"',
        one_table="SELECT 1 FROM pg_catalog.pg_class c WHERE c.oid = to_regclass(quote_ident(?))",
        may_read=(" AND has_table_privilege(c.oid, 'SELECT') AND has_schema_privilege(c.relnamespace, 'USAGE')"),
        one_table_in_schema=(
            "SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace "
            "WHERE c.relname = ? AND n.nspname = ?"
        ),
        all_tables=_POSTGRESQL_TABLES.format(schema="current_schema()"),
        all_tables_in_schema=_POSTGRESQL_TABLES.format(schema="?"),
        identity=(
            "SELECT current_database(), (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()), "
            "extract(epoch FROM pg_postmaster_start_time())"
        ),
        version="SHOW server_version",
        product=lambda text: f"PostgreSQL {text.split()[0]}",
    ),
    "mysql": Catalog(
        quote="`",
        one_table=f"{_INFORMATION_SCHEMA}DATABASE() AND table_name = ?",
        one_table_in_schema=("SELECT 1 FROM information_schema.tables WHERE table_name = ? AND table_schema = ?"),
        all_tables=f"{_INFORMATION_SCHEMA}DATABASE()",
        all_tables_in_schema=f"{_INFORMATION_SCHEMA}?",
        identity="SELECT DATABASE(), @@hostname, @@port, @@datadir",
        version="SELECT VERSION()",
        product=lambda text: (
            f"MariaDB {text.split('-')[0]}" if "mariadb" in text.lower() else f"MySQL {text.split('-')[0]}"
        ),
    ),
    "sqlite": Catalog(
        quote='"',
        one_table="SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?",
        one_table_in_schema="SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ? AND ? IS NOT NULL",
        all_tables="SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        all_tables_in_schema=(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND ? IS NOT NULL"
        ),
        identity="SELECT file FROM pragma_database_list WHERE name = 'main'",
        version="SELECT sqlite_version()",
        product=lambda text: f"SQLite {text}",
    ),
    "oracle": Catalog(
        quote='"',
        one_table="SELECT 1 FROM user_tables WHERE lower(table_name) = lower(?)",
        one_table_in_schema="SELECT 1 FROM all_tables WHERE lower(table_name) = lower(?) AND lower(owner) = lower(?)",
        all_tables="SELECT lower(table_name) FROM user_tables",
        all_tables_in_schema="SELECT lower(table_name) FROM all_tables WHERE lower(owner) = lower(?)",
        identity=(
            "SELECT ora_database_name, sys_context('userenv', 'instance_name'), "
            "sys_context('userenv', 'server_host') FROM dual"
        ),
        version="SELECT banner FROM v$version WHERE ROWNUM = 1",
        product=lambda text: text,
    ),
    "mssql": Catalog(
        quote="[]",
        one_table=f"{_INFORMATION_SCHEMA}SCHEMA_NAME() AND table_name = ?",
        one_table_in_schema="SELECT 1 FROM information_schema.tables WHERE table_name = ? AND table_schema = ?",
        all_tables=f"{_INFORMATION_SCHEMA}SCHEMA_NAME()",
        all_tables_in_schema=f"{_INFORMATION_SCHEMA}?",
        identity="SELECT DB_NAME(), @@SERVERNAME",
        version="SELECT CAST(SERVERPROPERTY('ProductVersion') AS varchar(40))",
        product=lambda text: f"SQL Server {text}",
    ),
}
_CATALOGS["mariadb"] = _CATALOGS["mysql"]


def catalog_of(dialect: str) -> Catalog:
    """The queries of a dialect.

    Raises:
        KeyError: the dialect is unknown.

    """
    return _CATALOGS[dialect]
