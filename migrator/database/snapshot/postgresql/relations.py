"""Tables, their columns, sequences and views in PostgreSQL's catalog."""

from __future__ import annotations

from typing import Final

from migrator.database.snapshot.postgresql.part import Part
from migrator.database.snapshot.postgresql.wording import (
    USER_SCHEMA,
    class_of,
    collation,
    comment,
    foreign_options,
    not_of_extension,
    options,
    privileges,
    tablespace,
)

_RELATIONS: Final = "pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
_OURS: Final = f"{USER_SCHEMA} AND {not_of_extension('pg_class', 'c.oid')}"
_PARENTS: Final = (
    "SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_catalog.pg_inherits i "
    "WHERE i.inhrelid = c.oid"
)
_STORAGE: Final = (
    "array_cat(c.reloptions, ARRAY(SELECT 'toast.' || y FROM pg_catalog.pg_class x, unnest(x.reloptions) y "
    "WHERE x.oid = c.reltoastrelid))"
)
_SERVER: Final = "FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver"
_ACCESS_METHOD: Final = "SELECT m.amname FROM pg_catalog.pg_am m WHERE m.oid = c.relam AND m.amname <> 'heap'"
_COMMON: Final = {
    "comment": comment("pg_class", "c.oid"),
    "privileges": privileges("c.relacl", "c.relowner", "r"),
}

TABLES: Final = Part(
    kind="CASE c.relkind WHEN 'f' THEN 'foreign table' ELSE 'table' END",
    name="c.relname",
    facets={
        "persistence": "CASE c.relpersistence WHEN 'u' THEN 'unlogged' END",
        "partition key": "CASE c.relkind WHEN 'p' THEN pg_get_partkeydef(c.oid) END",
        "partition of": (
            f"CASE WHEN c.relispartition THEN ({_PARENTS}) || ' ' || pg_get_expr(c.relpartbound, c.oid) END"
        ),
        "inherits": f"CASE WHEN NOT c.relispartition THEN ({_PARENTS}) END",
        "of type": "CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END",
        "storage parameters": options(_STORAGE),
        "row security": (
            "nullif(concat_ws(', ', CASE WHEN c.relrowsecurity THEN 'enabled' END, "
            "CASE WHEN c.relforcerowsecurity THEN 'forced' END), '')"
        ),
        "replica identity": "CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' END",
        "access method": _ACCESS_METHOD,
        "tablespace": tablespace("c.reltablespace"),
        "server": f"SELECT quote_ident(s.srvname) {_SERVER} WHERE f.ftrelid = c.oid",
        "options": f"SELECT ({foreign_options('f.ftoptions')}) {_SERVER} WHERE f.ftrelid = c.oid",
        **_COMMON,
        "column order": (
            "SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a "
            "WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
        ),
    },
    source=f"FROM {_RELATIONS} WHERE c.relkind IN ('r', 'p', 'f') AND {_OURS}",
    relation="c.oid",
)

# Since PostgreSQL 18 NOT NULL is a constraint, and need not hold for the rows that are there.
_NOT_CHECKED: Final = (
    "SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'n' "
    "AND NOT k.convalidated AND k.conkey[1] = a.attnum"
)
_HIGHEST: Final = "CASE a.atttypid WHEN 21 THEN 32767 WHEN 23 THEN 2147483647 ELSE 9223372036854775807 END"
_SEQUENCE_OPTIONS: Final = (
    "SELECT ' (' || nullif(concat_ws(' ', CASE WHEN q.seqstart <> 1 THEN 'START WITH ' || q.seqstart END, "
    "CASE WHEN q.seqincrement <> 1 THEN 'INCREMENT BY ' || q.seqincrement END, "
    "CASE WHEN q.seqmin <> 1 THEN 'MINVALUE ' || q.seqmin END, "
    f"CASE WHEN q.seqmax <> {_HIGHEST} THEN 'MAXVALUE ' || q.seqmax END, "
    "CASE WHEN q.seqcache <> 1 THEN 'CACHE ' || q.seqcache END, CASE WHEN q.seqcycle THEN 'CYCLE' END), '') || ')' "
    "FROM pg_catalog.pg_depend x JOIN pg_catalog.pg_sequence q ON q.seqrelid = x.objid "
    f"WHERE x.refclassid = {class_of('pg_class')} AND x.refobjid = a.attrelid AND x.refobjsubid = a.attnum "
    f"AND x.classid = {class_of('pg_class')} AND x.deptype = 'i'"
)
_COLUMNS: Final = (
    "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid "
    "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_type t ON t.oid = a.atttypid "
    "LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum "
    f"LEFT JOIN pg_catalog.pg_description e ON e.objoid = a.attrelid AND e.classoid = {class_of('pg_class')} "
    "AND e.objsubid = a.attnum WHERE a.attnum > 0 AND NOT a.attisdropped"
)
_STATISTICS: Final = "CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END"
_COLUMN_PRIVILEGES: Final = privileges("a.attacl", "c.relowner", "c")
_STORAGES: Final = "CASE {} WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'm' THEN 'main' ELSE 'extended' END"

