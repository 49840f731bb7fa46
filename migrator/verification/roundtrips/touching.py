"""Which tables' rows a step may have changed, as its statements tell. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final, TypeAlias

from migrator.database.statements import Nature, Statement, read_statement

Tables: TypeAlias = frozenset[tuple[str | None, str]] | None
"""Tables by schema and name; None: it cannot be told, so that any may be meant."""

_NO_TABLE: Final = frozenset[tuple[str | None, str]]()
_ELSEWHERE_TOO: Final = ("DELETE", "TRUNCATE")
"""Statements that reach rows of other tables by their foreign keys."""


def together(*some: Tables) -> Tables:
    """All of the tables."""
    known = [each for each in some if each is not None]
    return _NO_TABLE.union(*known) if len(known) == len(some) else None


def changed_rows(sent: Iterable[str], dialect: str, known: Collection[tuple[str | None, str]]) -> Tables:
    """The tables whose rows the statements change.

    Args:
        sent: statements as text.
        dialect: of the server.
        known: the tables that there are: a name without a schema means each of that name.

    """
    named: set[tuple[str | None, str]] = set()
    for statement in sent:
        for part in _parts(read_statement(statement, dialect)):
            if part.nature is Nature.PROGRAM or part.verb.startswith(_ELSEWHERE_TOO):
                return None
            if part.nature is not Nature.DATA and not _replaces_table(part):
                continue
            if part.table is None:
                return None
            named.update(each for each in known if _is_meant(each, part))
    return frozenset(named)


def _parts(statement: Statement) -> Iterator[Statement]:
    if statement.nature is Nature.PROGRAM and statement.parts:
        for part in statement.parts:
            yield from _parts(part)
    else:
        yield statement


def _replaces_table(statement: Statement) -> bool:
    """A table that is made under a name that is known takes the place of another one."""
    return statement.nature is Nature.SCHEMA and statement.verb.startswith("CREATE TABLE")


def _is_meant(table: tuple[str | None, str], statement: Statement) -> bool:
    schema, name = table
    return name == statement.table and statement.table_schema in (None, schema)
