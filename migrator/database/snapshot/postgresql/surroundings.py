"""Schemas, extensions, event triggers, publications and default privileges in PostgreSQL's catalog."""

from __future__ import annotations

from typing import Final

from migrator.database.snapshot.postgresql.part import Part
from migrator.database.snapshot.postgresql.wording import (
    ENABLED,
    SCRATCH_SCHEMA,
    USER_SCHEMA,
    class_of,
    comment,
    not_of_extension,
    privileges,
)

_AT_FIRST: Final = (
    "coalesce((SELECT x.initprivs FROM pg_catalog.pg_init_privs x WHERE x.objoid = n.oid "
    f"AND x.classoid = {class_of('pg_namespace')}), acldefault('n', n.nspowner))"
)

SCHEMAS: Final = Part(
    kind="'schema'",
    schema="NULL",
    name="n.nspname",
    facets={
        "comment": comment("pg_namespace", "n.oid"),
        "privileges": privileges("n.nspacl", "n.nspowner", _AT_FIRST),
    },
    source=f"FROM pg_catalog.pg_namespace n WHERE {USER_SCHEMA} AND {not_of_extension('pg_namespace', 'n.oid')}",
)

EXTENSIONS: Final = Part(
    kind="'extension'",
    schema="NULL",
    name="e.extname",
    facets={
        "version": "e.extversion",
        "schema": "quote_ident(n.nspname)",
        "comment": comment("pg_extension", "e.oid"),
    },
    source=(
        "FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace "
        "WHERE e.extname <> 'plpgsql'"
    ),
)

EVENT_TRIGGERS: Final = Part(
    kind="'event trigger'",
    schema="NULL",
    name="e.evtname",
    facets={
        "event": "e.evtevent",
        "function": "quote_ident(n.nspname) || '.' || quote_ident(p.proname)",
        "tags": "SELECT string_agg(quote_literal(x), ', ' ORDER BY x) FROM unnest(e.evttags) x",
        "enabled": ENABLED.format("e.evtenabled"),
        "comment": comment("pg_event_trigger", "e.oid"),
    },
    source=(
        "FROM pg_catalog.pg_event_trigger e JOIN pg_catalog.pg_proc p ON p.oid = e.evtfoid "
        f"JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname <> '{SCRATCH_SCHEMA}' "
        f"AND {not_of_extension('pg_event_trigger', 'e.oid')}"
    ),
)

_COLUMN_LISTS_SINCE: Final = 150000
"""The version that brought them, with conditions and whole schemas."""
_PUBLISHED_COLUMNS: Final = (
    "SELECT ' (' || string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')' "
    "FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)"
)
_PUBLISHED_ROWS: Final = "' WHERE ' || pg_get_expr(r.prqual, r.prrelid)"
_PUBLISHED_SCHEMAS: Final = (
    ", (SELECT 'TABLES IN SCHEMA ' || string_agg(quote_ident(y.nspname), ', ' ORDER BY y.nspname) "
    "FROM pg_catalog.pg_publication_namespace x JOIN pg_catalog.pg_namespace y ON y.oid = x.pnnspid "
    "WHERE x.pnpubid = p.oid)"
)


def publications(version: int) -> Part:
    """Publications.

    Args:
        version: of the server, as ``server_version_num`` says it.

    """
    further, schemas = "", ""
    if version >= _COLUMN_LISTS_SINCE:
        further = f" || coalesce(({_PUBLISHED_COLUMNS}), '') || coalesce({_PUBLISHED_ROWS}, '')"
        schemas = _PUBLISHED_SCHEMAS
    what = (
        f"(SELECT 'TABLE ' || string_agg(r.prrelid::regclass::text{further}, ', ' ORDER BY r.prrelid::regclass::text) "
        f"FROM pg_catalog.pg_publication_rel r WHERE r.prpubid = p.oid){schemas}"
    )
    # Generated columns came with PostgreSQL 18: in a row's JSON a column that the server doesn't have is NULL.
    generated = "to_jsonb(p) ->> 'pubgencols'"
    operations = (
        "concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END, "
        "CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END)"
    )
    return Part(
        kind="'publication'",
        schema="NULL",
        name="p.pubname",
        facets={
            "definition": (
                "'CREATE PUBLICATION ' || quote_ident(p.pubname) || CASE WHEN p.puballtables THEN ' FOR ALL TABLES' "
                f"ELSE coalesce(' FOR ' || nullif(concat_ws(', ', {what}), ''), '') END || "
                f"' WITH (' || concat_ws(', ', 'publish = ' || quote_literal({operations}), "
                "CASE WHEN p.pubviaroot THEN 'publish_via_partition_root = true' END, "
                f"CASE {generated} WHEN 's' THEN 'publish_generated_columns = stored' END) || ')'"
            ),
            "comment": comment("pg_publication", "p.oid"),
        },
        source=f"FROM pg_catalog.pg_publication p WHERE {not_of_extension('pg_publication', 'p.oid')}",
    )


DEFAULT_PRIVILEGES: Final = Part(
    kind="'default privileges'",
    name=(
        "CASE d.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions' "
        "WHEN 'T' THEN 'types' WHEN 'n' THEN 'schemas' ELSE 'large objects' END || "
        # Whoever migrates has another name elsewhere.
        "CASE WHEN d.defaclrole = current_user::regrole THEN '' ELSE ' of ' || pg_get_userbyid(d.defaclrole) END"
    ),
    facets={
        "privileges": privileges(
            "d.defaclacl",
            "d.defaclrole",
            # Those of a schema are added to those of the database, so that there nothing is what there is at first.
            "(CASE WHEN d.defaclnamespace = 0 AND d.defaclobjtype <> 'L' THEN acldefault("
            "CASE d.defaclobjtype WHEN 'S' THEN 's' ELSE d.defaclobjtype END, d.defaclrole) "
            "ELSE CAST('{}' AS aclitem[]) END)",
        )
    },
    source=(
        "FROM pg_catalog.pg_default_acl d LEFT JOIN pg_catalog.pg_namespace n ON n.oid = d.defaclnamespace WHERE true"
    ),
)


def parts(version: int) -> tuple[Part, ...]:
    """What does not belong to one relation, type or routine.

    Args:
        version: of the server, as ``server_version_num`` says it.

    """
    return SCHEMAS, EXTENSIONS, EVENT_TRIGGERS, publications(version), DEFAULT_PRIVILEGES
