"""Functions, procedures and aggregates in PostgreSQL's catalog."""

from __future__ import annotations

from typing import Final

from migrator.database.snapshot.postgresql.part import Part
from migrator.database.snapshot.postgresql.wording import USER_SCHEMA, class_of, comment, privileges


def _function(column: str, word: str) -> str:
    return f"'{word} = ' || nullif(g.{column}, 0)::regproc"


_FINAL: Final = "CASE WHEN g.{}finalextra THEN '{}FINALFUNC_EXTRA' END"
_AGGREGATE: Final = (
    "SELECT 'CREATE AGGREGATE ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname) || '(' || "
    "pg_get_function_arguments(p.oid) || ') (' || concat_ws(', ', "
    "'SFUNC = ' || g.aggtransfn::regproc, 'STYPE = ' || format_type(g.aggtranstype, NULL), "
    "'SSPACE = ' || nullif(g.aggtransspace, 0), "
    f"{_function('aggfinalfn', 'FINALFUNC')}, {_FINAL.format('agg', '')}, {_function('aggcombinefn', 'COMBINEFUNC')}, "
    f"{_function('aggserialfn', 'SERIALFUNC')}, {_function('aggdeserialfn', 'DESERIALFUNC')}, "
    "'INITCOND = ' || quote_literal(g.agginitval), "
    f"{_function('aggmtransfn', 'MSFUNC')}, {_function('aggminvtransfn', 'MINVFUNC')}, "
    "'MSTYPE = ' || format_type(nullif(g.aggmtranstype, 0), NULL), 'MSSPACE = ' || nullif(g.aggmtransspace, 0), "
    f"{_function('aggmfinalfn', 'MFINALFUNC')}, {_FINAL.format('aggm', 'M')}, "
    "'MINITCOND = ' || quote_literal(g.aggminitval), "
    "(SELECT 'SORTOP = OPERATOR(' || quote_ident(y.nspname) || '.' || x.oprname || ')' FROM pg_catalog.pg_operator x "
    "JOIN pg_catalog.pg_namespace y ON y.oid = x.oprnamespace WHERE x.oid = g.aggsortop), "
    "CASE p.proparallel WHEN 's' THEN 'PARALLEL = SAFE' WHEN 'r' THEN 'PARALLEL = RESTRICTED' END, "
    "CASE g.aggkind WHEN 'h' THEN 'HYPOTHETICAL' END) || ')' "
    "FROM pg_catalog.pg_aggregate g WHERE g.aggfnoid = p.oid"
)

ROUTINES: Final = Part(
    kind="CASE p.prokind WHEN 'a' THEN 'aggregate' WHEN 'p' THEN 'procedure' ELSE 'function' END",
    name="p.proname || '(' || oidvectortypes(p.proargtypes) || ')'",
    facets={
        "definition": f"CASE WHEN p.prokind = 'a' THEN ({_AGGREGATE}) ELSE pg_get_functiondef(p.oid) END",
        "comment": comment("pg_proc", "p.oid"),
        "privileges": privileges("p.proacl", "p.proowner", "f"),
    },
    # What the server makes with a range type, or an extension brings, is told with these.
    source=(
        "FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace "
        f"WHERE {USER_SCHEMA} AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend x "
        f"WHERE x.classid = {class_of('pg_proc')} AND x.objid = p.oid AND x.deptype IN ('e', 'i'))"
    ),
)

PARTS: Final = (ROUTINES,)
