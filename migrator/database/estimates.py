"""How many rows tables hold, as the server's own statistics estimate it; no table is read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from migrator.database.state import Reader

_POSTGRESQL: Final = """
SELECT n.nspname, c.relname, pg_catalog.pg_table_is_visible(c.oid), CASE WHEN c.relkind = 'p' THEN (
    SELECT CASE WHEN bool_and(leaf.reltuples >= 0) THEN sum(leaf.reltuples) END
    FROM pg_catalog.pg_partition_tree(c.oid) part JOIN pg_catalog.pg_class leaf ON leaf.oid = part.relid
    WHERE part.isleaf
  )
  WHEN c.reltuples > 0 THEN c.reltuples
  WHEN pg_catalog.pg_stat_get_live_tuples(c.oid) > 0 THEN pg_catalog.pg_stat_get_live_tuples(c.oid)
  WHEN c.reltuples = 0 THEN 0 END
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 'f') AND c.relname IN ({names})
"""
"""``reltuples`` is what the last VACUUM or ANALYZE saw, -1 before the first. The counter of rows tells of a table that
was filled since, but can be twice as high as the truth: it counts only where the other says nothing."""
_MYSQL: Final = (
    "SELECT table_schema, table_name, table_schema = DATABASE(), table_rows FROM information_schema.tables "
    "WHERE table_name IN ({names})"
)
_QUERIES: Final[Mapping[str, str]] = {"postgresql": _POSTGRESQL, "mysql": _MYSQL, "mariadb": _MYSQL}


@dataclass(frozen=True, slots=True)
class TableName:
    """A table as a revision names it."""

    name: str
    schema: str | None = None
    """None: the connection's current one."""

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True)
class Estimates:
    """What is known of the size of some tables."""

    rows: Mapping[TableName, int | None] = field(default_factory=dict)
    """None: the table is there, and the server has no idea."""
    complete: bool = False
    """Whether a table that is not among them is not in the database."""

    def in_words(self, table: TableName) -> str:
        """Such as ``users (about 1,200,000 rows)``."""
        rows = self.rows.get(table)
        if rows is not None:
            return f"{table} (about {rows:,} row{'s' if rows != 1 else ''})"
        is_absent = self.complete and table not in self.rows
        return f"{table} ({'not there now' if is_absent else 'unknown number of rows'})"


def read_estimates(reader: Reader, tables: Collection[TableName]) -> Estimates:
    """Look the sizes of some tables up in the catalog, in one query.

    Args:
        reader: of the database.
        tables: as the revisions name them; a name that is not there as it is written is looked for in lower case.

    """
    query = _QUERIES.get(reader.dialect)
    if query is None or not tables:
        return Estimates()
    names = sorted({spelling for table in tables for spelling in (table.name, table.name.lower())})
    found = reader.fetch(query.format(names=", ".join("?" * len(names))), *names)
    there: dict[tuple[str | None, str], int | None] = {}
    for schema, name, is_current, rows in found:
        estimate = None if rows is None else max(0, round(float(rows)))
        there[str(schema), str(name)] = estimate
        if is_current:
            there[None, str(name)] = estimate
    estimates: dict[TableName, int | None] = {}
    for table in tables:
        for key in ((table.schema, table.name), (table.schema and table.schema.lower(), table.name.lower())):
            if key in there:
                estimates[table] = there[key]
                break
    return Estimates(estimates, complete=True)
