"""Pieces of SQL that many parts of the catalog share."""

from __future__ import annotations

from typing import Final

SCRATCH_SCHEMA: Final = "migrator_scratch"
"""What this tool keeps in its own scratch databases: no part of any snapshot."""
USER_SCHEMA: Final = f"n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', '{SCRATCH_SCHEMA}')"


def class_of(catalog: str) -> str:
    """A catalog as the ``classid`` of dependencies and comments names it."""
    return f"'pg_catalog.{catalog}'::regclass"


def not_of_extension(catalog: str, oid: str) -> str:
    """True of what no extension brought."""
    return (
        f"{oid} NOT IN (SELECT x.objid FROM pg_catalog.pg_depend x WHERE x.refclassid = {class_of('pg_extension')} "
        f"AND x.classid = {class_of(catalog)} AND x.deptype = 'e')"
    )


def comment(catalog: str, oid: str, column: str = "0") -> str:
    """The comment on an object or a column."""
    return (
        f"SELECT x.description FROM pg_catalog.pg_description x WHERE x.objoid = {oid} "
        f"AND x.classoid = {class_of(catalog)} AND x.objsubid = {column}"
    )


def privileges(acl: str, owner: str, usual: str) -> str:
    """Who may do what, where that is not the usual: ``PUBLIC: SELECT; reader: INSERT, SELECT``.

    The owner has no name: the same schema may belong to another role elsewhere.

    Args:
        acl: expression of the access control list.
        owner: oid of the owner.
        usual: the letter of `acldefault`, or an expression of the list of an object on which nobody granted anything.

    """
    default = f"acldefault('{usual}', {owner})" if len(usual) == 1 else usual
    return (
        f"CASE WHEN {acl} IS NOT NULL AND NOT ({acl} @> {default} AND {acl} <@ {default}) THEN "
        f"coalesce((SELECT string_agg(g.who || ': ' || g.what, '; ' ORDER BY g.who) FROM ("
        f"SELECT CASE x.grantee WHEN 0 THEN 'PUBLIC' WHEN {owner} THEN 'OWNER' "
        "ELSE quote_ident(pg_get_userbyid(x.grantee)) END AS who, "
        "string_agg(x.privilege_type || CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', ' "
        f"ORDER BY x.privilege_type) AS what FROM aclexplode({acl}) x GROUP BY 1) g), 'none') END"
    )


def options(array: str) -> str:
    """Options as they are written in parentheses, in the order of their names."""
    return f"SELECT string_agg(x, ', ' ORDER BY x) FROM unnest({array}) x"


def foreign_options(array: str) -> str:
    """Options of foreign data as ``OPTIONS (...)`` takes them."""
    return (
        "SELECT string_agg(quote_ident(x.option_name) || ' ' || quote_literal(x.option_value), ', ' "
        f"ORDER BY x.option_name) FROM pg_options_to_table({array}) x"
    )


def tablespace(oid: str) -> str:
    """The tablespace, where it is not the database's own."""
    return f"SELECT x.spcname FROM pg_catalog.pg_tablespace x WHERE x.oid = {oid}"


def collation(oid: str, usual: str) -> str:
    """The collation, where it is not the type's own."""
    return f"CASE WHEN {oid} NOT IN (0, {usual}) THEN {oid}::regcollation::text END"


ENABLED: Final = "CASE {} WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica' WHEN 'A' THEN 'always' END"
"""When a trigger or rule fires, where it is not the usual."""