# Some builds of the server write a number of their own to each new column.
_OPTIONS: Final = f"{options('a.attoptions')} WHERE x !~ '^pg_attver='"

COLUMNS: Final = Part(
    kind="'column'",
    table="c.relname",
    name="a.attname",
    facets={
        "type": "format_type(a.atttypid, a.atttypmod)",
        "nullable": "CASE WHEN a.attnotnull THEN 'no' END",
        "validity": f"CASE WHEN a.attnotnull AND EXISTS ({_NOT_CHECKED}) THEN 'not valid' END",
        "default": "CASE a.attgenerated WHEN '' THEN pg_get_expr(d.adbin, d.adrelid) END",
        "identity": (
            "CASE WHEN a.attidentity <> '' THEN CASE a.attidentity WHEN 'a' THEN 'always' ELSE 'by default' END "
            f"|| coalesce(({_SEQUENCE_OPTIONS}), '') END"
        ),
        "generated": (
            "CASE WHEN a.attgenerated <> '' THEN pg_get_expr(d.adbin, d.adrelid) || "
            "CASE a.attgenerated WHEN 's' THEN ' STORED' ELSE ' VIRTUAL' END END"
        ),
        "collation": collation("a.attcollation", "t.typcollation"),
        "storage": f"CASE WHEN a.attstorage <> t.typstorage THEN {_STORAGES.format('a.attstorage')} END",
        "compression": "CASE a.attcompression WHEN 'p' THEN 'pglz' WHEN 'l' THEN 'lz4' END",
        "statistics": _STATISTICS,
        "options": (
            f"nullif(concat_ws(', ', CASE WHEN a.attoptions IS NOT NULL THEN ({_OPTIONS}) END, "
            f"CASE WHEN a.attfdwoptions IS NOT NULL THEN ({foreign_options('a.attfdwoptions')}) END), '')"
        ),
        "inherited": "CASE WHEN a.attinhcount > 0 AND (c.relispartition OR NOT a.attislocal) THEN 'yes' END",
        "comment": "e.description",
        "privileges": _COLUMN_PRIVILEGES,
    },
    source=f"{_COLUMNS} AND c.relkind IN ('r', 'p', 'f') AND {_OURS}",
    relation="c.oid",
)

VIEW_COLUMNS: Final = Part(
    kind="'column'",
    table="c.relname",
    name="a.attname",
    facets={
        "default": "pg_get_expr(d.adbin, d.adrelid)",
        "statistics": _STATISTICS,
        "comment": "e.description",
        "privileges": _COLUMN_PRIVILEGES,
    },
    # What else there is to say of a view's column is in the view's definition.
    source=(
        f"{_COLUMNS} AND c.relkind IN ('v', 'm', 'c') AND {_OURS} AND (d.oid IS NOT NULL OR a.attstattarget >= 0 "
        "OR e.description IS NOT NULL OR a.attacl IS NOT NULL)"
    ),
    relation="c.oid",
)

VIEWS: Final = Part(
    kind="CASE c.relkind WHEN 'm' THEN 'materialized view' ELSE 'view' END",
    name="c.relname",
    facets={
        "definition": "pg_get_viewdef(c.oid)",
        "options": options("c.reloptions"),
        "access method": _ACCESS_METHOD,
        "tablespace": tablespace("c.reltablespace"),
        "populated": "CASE WHEN NOT c.relispopulated THEN 'no' END",
        **_COMMON,
    },
    source=f"FROM {_RELATIONS} WHERE c.relkind IN ('v', 'm') AND {_OURS}",
    relation="c.oid",
)

_OWNER_OF_SEQUENCE: Final = (
    "SELECT o.refobjid::regclass::text || '.' || quote_ident(a.attname) FROM pg_catalog.pg_depend o "
    "JOIN pg_catalog.pg_attribute a ON a.attrelid = o.refobjid AND a.attnum = o.refobjsubid "
    f"WHERE o.classid = {class_of('pg_class')} AND o.objid = c.oid AND o.refclassid = {class_of('pg_class')} "
    "AND o.deptype = "
)

SEQUENCES: Final = Part(
    kind="'sequence'",
    name="c.relname",
    facets={
        "type": "format_type(s.seqtypid, NULL)",
        "start": "s.seqstart",
        "increment": "s.seqincrement",
        "minimum": "s.seqmin",
        "maximum": "s.seqmax",
        "cache": "s.seqcache",
        "cycle": "CASE WHEN s.seqcycle THEN 'yes' END",
        "owned by": f"{_OWNER_OF_SEQUENCE}'a'",
        "persistence": "CASE c.relpersistence WHEN 'u' THEN 'unlogged' END",
        "comment": comment("pg_class", "c.oid"),
        "privileges": privileges("c.relacl", "c.relowner", "s"),
    },
    # An identity column's own sequence is told with the column.
    source=(
        f"FROM {_RELATIONS} JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid "
        f"WHERE NOT EXISTS ({_OWNER_OF_SEQUENCE}'i') AND {_OURS}"
    ),
    relation="c.oid",
)

PARTS: Final = (TABLES, COLUMNS, VIEW_COLUMNS, VIEWS, SEQUENCES)
