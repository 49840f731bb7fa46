"""Names and texts as PostgreSQL's SQL has them, and which names a text mentions."""

from __future__ import annotations

import re
from typing import Final

from migrator.database.snapshot.model import Kind, ObjectKey

_PLAIN: Final = re.compile(r"[a-z_][a-z0-9_]*\Z")
_KEYWORDS: Final = frozenset(
    """
    all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast
    char character check coalesce collate collation column concurrently constraint create cross current_catalog
    current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable
    desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group
    grouping having ilike in initially inner inout int integer intersect interval into is isnull join json json_array
    json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value
    lateral leading least left like limit localtime localtimestamp merge_action national natural nchar none normalize
    not notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision
    primary real references returning right row select session_user setof similar smallint some substring symmetric
    system_user table tablesample then time timestamp to trailing treat trim true union unique user using values
    varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest
    xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable
    """.split()  # noqa: SIM905 -- a hundred quoted words would be harder to compare with the server's list
)
"""Words that are no name without quotation marks, on any supported server (``pg_get_keywords()``)."""
_PART: Final = r'(?:"(?:[^"]|"")+"|[A-Za-z_\u0080-\uffff][\w$]*)'
_PAIR: Final = re.compile(rf'(?<![\w"])(?=({_PART})\.({_PART}))')


def quoted(name: str) -> str:
    """A name, in quotation marks where it needs them."""
    if _PLAIN.match(name) and name not in _KEYWORDS:
        return name
    return '"' + name.replace('"', '""') + '"'


def qualified(schema: str | None, name: str) -> str:
    """A name with its schema."""
    return quoted(name) if schema is None else f"{quoted(schema)}.{quoted(name)}"


def literal(text: str) -> str:
    """A text as a string constant."""
    escape = "E" if "\\" in text else ""
    return f"{escape}'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def own_name(key: ObjectKey) -> str:
    """What an object is called where it stands alone: a relation, type, routine, schema..."""
    if key.kind in (Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE):
        name, parenthesis, arguments = key.name.partition("(")
        return qualified(key.schema, name) + parenthesis + arguments
    return qualified(key.schema, key.name)


def table_of(key: ObjectKey) -> str:
    """The relation that an object belongs to."""
    return qualified(key.schema, key.table or key.name)


def bare_name(key: ObjectKey) -> tuple[str | None, str]:
    """Schema and name as ``mentions`` has them: of a routine without its arguments."""
    if key.kind in (Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE):
        return key.schema, key.name.partition("(")[0]
    return key.schema, key.name


def mentions(text: str) -> frozenset[tuple[str | None, str]]:
    """The qualified names in a text: the server qualifies every name that it prints for a snapshot."""
    return frozenset((_unquoted(first), _unquoted(second)) for first, second in _PAIR.findall(text))


def _unquoted(name: str) -> str:
    return name[1:-1].replace('""', '"') if name.startswith('"') else name
