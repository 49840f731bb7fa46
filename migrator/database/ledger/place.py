"""Where the ledger's tables are: names, schema, and how to find them without creating anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from migrator.database.catalog import catalog_of
from migrator.database.state import Reader, VersionTable

RUN: Final = "migrator_run"
"""One row a run that changes the database."""
LEDGER: Final = "migrator_ledger"
"""One row for each revision that was applied, reverted, stamped, found applied, or that failed."""
JOURNAL: Final = "migrator_journal"
"""The statements that a revision has run outside of its last transaction; empty unless one was cut half way."""
TABLES: Final = (RUN, LEDGER, JOURNAL)
OWN_SCHEMA: Final = "migrator"
"""Schema that the tables are made in on PostgreSQL, where nothing else is asked for and it may be made."""


@dataclass(frozen=True, slots=True)
class LedgerPlace:
    """The schema that holds the ledger of a database."""

    schema: str | None
    """None: the connection's current one."""
    dialect: str

    def table(self, name: str) -> str:
        """One of the tables, quoted for the dialect."""
        return catalog_of(self.dialect).quoted(name, self.schema)


def scope_of(version_table: VersionTable) -> str:
    """What rows of one version table are marked with: several version tables of a database share one ledger."""
    return str(version_table)


def candidates(dialect: str, version_table: VersionTable, configured: str | None) -> tuple[str | None, ...]:
    """Schemas in which the ledger may be, the first choice first; None is the connection's current one."""
    beside = version_table.schema
    if dialect == "postgresql":
        return tuple(dict.fromkeys((configured or OWN_SCHEMA, beside)))
    return (configured or beside,)


def find_place(reader: Reader, version_table: VersionTable, configured: str | None = None) -> LedgerPlace | None:
    """Find the ledger that governs a version table; None when there is none yet, or this user may not read it.

    Args:
        reader: of the database.
        version_table: whose ledger is meant.
        configured: ``MIGRATOR_LEDGER_SCHEMA``.

    """
    catalog = catalog_of(reader.dialect)
    for schema in candidates(reader.dialect, version_table, configured):
        # It is made last: where tables are not made in a transaction, a ledger whose making was cut is made again.
        named = (JOURNAL, schema) if schema else (JOURNAL,)
        if reader.fetch(catalog.readable_table(schema), *named):
            return LedgerPlace(schema, reader.dialect)
    return None
