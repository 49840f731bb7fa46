"""The statements and questions that are alike on every server. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from migrator.verification.rows.dialect import Dialect
from migrator.verification.rows.facts import ColumnFacts, TableFacts
from migrator.verification.rows.planning import Parent, Row, Term

_SAMPLE = 100
"""Rows that are looked at to see which columns hold nothing."""


def insertion(dialect: Dialect, table: TableFacts, row: Row) -> str:
    """The statement that inserts a row."""
    terms = [written(dialect, table.column(name), term) for name, term in row.items()]
    return dialect.insert(table, tuple(row), terms)


def settings(dialect: Dialect, table: TableFacts, values: Mapping[str, Term]) -> str:
    """The statement that sets columns in one of the rows where all of them are NULL."""
    names = {name: dialect.quoted(name) for name in values}
    assignments = ", ".join(
        f"{names[name]} = {written(dialect, table.column(name), term)}" for name, term in values.items()
    )
    return dialect.update_one(table, assignments, " AND ".join(f"{each} IS NULL" for each in names.values()))


def written(dialect: Dialect, column: ColumnFacts, term: Term) -> str:
    """A term as SQL."""
    if not isinstance(term, Parent):
        return dialect.literal(term, column.type)
    where = [f"p.{dialect.quoted(name)} IS NOT NULL" for name in term.known]
    where += [f"p.{dialect.quoted(name)} = {written(dialect, column, settled)}" for name, settled in term.where]
    order = ", ".join(f"p.{dialect.quoted(name)}" for name in term.known)
    query = (
        f"SELECT p.{dialect.quoted(term.column)} FROM {dialect.relation(term.table)} p"  # noqa: S608
        f" WHERE {' AND '.join(where)} ORDER BY {order} LIMIT 1"
    )
    rows = [f"{query} OFFSET {term.row}", query] if term.row else [query]
    terms = [f"({each})" if dialect.sees_own_target else f"(SELECT * FROM ({each}) q)" for each in rows]  # noqa: S608
    return terms[0] if len(terms) == 1 else f"coalesce({', '.join(terms)})"


def standing(dialect: Dialect, tables: Sequence[TableFacts]) -> str:
    """A query for each table's place in the list, whether and how many rows it has (a few), and how many not NULL.

    The last is a text of numbers with commas, one for each of `optional`, with a trailing comma.
    """
    return " UNION ALL ".join(_standing(dialect, place, table) for place, table in enumerate(tables))


def optional(table: TableFacts) -> tuple[ColumnFacts, ...]:
    """The columns that may be NULL and can be set."""
    return tuple(each for each in table.settable if not each.required)


def _standing(dialect: Dialect, place: int, table: TableFacts) -> str:
    columns = [dialect.quoted(each.name) for each in optional(table)]
    counts = [part for each in columns for part in (f"count(s.{each})", "','")] or ["''"]
    return (
        f"SELECT {place} AS place, count(*) AS number, {dialect.joined(counts)} AS counts"  # noqa: S608
        f" FROM (SELECT {', '.join(columns) or '1 AS one'} FROM {dialect.own_rows(table.table)} LIMIT {_SAMPLE}) s"
    )


def sample(dialect: Dialect, table: TableFacts, limit: int) -> str:
    """A query for the rows of a table as text, in the order of its key."""
    columns = ", ".join(dialect.as_text(each.name, each.type) for each in table.columns) or "NULL"
    order = f" ORDER BY {', '.join(dialect.quoted(each) for each in table.key)}" if table.key else ""
    return f"SELECT {columns} FROM {dialect.own_rows(table.table)}{order} LIMIT {limit}"  # noqa: S608
