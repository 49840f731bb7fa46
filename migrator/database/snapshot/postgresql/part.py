"""One kind of objects as PostgreSQL's catalog lists them: declared as SQL expressions, rendered into queries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject
from migrator.database.state import Reader

SETTINGS: Final = {
    "search_path": "pg_catalog",
    "DateStyle": "ISO, MDY",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "1",
    "quote_all_identifiers": "off",
}
"""What the server's own texts depend on: with these, one schema has one text, whoever reads it."""

_SET: Final = " || ".join(f"set_config('{name}', '{value}', true)" for name, value in SETTINGS.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What to ask of the catalog for the objects of a kind. All but the facets' names is SQL."""

    kind: str
    """A `Kind` in quotes, or an expression that gives one."""
    schema: str = "n.nspname"
    table: str = "NULL"
    name: str
    facets: Mapping[str, str]
    """Name of the facet to an expression of its text; NULL is the usual."""
    further: str = "NULL"
    """A text array of further facets: a name, its text, the next name, ..."""
    source: str
    """``FROM`` and ``WHERE``."""
    relation: str | None = None
    """The oid of the relation that an object is or belongs to."""

    def sql(self, number: int, *, restricted: bool) -> str:
        """The query for these objects.

        The settings are made in the query itself, for its transaction only: a gate that is passed before any row is
        read. So it works in autocommit too, where nothing else would be in the same transaction.
        """
        facets = ", ".join(f"({expression})::text" for expression in self.facets.values())
        where = f"AND {self.relation} = ANY (CAST(CAST(? AS text) AS oid[])) " if restricted else ""
        return (
            f"SELECT {number}, ({self.kind})::text, ({self.schema})::text, ({self.table})::text, ({self.name})::text, "
            f"ARRAY[{facets}]::text[], ({self.further})::text[] {self.source} {where}AND (SELECT {_SET}) <> ''"
        )

    def object_of(self, row: tuple[Any, ...]) -> SchemaObject:
        """The object that a row of the query describes."""
        _, kind, schema, table, name, values, further = row
        facets = {facet: text for facet, text in zip(self.facets, values, strict=True) if text is not None}
        if further:
            facets.update(zip(further[::2], further[1::2], strict=True))
        return SchemaObject(ObjectKey(Kind(kind), schema, name, table), facets)


def read_parts(reader: Reader, parts: Sequence[Part], relations: Sequence[int] | None = None) -> Iterator[SchemaObject]:
    """Read the objects of some parts with one query.

    The session's settings must be put back afterwards: see `kept_settings`.

    Args:
        reader: of the database.
        parts: what to read.
        relations: oids of the only relations to read, with what belongs to them; only for parts that know theirs.

    """
    restricted = relations is not None
    query = " UNION ALL ".join(part.sql(number, restricted=restricted) for number, part in enumerate(parts))
    # As text, once for each part: every driver can write it, and the server uses its indexes.
    wanted = ["{" + ",".join(str(oid) for oid in relations) + "}"] * len(parts) if relations is not None else []
    rows = reader.fetch(query, *wanted)
    for row in rows:
        yield parts[row[0]].object_of(row)
