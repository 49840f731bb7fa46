"""What belongs to one relation of PostgreSQL: constraints, indexes, statistics, triggers, rules, policies."""

from __future__ import annotations

from typing import Final

from migrator.database.snapshot.postgresql.part import Part
from migrator.database.snapshot.postgresql.wording import (
    ENABLED,
    USER_SCHEMA,
    comment,
    not_of_extension,
    options,
    tablespace,
)

_OF_RELATION: Final = "JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
_OURS: Final = f"{USER_SCHEMA} AND {not_of_extension('pg_class', 'c.oid')}"
_CLUSTERED: Final = "CASE WHEN i.indisclustered THEN 'yes' END"
_REPLICATES: Final = "CASE WHEN i.indisreplident THEN 'yes' END"
_ATTACHED: Final = "SELECT h.inhparent::regclass::text FROM pg_catalog.pg_inherits h WHERE h.inhrelid = i.indexrelid"

CONSTRAINTS: Final = Part(
    kind="'constraint'",
    table="c.relname",
    name="k.conname",
    facets={
        "definition": "regexp_replace(y.definition, ' NOT VALID$', '')",
        "validity": "CASE WHEN y.definition ~ ' NOT VALID$' THEN 'not valid' END",
        "inherited": "CASE WHEN k.coninhcount > 0 AND (c.relispartition OR NOT k.conislocal) THEN 'yes' END",
        "storage parameters": options("b.reloptions"),
        "tablespace": tablespace("b.reltablespace"),
        "clustered": _CLUSTERED,
        "replica identity": _REPLICATES,
        "comment": comment("pg_constraint", "k.oid"),
    },
    # NOT NULL is told with its column, constraint triggers with the triggers, and the copies of a foreign key that
    # the server makes for each partition with the key itself.
    source=(
        "FROM pg_catalog.pg_constraint k "
        "CROSS JOIN LATERAL (SELECT pg_get_constraintdef(k.oid) AS definition OFFSET 0) y "
        f"JOIN pg_catalog.pg_class c ON c.oid = k.conrelid {_OF_RELATION} "
        "LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x') "
        f"LEFT JOIN pg_catalog.pg_class b ON b.oid = i.indexrelid WHERE {_OURS} "
        "AND k.contype IN ('c', 'p', 'u', 'x', 'f') AND (k.contype <> 'f' OR k.conparentid = 0)"
    ),
    relation="k.conrelid",
)

INDEXES: Final = Part(
    kind="'index'",
    table="c.relname",
    name="b.relname",
    facets={
        "definition": "pg_get_indexdef(i.indexrelid)",
        "validity": "CASE WHEN NOT i.indisvalid THEN 'invalid' END",
        "partition of": _ATTACHED,
        "tablespace": tablespace("b.reltablespace"),
        "clustered": _CLUSTERED,
        "replica identity": _REPLICATES,
        "statistics": (
            "SELECT string_agg(a.attnum || ' to ' || a.attstattarget, ', ' ORDER BY a.attnum) "
            "FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0"
        ),
        "comment": comment("pg_class", "b.oid"),
    },
    source=(
        "FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class b ON b.oid = i.indexrelid "
        f"JOIN pg_catalog.pg_class c ON c.oid = i.indrelid {_OF_RELATION} WHERE {_OURS} "
        "AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.indexrelid "
        "AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x'))"
    ),
    relation="c.oid",
)

STATISTICS: Final = Part(
    kind="'statistics'",
    schema="m.nspname",
    table="c.relname",
    name="s.stxname",
    facets={
        "definition": "pg_get_statisticsobjdef(s.oid)",
        "statistics": "CASE WHEN s.stxstattarget >= 0 THEN s.stxstattarget END",
        "comment": comment("pg_statistic_ext", "s.oid"),
    },
    source=(
        "FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace m ON m.oid = s.stxnamespace "
        f"JOIN pg_catalog.pg_class c ON c.oid = s.stxrelid {_OF_RELATION} WHERE {_OURS}"
    ),
    relation="c.oid",
)

TRIGGERS: Final = Part(
    kind="'trigger'",
    table="c.relname",
    name="t.tgname",
    facets={
        "definition": "pg_get_triggerdef(t.oid)",
        "enabled": ENABLED.format("t.tgenabled"),
        "inherited": "CASE WHEN p.oid IS NOT NULL THEN 'yes' END",
        "comment": comment("pg_trigger", "t.oid"),
    },
    # The server copies a partitioned table's trigger to each partition: told only where it was switched by itself.
    source=(
        f"FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid {_OF_RELATION} "
        "LEFT JOIN pg_catalog.pg_trigger p ON p.oid = t.tgparentid "
        f"WHERE NOT t.tgisinternal AND (p.oid IS NULL OR p.tgenabled <> t.tgenabled) AND {_OURS} "
        f"AND {not_of_extension('pg_trigger', 't.oid')}"
    ),
    relation="c.oid",
)

RULES: Final = Part(
    kind="'rule'",
    table="c.relname",
    name="r.rulename",
    facets={
        "definition": "pg_get_ruledef(r.oid)",
        "enabled": ENABLED.format("r.ev_enabled"),
        "comment": comment("pg_rewrite", "r.oid"),
    },
    source=(
        f"FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class {_OF_RELATION} "
        f"WHERE r.rulename <> '_RETURN' AND {_OURS}"
    ),
    relation="c.oid",
)

POLICIES: Final = Part(
    kind="'policy'",
    table="c.relname",
    name="p.polname",
    facets={
        "command": (
            "CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' "
            "WHEN 'd' THEN 'DELETE' ELSE 'ALL' END"
        ),
        "permissive": "CASE WHEN NOT p.polpermissive THEN 'no' END",
        "roles": (
            "SELECT string_agg(CASE x WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x)) END, ', ' "
            "ORDER BY pg_get_userbyid(x)) FROM unnest(p.polroles) x"
        ),
        "using": "pg_get_expr(p.polqual, p.polrelid)",
        "check": "pg_get_expr(p.polwithcheck, p.polrelid)",
        "comment": comment("pg_policy", "p.oid"),
    },
    source=(
        f"FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid {_OF_RELATION} WHERE {_OURS}"
    ),
    relation="c.oid",
)

PARTS: Final = (CONSTRAINTS, INDEXES, STATISTICS, TRIGGERS, RULES, POLICIES)
