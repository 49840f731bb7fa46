"""Whether a query only reads: what it writes into, and which functions it calls."""

from __future__ import annotations

from typing import Final

from migrator.database.statements.cursor import Cursor
from migrator.database.statements.model import Nature

_CHANGES: Final = frozenset({"INSERT", "DELETE", "MERGE", "INTO"})
_CALLS_NOTHING: Final = frozenset(
    {
        "ALL", "AND", "ANY", "ARRAY", "AS", "BETWEEN", "BY", "CASE", "CUBE", "DISTINCT", "ELSE", "END", "EXCEPT",
        "EXISTS", "FETCH", "FILTER", "FOR", "FROM", "GROUPING", "HAVING", "ILIKE", "IN", "INTERSECT", "INTERVAL", "IS",
        "JOIN", "LATERAL", "LIKE", "LIMIT", "MATERIALIZED", "NOT", "OFFSET", "ON", "OR", "OVER", "ROLLUP", "ROW",
        "SELECT", "SETS", "SIMILAR", "SOME", "THEN", "UNION", "USING", "VALUES", "WHEN", "WHERE", "WITH", "WITHIN",
        "BIT", "CHAR", "CHARACTER", "DECIMAL", "NUMERIC", "TIME", "TIMESTAMP", "VARCHAR", "VARYING",
    }
)  # fmt: skip
"""Words that a parenthesis may follow without a call."""
_HARMLESS: Final = frozenset(
    {
        "ABS", "AGE", "AVG", "BOOL_AND", "BOOL_OR", "BTRIM", "CAST", "CEIL", "CEILING", "CHAR_LENGTH", "CHR",
        "CLOCK_TIMESTAMP", "COALESCE", "COL_DESCRIPTION", "CONCAT", "CONCAT_WS", "CONVERT", "COUNT", "DATABASE", "DATE",
        "DECODE", "DENSE_RANK", "ENCODE", "EVERY", "EXTRACT", "FIRST_VALUE", "FLOOR", "FORMAT", "FORMAT_TYPE",
        "GENERATE_SERIES", "GENERATE_SUBSCRIPTS", "GEN_RANDOM_UUID", "GREATEST", "GROUP_CONCAT", "HEX", "IF", "IFNULL",
        "INITCAP", "ISNULL", "JUSTIFY_DAYS", "LAG", "LAST_VALUE", "LEAD", "LEAST", "LEFT", "LENGTH", "LOWER", "LPAD",
        "LTRIM", "MAKE_DATE", "MAX", "MD5", "MIN", "MOD", "NOW", "NTILE", "NULLIF", "OBJ_DESCRIPTION", "OCTET_LENGTH",
        "OVERLAY", "PERCENTILE_CONT", "PERCENTILE_DISC", "POSITION", "POWER", "QUOTE_IDENT", "QUOTE_LITERAL",
        "QUOTE_NULLABLE", "RANDOM", "RANK", "REPEAT", "REPLACE", "REVERSE", "RIGHT", "ROUND", "ROW_NUMBER",
        "ROW_TO_JSON", "RPAD", "RTRIM", "SCHEMA", "SHA256", "SHOBJ_DESCRIPTION", "SIGN", "SPLIT_PART", "SQLITE_VERSION",
        "SQRT", "STDDEV", "STRFTIME", "STRPOS", "SUBSTR", "SUBSTRING", "SUM", "TRANSLATE", "TRIM", "TRUNC", "TYPEOF",
        "UNNEST", "UPPER", "USER", "UUID", "VARIANCE", "VERSION",
    }
)  # fmt: skip
_HARMLESS_BEGINNINGS: Final = (
    "PG_", "CURRENT_", "TO_", "HAS_", "JSON", "ARRAY_", "REGEXP_", "STRING_", "DATE_", "TXID_", "INET_", "TS_",
)  # fmt: skip
_HARMFUL: Final = frozenset({"NEXTVAL", "SETVAL"})
_CATALOGS: Final = frozenset({"PG_CATALOG", "INFORMATION_SCHEMA"})


def nature_of_query(cursor: Cursor) -> Nature:
    """READ if a SELECT, WITH, VALUES or TABLE surely changes nothing; SETTING for ``set_config``; else DATA."""
    words = cursor.words
    for at in range(cursor.at, cursor.end):
        word = words[at]
        if word in _CHANGES:
            return Nature.DATA
        if word == "UPDATE" and words[at - 1] not in ("FOR", "KEY"):
            return Nature.DATA
        if word == "(" and not _is_harmless(words, at):
            return Nature.DATA
    return Nature.SETTING if _sets_config(words) else Nature.READ


def _is_harmless(words: list[str], at: int) -> bool:
    """Whether what an opening parenthesis belongs to is no call, or that of a function known to change nothing."""
    if at == 0:
        return True
    name = words[at - 1].strip('"`').upper()
    if not (name[:1].isalpha() or name[:1] == "_") or name in _CALLS_NOTHING:
        return True
    if name in _HARMFUL:
        return False
    before = words[at - 2] if at > 1 else ""
    if before == ".":
        return at > 2 and words[at - 3].strip('"') in _CATALOGS  # noqa: PLR2004 (schema, dot, name)
    # A list of columns: of a common table expression, or of a table's second name.
    if before in ("AS", "WITH", "RECURSIVE", ")"):
        return True
    return name in _HARMLESS or name == "SET_CONFIG" or name.startswith(_HARMLESS_BEGINNINGS)


def _sets_config(words: list[str]) -> bool:
    return "SET_CONFIG" in words
