"""Statements for tables, whole and in parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from migrator.database.snapshot.comparing import Difference
from migrator.database.snapshot.ddl.postgresql.columns import column_definition, column_settings, is_inherited
from migrator.database.snapshot.ddl.postgresql.naming import bare_name, own_name
from migrator.database.snapshot.ddl.postgresql.parameters import foreign_options_changed, parameters_changed
from migrator.database.snapshot.ddl.postgresql.steps import Phase, Step
from migrator.database.snapshot.model import Kind, SchemaObject

_REMADE: Final = frozenset({"partition key", "server"})
"""Facets that a table keeps for life."""


def create_table(table: SchemaObject, parts: Iterable[SchemaObject]) -> Iterator[Step]:
    """The statement that makes a table with its columns; other parts come by statements of their own."""
    facets = table.facets
    columns = [part for part in parts if part.key.kind is Kind.COLUMN]
    if "inherits" in facets:
        columns = [column for column in columns if not is_inherited(column)]
    order = {name: place for place, name in enumerate(_column_names(facets.get("column order", "")))}
    columns.sort(key=lambda column: order.get(column.key.name, len(order)))
    foreign = table.key.kind is Kind.FOREIGN_TABLE
    unlogged = "UNLOGGED " if facets.get("persistence") == "unlogged" else ""
    head = f"CREATE {'FOREIGN ' if foreign else unlogged}TABLE {own_name(table.key)}"
    body = ",\n".join(f"    {column_definition(column)}" for column in columns)
    sql = f"{head} (\n{body}\n)" if columns else f"{head} ()"
    if "of type" in facets:
        sql = f"{head} OF {facets['of type']}"
    yield Step(Phase.CREATE_TABLES, sql + _tail(facets), about=bare_name(table.key))
    for column in columns:
        yield from column_settings(column)
    yield from _attached(table, {}, facets)
    yield from _settings(table, {}, facets)


def drop_table(table: SchemaObject, parts: Iterable[SchemaObject]) -> Iterator[Step]:
    """The statement that takes a table away; those that inherit from it or refer to it go first."""
    parents = " ".join(table.facets.get(name, "") for name in ("partition of", "inherits"))
    own = [part for part in parts if part.key.kind in {Kind.COLUMN, Kind.CONSTRAINT}]
    needs = " ".join([parents, *(part.facets.get("type", part.facets.get("definition", "")) for part in own)])
    kind = table.key.kind.upper()
    yield Step(Phase.DROP_TABLES, f"DROP {kind} {own_name(table.key)}", about=bare_name(table.key), needs=needs or "-")


def change_table(difference: Difference) -> Iterator[Step]:
    """Statements for what is another of a table as such: not of its columns and other parts."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        return
    for facet in difference.facets:
        if facet.name in _REMADE:
            yield Step(
                Phase.ALTER_TABLES,
                f"-- {own_name(after.key)} has to be made again: its {facet.name} cannot be changed"
                f" ({facet.before or 'none'} to {facet.after or 'none'})",
            )
    yield from _detached(before, before.facets, after.facets)
    yield from _attached(after, before.facets, after.facets)
    yield from _settings(after, before.facets, after.facets)


def _tail(facets: Mapping[str, str]) -> str:
    words = []
    if "server" in facets:
        words.append(f"SERVER {facets['server']}")
        if "options" in facets:
            words.append(f"OPTIONS ({facets['options']})")
    if "inherits" in facets:
        words.append(f"INHERITS ({facets['inherits']})")
    if "partition key" in facets:
        words.append(f"PARTITION BY {facets['partition key']}")
    if "access method" in facets:
        words.append(f"USING {facets['access method']}")
    if "storage parameters" in facets:
        words.append(f"WITH ({facets['storage parameters']})")
    if "tablespace" in facets:
        words.append(f"TABLESPACE {facets['tablespace']}")
    return "".join(f"\n{word}" for word in words)


def _detached(table: SchemaObject, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Step]:
    """It no longer is a part of another table."""
    former = before.get("partition of")
    if former is not None and former != after.get("partition of"):
        parent = former.partition(" ")[0]
        yield Step(Phase.DETACH, f"ALTER TABLE {parent} DETACH PARTITION {own_name(table.key)}")
    for parent in _parents(before):
        if parent not in _parents(after):
            yield Step(Phase.DETACH, f"ALTER TABLE {own_name(table.key)} NO INHERIT {parent}")


def _attached(table: SchemaObject, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Step]:
    """It becomes a part of another table, once it has the same columns, constraints and indexes."""
    latter = after.get("partition of")
    if latter is not None and latter != before.get("partition of"):
        parent, _, bound = latter.partition(" ")
        yield Step(Phase.ATTACH, f"ALTER TABLE {parent} ATTACH PARTITION {own_name(table.key)} {bound}")
    if before:
        for parent in _parents(after):
            if parent not in _parents(before):
                yield Step(Phase.ATTACH, f"ALTER TABLE {own_name(table.key)} INHERIT {parent}")


def _parents(facets: Mapping[str, str]) -> list[str]:
    return [name.strip() for name in facets.get("inherits", "").split(",") if name.strip()]


def _settings(table: SchemaObject, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[Step]:
    """What ``ALTER TABLE`` can set and unset at any time."""
    alter = f"ALTER TABLE {own_name(table.key)}"
    if before:
        for words in _rewritten(before, after):
            yield Step(Phase.ALTER_TABLES, f"{alter} {words}")
    for words in _row_security(before.get("row security", ""), after.get("row security", "")):
        yield Step(Phase.ADD_ATTACHED, f"{alter} {words}")
    if table.key.kind is Kind.TABLE and before.get("replica identity") != after.get("replica identity"):
        yield Step(Phase.ALTER_TABLES, f"{alter} REPLICA IDENTITY {after.get('replica identity', 'default').upper()}")


def _rewritten(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    """Of a table that was there: what a new one gets by its own statement."""
    if before.get("of type") != after.get("of type"):
        yield f"OF {after['of type']}" if "of type" in after else "NOT OF"
    yield from foreign_options_changed(before.get("options"), after.get("options"))
    if before.get("persistence") != after.get("persistence"):
        yield "SET UNLOGGED" if after.get("persistence") == "unlogged" else "SET LOGGED"
    yield from parameters_changed(before.get("storage parameters"), after.get("storage parameters"))
    if before.get("access method") != after.get("access method"):
        yield f"SET ACCESS METHOD {after.get('access method', 'heap')}"
    if before.get("tablespace") != after.get("tablespace"):
        yield f"SET TABLESPACE {after.get('tablespace', 'pg_default')}"


def _row_security(before: str, after: str) -> Iterator[str]:
    words = (("enabled", "ENABLE", "DISABLE"), ("forced", "FORCE", "NO FORCE"))
    for facet, yes, no in words:
        if (facet in before) != (facet in after):
            yield f"{yes if facet in after else no} ROW LEVEL SECURITY"


def _column_names(order: str) -> list[str]:
    return [name.strip() for name in order.split(",")]
