"""Enums, domains, composite and range types, collations in PostgreSQL's catalog."""

from __future__ import annotations

from typing import Final

from migrator.database.snapshot.postgresql.part import Part
from migrator.database.snapshot.postgresql.wording import (
    USER_SCHEMA,
    collation,
    comment,
    not_of_extension,
    privileges,
)

_TYPES: Final = "FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
_OURS: Final = f"{USER_SCHEMA} AND {not_of_extension('pg_type', 't.oid')}"
_COMMON: Final = {
    "comment": comment("pg_type", "t.oid"),
    "privileges": privileges("t.typacl", "t.typowner", "T"),
}

ENUMS: Final = Part(
    kind="'enum'",
    name="t.typname",
    facets={
        "labels": (
            "SELECT string_agg(quote_literal(l.enumlabel), ', ' ORDER BY l.enumsortorder) "
            "FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid"
        ),
        **_COMMON,
    },
    source=f"{_TYPES} WHERE t.typtype = 'e' AND {_OURS}",
)

DOMAINS: Final = Part(
    kind="'domain'",
    name="t.typname",
    facets={
        "type": "format_type(t.typbasetype, t.typtypmod)",
        "nullable": "CASE WHEN t.typnotnull THEN 'no' END",
        "default": "t.typdefault",
        "collation": collation("t.typcollation", "b.typcollation"),
        **_COMMON,
    },
    further=(
        "ARRAY(SELECT v.word FROM pg_catalog.pg_constraint k, "
        "LATERAL (VALUES (1, 'check:' || k.conname), (2, pg_get_constraintdef(k.oid))) v (place, word) "
        "WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.conname, v.place)"
    ),
    source=f"{_TYPES} JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype WHERE t.typtype = 'd' AND {_OURS}",
)

COMPOSITES: Final = Part(
    kind="'composite type'",
    name="t.typname",
    facets={
        "attributes": (
            "SELECT string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod) || "
            f"coalesce(' COLLATE ' || ({collation('a.attcollation', 'y.typcollation')}), ''), ', ' ORDER BY a.attnum) "
            "FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type y ON y.oid = a.atttypid "
            "WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped"
        ),
        **_COMMON,
    },
    source=(
        f"{_TYPES} JOIN pg_catalog.pg_class c ON c.oid = t.typrelid AND c.relkind = 'c' "
        f"WHERE t.typtype = 'c' AND {_OURS}"
    ),
)

RANGES: Final = Part(
    kind="'range type'",
    name="t.typname",
    facets={
        "definition": (
            "concat_ws(', ', 'SUBTYPE = ' || format_type(r.rngsubtype, NULL), "
            "CASE WHEN NOT o.opcdefault THEN 'SUBTYPE_OPCLASS = ' || "
            "(SELECT quote_ident(x.nspname) FROM pg_catalog.pg_namespace x WHERE x.oid = o.opcnamespace) || '.' || "
            "quote_ident(o.opcname) END, "
            f"'COLLATION = ' || ({collation('r.rngcollation', 's.typcollation')}), "
            "'CANONICAL = ' || nullif(r.rngcanonical, 0)::regproc, "
            "'SUBTYPE_DIFF = ' || nullif(r.rngsubdiff, 0)::regproc, "
            "'MULTIRANGE_TYPE_NAME = ' || format_type(r.rngmultitypid, NULL))"
        ),
        **_COMMON,
    },
    source=(
        f"{_TYPES} JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid JOIN pg_catalog.pg_type s ON s.oid = r.rngsubtype "
        f"JOIN pg_catalog.pg_opclass o ON o.oid = r.rngsubopc WHERE t.typtype = 'r' AND {_OURS}"
    ),
)

# Where the locale is written differs from version to version: a column that is absent is NULL in the row's JSON.
_LOCALE: Final = "coalesce(to_jsonb(l) ->> 'colllocale', to_jsonb(l) ->> 'colliculocale')"

COLLATIONS: Final = Part(
    kind="'collation'",
    name="l.collname",
    facets={
        "definition": (
            "concat_ws(', ', 'PROVIDER = ' || CASE l.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' "
            "ELSE 'libc' END, "
            f"'LOCALE = ' || quote_literal(coalesce({_LOCALE}, "
            "CASE WHEN l.collcollate = l.collctype THEN l.collcollate END)), "
            "CASE WHEN l.collcollate <> l.collctype THEN 'LC_COLLATE = ' || quote_literal(l.collcollate) || "
            "', LC_CTYPE = ' || quote_literal(l.collctype) END, "
            "CASE WHEN NOT l.collisdeterministic THEN 'DETERMINISTIC = false' END, "
            "'RULES = ' || quote_literal(to_jsonb(l) ->> 'collicurules'))"
        ),
        "comment": comment("pg_collation", "l.oid"),
    },
    source=(
        "FROM pg_catalog.pg_collation l JOIN pg_catalog.pg_namespace n ON n.oid = l.collnamespace "
        f"WHERE {USER_SCHEMA} AND {not_of_extension('pg_collation', 'l.oid')}"
    ),
)

PARTS: Final = (ENUMS, DOMAINS, COMPOSITES, RANGES, COLLATIONS)
