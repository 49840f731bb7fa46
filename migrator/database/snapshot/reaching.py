"""From what was noted to the relations that have to be read again, through the server's own record of dependencies."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from migrator.database.snapshot.affected import Affected, Known
from migrator.database.state import Reader

_DESCRIBED: Final = """
SELECT c.oid::bigint, n.nspname, c.relname,
ARRAY(SELECT h.inhparent::bigint FROM pg_catalog.pg_inherits h WHERE h.inhrelid = c.oid),
ARRAY(SELECT i.indexrelid::bigint FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid)
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S', 'c')
"""
_WHOLE: Final = f"{_DESCRIBED} AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"


def _owners(catalog: str, column: str) -> str:
    """Relations whose parts are followed: read by oid, for the server may not guess how few there are."""
    return (
        f"SELECT x.{column} FROM pg_catalog.{catalog} x WHERE x.oid = ANY (ARRAY("  # noqa: S608
        f"SELECT f.objid FROM followed f WHERE f.classid = 'pg_catalog.{catalog}'::regclass))"
    )


_PARTS: Final = {
    "pg_constraint": "conrelid",
    "pg_attrdef": "adrelid",
    "pg_rewrite": "ev_class",
    "pg_trigger": "tgrelid",
    "pg_policy": "polrelid",
    "pg_statistic_ext": "stxrelid",
    "pg_type": "typrelid",
    "pg_class": "oid",
}
_CLASS: Final = "'pg_catalog.pg_class'::regclass"

_REACHED: Final = f"""
WITH RECURSIVE followed(classid, objid) AS (
    SELECT k.classid::oid, k.objid FROM unnest(CAST(CAST(? AS text) AS regclass[]), CAST(CAST(? AS text) AS oid[]))
        k(classid, objid)
    UNION
    SELECT x.classid, x.objid FROM followed f CROSS JOIN LATERAL (
        SELECT d.classid, d.objid FROM pg_catalog.pg_depend d
        WHERE d.refclassid = f.classid AND d.refobjid = f.objid AND d.deptype <> 'e'
        UNION ALL
        SELECT {_CLASS}, r.ev_class FROM pg_catalog.pg_rewrite r
        WHERE f.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = f.objid
    ) x
), named(oid) AS (
    SELECT unnest(CAST(CAST(? AS text) AS oid[]))
    UNION {" UNION ".join(_owners(catalog, column) for catalog, column in _PARTS.items())}
), family(oid) AS (
    SELECT coalesce((SELECT i.indrelid FROM pg_catalog.pg_index i WHERE i.indexrelid = m.oid), m.oid) FROM named m
    UNION
    SELECT h.inhrelid FROM family f JOIN pg_catalog.pg_inherits h ON h.inhparent = f.oid
), wanted(oid) AS (
    SELECT oid FROM family
    UNION
    SELECT x.oid FROM family f CROSS JOIN LATERAL (
        SELECT d.objid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        WHERE d.refclassid = {_CLASS} AND d.refobjid = f.oid AND d.classid = {_CLASS}
        UNION ALL
        SELECT d.refobjid FROM pg_catalog.pg_depend d
        WHERE d.classid = {_CLASS} AND d.objid = f.oid AND d.refclassid = {_CLASS} AND d.deptype IN ('a', 'i')
    ) x(oid)
){_DESCRIBED} AND c.oid = ANY (ARRAY(SELECT oid FROM wanted))
UNION ALL
SELECT 0, '', '', NULL, NULL FROM followed f
WHERE f.classid <> ALL (CAST(ARRAY[{", ".join(f"'pg_catalog.{each}'" for each in _PARTS)}] AS regclass[]))
OR f.classid = 'pg_catalog.pg_type'::regclass
"""  # noqa: S608 -- made of constants


@dataclass(frozen=True, slots=True)
class Relation:
    """A relation as it is now."""

    oid: int
    schema: str
    name: str
    parents: tuple[int, ...]
    indexes: tuple[int, ...]


def all_relations(reader: Reader) -> Iterator[Relation]:
    """Every relation of the users' schemas."""
    return (_relation(row) for row in reader.fetch(_WHOLE))


def reached(reader: Reader, affected: Affected) -> tuple[tuple[Relation, ...], bool]:
    """The relations that have to be read again as far as they are there, and whether other objects have to be."""
    rows = reader.fetch(
        _REACHED,
        _array(catalog for catalog, _ in affected.followed),
        _array(oid for _, oid in affected.followed),
        _array(affected.relations),
    )
    return tuple(_relation(row) for row in rows if row[0]), any(not row[0] for row in rows)


def remember(known: Known, relations: Iterable[Relation]) -> None:
    """Note what the relations are called now, and what belongs to them."""
    for each in relations:
        known.names[each.oid] = (each.schema, each.name)
        known.tables |= dict.fromkeys(each.indexes, each.oid)
        for parent in each.parents:
            known.children.setdefault(parent, set()).add(each.oid)


def _relation(row: tuple[Any, ...]) -> Relation:
    oid, schema, name, parents, indexes = row
    return Relation(int(oid), str(schema), str(name), tuple(parents or ()), tuple(indexes or ()))


def _array(values: Iterable[Any]) -> str:
    """An array of names or numbers of catalogs, as text."""
    return "{" + ",".join(str(value) for value in values) + "}"
