"""Enums, domains, composite and range types, collations."""

from __future__ import annotations

from schema_pairs.pair import Pair

_ENUM = "CREATE TYPE e AS ENUM ('s', 'm', 'l')"
_DOMAIN = "CREATE DOMAIN d AS text CONSTRAINT short CHECK (length(VALUE) < 9); "
_COMPOSITE = "CREATE TYPE c AS (x integer, y text); "


def _domain(name: str, change: str, **more: object) -> Pair:
    return Pair(name, "", f"ALTER DOMAIN d {change}", "domain PAIR.d", base=_DOMAIN, **more)  # type: ignore[arg-type]


PAIRS = (
    Pair("order of labels", _ENUM, "CREATE TYPE e AS ENUM ('m', 's', 'l')", "enum PAIR.e", base=""),
    Pair(
        "label put between",
        _ENUM,
        "CREATE TYPE e AS ENUM ('s', 'l'); ALTER TYPE e ADD VALUE 'm' BEFORE 'l'",
        base="",
    ),
    Pair("label renamed", "", "ALTER TYPE e RENAME VALUE 's' TO 'xs'", "enum PAIR.e", base=_ENUM + "; "),
    Pair("label with a quote", _ENUM, "CREATE TYPE e AS ENUM ('s', 'm', 'l''x')", "enum PAIR.e", base=""),
    Pair("comment on a type", "", "COMMENT ON TYPE e IS 'x'", "enum PAIR.e", base=_ENUM + "; "),
    Pair("type of a domain", "CREATE DOMAIN d AS text", "CREATE DOMAIN d AS varchar(3)", "domain PAIR.d", base=""),
    _domain("domain not null", "SET NOT NULL"),
    _domain("default of a domain", "SET DEFAULT 'x'"),
    _domain("check of a domain removed", "DROP CONSTRAINT short"),
    _domain("check of a domain added", "ADD CONSTRAINT long CHECK (length(VALUE) > 1)"),
    _domain("check of a domain not valid", "ADD CONSTRAINT long CHECK (length(VALUE) > 1) NOT VALID"),
    Pair(
        "text of the check of a domain",
        _DOMAIN,
        _DOMAIN.replace("9", "8"),
        "domain PAIR.d",
        base="",
    ),
    Pair(
        "collation of a domain",
        "CREATE DOMAIN d AS text",
        'CREATE DOMAIN d AS text COLLATE "C"',
        "domain PAIR.d",
        base="",
    ),
    Pair("attribute added", "", "ALTER TYPE c ADD ATTRIBUTE z date", "composite type PAIR.c", base=_COMPOSITE),
    Pair(
        "type of an attribute",
        "",
        "ALTER TYPE c ALTER ATTRIBUTE x TYPE bigint",
        "composite type PAIR.c",
        base=_COMPOSITE,
    ),
    Pair("attribute renamed", "", "ALTER TYPE c RENAME ATTRIBUTE x TO w", "composite type PAIR.c", base=_COMPOSITE),
    Pair(
        "collation of an attribute",
        "",
        'ALTER TYPE c ALTER ATTRIBUTE y TYPE text COLLATE "C"',
        "composite type PAIR.c",
        base=_COMPOSITE,
    ),
    Pair("comment on an attribute", "", "COMMENT ON COLUMN c.x IS 'x'", "column PAIR.c.x", base=_COMPOSITE),
    Pair(
        "subtype of a range",
        "CREATE TYPE r AS RANGE (SUBTYPE = float8)",
        "CREATE TYPE r AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi)",
        "range type PAIR.r",
        base="",
    ),
    Pair(
        "name of a multirange",
        "CREATE TYPE r AS RANGE (SUBTYPE = float8)",
        "CREATE TYPE r AS RANGE (SUBTYPE = float8, MULTIRANGE_TYPE_NAME = many)",
        "range type PAIR.r",
        base="",
    ),
    Pair("collation made", "", "CREATE COLLATION c (LOCALE = 'C')", "collation PAIR.c", base=""),
    Pair(
        "locale of a collation",
        "CREATE COLLATION c (LOCALE = 'C')",
        "CREATE COLLATION c (LOCALE = 'POSIX')",
        "collation PAIR.c",
        base="",
    ),
)
