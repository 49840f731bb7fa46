"""The question to PostgreSQL's catalog about tables: one query, whose cost is that of the tables asked for."""

from __future__ import annotations

from typing import Final

from migrator.database.snapshot.postgresql.wording import SCRATCH_SCHEMA

# OFFSET 0 keeps the planner from joining whole catalogs: each table asked for is looked up by itself.
WANTED: Final = """
    SELECT c.* FROM json_array_elements_text($1) w (name) CROSS JOIN LATERAL (
        SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.oid = to_regclass(w.name) AND c.relkind IN ('r', 'p') OFFSET 0) c
"""
"""The tables whose quoted names are in the JSON list ``$1``, as far as they exist."""
ALL: Final = f"""
    SELECT c.oid, n.nspname, c.relname, c.relkind, c.relispartition
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('information_schema', '{SCRATCH_SCHEMA}') AND n.nspname NOT LIKE 'pg\\_%'
      AND NOT EXISTS (SELECT 1 FROM pg_depend d
                      WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
"""  # noqa: S608
"""All tables but those of extensions and of the server."""
QUERY: Final = """
WITH RECURSIVE wanted AS MATERIALIZED ({wanted}),
columns AS MATERIALIZED (
    SELECT c.* FROM wanted w CROSS JOIN LATERAL (
        SELECT a.attrelid, a.attnum, a.atttypid, json_build_object(
            'number', a.attnum, 'name', a.attname, 'type', a.atttypid, 'modifier', a.atttypmod,
            'spelled', format_type(a.atttypid, a.atttypmod), 'required', a.attnotnull,
            'default', pg_get_expr(d.adbin, d.adrelid), 'identity', a.attidentity, 'generated', a.attgenerated) AS facts
        FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped OFFSET 0) c
),
types (oid) AS (
    SELECT atttypid FROM columns
  UNION
    SELECT inner_type.oid FROM types s CROSS JOIN LATERAL (
        SELECT * FROM pg_type t WHERE t.oid = s.oid OFFSET 0
    ) t CROSS JOIN LATERAL (
        SELECT t.typbasetype WHERE t.typtype = 'd'
        UNION ALL SELECT t.typelem WHERE t.typcategory = 'A'
        UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE t.typtype = 'r' AND r.rngtypid = t.oid
        UNION ALL SELECT r.rngsubtype FROM pg_range r WHERE t.typtype = 'm' AND r.rngmultitypid = t.oid
        UNION ALL SELECT a.atttypid FROM pg_attribute a
                  WHERE t.typtype = 'c' AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped
    ) AS inner_type (oid)
)
SELECT json_build_object(
  'types', (SELECT json_agg(json_build_object(
        'oid', t.oid, 'name', t.typname, 'kind', t.typtype, 'array', t.typcategory = 'A',
        'spelled', format_type(t.oid, NULL),
        'required', t.typnotnull, 'base', t.typbasetype, 'modifier', t.typtypmod, 'element', t.typelem,
        'subtype', CASE WHEN t.typtype IN ('r', 'm') THEN
            (SELECT r.rngsubtype FROM pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)) END,
        'labels', CASE WHEN t.typtype = 'e' THEN
            (SELECT json_agg(e.enumlabel ORDER BY e.enumsortorder) FROM pg_enum e WHERE e.enumtypid = t.oid) END,
        'checks', CASE WHEN t.typtype = 'd' THEN
            (SELECT json_agg(pg_get_expr(k.conbin, 0) ORDER BY k.conname) FROM pg_constraint k
             WHERE k.contypid = t.oid AND k.contype = 'c') END,
        'attributes', CASE WHEN t.typtype = 'c' THEN
            (SELECT json_agg(json_build_array(a.atttypid, a.atttypmod) ORDER BY a.attnum) FROM pg_attribute a
             WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) END
      )) FROM types s CROSS JOIN LATERAL (SELECT * FROM pg_type t WHERE t.oid = s.oid OFFSET 0) t),
  'tables', (SELECT json_agg(json_build_object(
        'schema', w.nspname, 'name', w.relname, 'kind', w.relkind,
        'parts', CASE WHEN w.relkind = 'p' THEN (SELECT json_agg(json_build_array(n.nspname, p.relname))
            FROM pg_partition_tree(w.oid) o JOIN pg_class p ON p.oid = o.relid AND o.level > 0
            JOIN pg_namespace n ON n.oid = p.relnamespace) END,
        'within', CASE WHEN w.relispartition THEN (SELECT json_agg(json_build_array(n.nspname, p.relname))
            FROM pg_partition_ancestors(w.oid) o JOIN pg_class p ON p.oid = o.relid AND p.oid <> w.oid
            JOIN pg_namespace n ON n.oid = p.relnamespace) END,
        'bounds', CASE WHEN w.relispartition THEN pg_get_partition_constraintdef(w.oid) END,
        'columns', (SELECT json_agg(c.facts ORDER BY c.attnum) FROM columns c WHERE c.attrelid = w.oid),
        'constraints', (SELECT json_agg(json_build_object(
                'name', k.conname, 'kind', k.contype, 'columns', k.conkey,
                'expression', CASE k.contype WHEN 'c' THEN pg_get_expr(k.conbin, k.conrelid)
                                             WHEN 'x' THEN pg_get_constraintdef(k.oid) END,
                'parent', CASE WHEN k.contype = 'f' THEN (SELECT json_build_array(n.nspname, p.relname)
                    FROM pg_class p JOIN pg_namespace n ON n.oid = p.relnamespace WHERE p.oid = k.confrelid) END,
                'parent_columns', CASE WHEN k.contype = 'f' THEN (SELECT json_agg(a.attname ORDER BY u.place)
                    FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place)
                    JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number) END
            ) ORDER BY k.conname) FROM pg_constraint k
            WHERE k.conrelid = w.oid AND k.contype IN ('c', 'f', 'x')
              AND NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.oid = k.conparentid AND o.conrelid = k.conrelid)),
        'indexes', (SELECT json_agg(json_build_object(
                'primary', i.indisprimary, 'columns', string_to_array(i.indkey::text, ' ')::int[],
                'keys', i.indnkeyatts, 'expression', pg_get_expr(i.indexprs, i.indrelid)
            ) ORDER BY i.indexrelid) FROM pg_index i WHERE i.indrelid = w.oid AND i.indisunique)
      ) ORDER BY w.nspname, w.relname) FROM wanted w)
)::text
"""
"""One row: tables and types as one JSON text; ``{wanted}`` is one of the above."""
