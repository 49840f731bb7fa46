"""The statements of MySQL and MariaDB that turn one schema into another. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from migrator.database.snapshot.comparing import Change, Difference
from migrator.database.snapshot.ddl.mysql_tables import altered, created, dropped_key, is_foreign_key
from migrator.database.snapshot.model import Kind, SchemaObject
from migrator.database.snapshot.mysql.text import quoted

_PROGRAMS: Final = (Kind.EVENT, Kind.TRIGGER, Kind.VIEW, Kind.FUNCTION, Kind.PROCEDURE)
"""What is made again by its own text, in the order in which it goes away."""
_OF_TABLES: Final = frozenset({Kind.TABLE, Kind.COLUMN, Kind.CONSTRAINT, Kind.INDEX})
_SEQUENCE_WORDS: Final = {
    "start": "START WITH",
    "increment": "INCREMENT BY",
    "minimum": "MINVALUE",
    "maximum": "MAXVALUE",
    "cache": "CACHE",
}


def statements(differences: Iterable[Difference]) -> tuple[str, ...]:
    """What makes the state before into the state after.

    Programs go first and come last; foreign keys go before the tables that they lead to, and come when all tables are
    there.
    """
    together = tuple(differences)
    return (
        *_dropped_programs(together),
        *_dropped_foreign_keys(together),
        *_dropped_tables(together),
        *_sequences(together),
        *(created(each.after, each.parts) for each in _tables(together, Change.ADDED) if each.after is not None),
        *_altered_tables(together),
        *_added_foreign_keys(together),
        *_dropped_sequences(together),
        *_created_programs(together),
    )


def _dropped_programs(differences: Sequence[Difference]) -> Iterator[str]:
    for kind in _PROGRAMS:
        for each in differences:
            if each.key.kind is kind and each.before is not None:
                yield f"DROP {kind.upper()} {quoted(each.key.name)}"


def _created_programs(differences: Sequence[Difference]) -> Iterator[str]:
    added = [each.after for each in differences if each.after is not None]
    added += [part for each in differences if each.change is Change.ADDED for part in each.parts]
    for kind in reversed(_PROGRAMS):
        found = [each for each in added if each.key.kind is kind]
        if kind is Kind.VIEW:
            yield from (_view(each) for each in _those_named_first(found))
        else:
            yield from (each.facets["definition"] for each in found)


def _those_named_first(views: list[SchemaObject]) -> Iterator[SchemaObject]:
    """Views in an order in which each comes after those that it reads."""
    left = {view.key.name: view for view in views}
    while left:
        names = [name for name, view in left.items() if not _reads_any(view, left)] or [*left]
        for name in names:
            yield left.pop(name)


def _reads_any(view: SchemaObject, others: Iterable[str]) -> bool:
    return any(quoted(name) in view.facets["definition"] for name in others if name != view.key.name)


def _view(view: SchemaObject) -> str:
    facets = view.facets
    how = f"ALGORITHM = {facets['algorithm']} " if "algorithm" in facets else ""
    security = f"SQL SECURITY {facets['security']} " if "security" in facets else ""
    check = f" WITH {facets['check option']} CHECK OPTION" if "check option" in facets else ""
    return f"CREATE {how}{security}VIEW {quoted(view.key.name)} AS {facets['definition']}{check}"


def _dropped_foreign_keys(differences: Sequence[Difference]) -> Iterator[str]:
    for each in differences:
        if each.before is not None and is_foreign_key(each.before):
            yield f"ALTER TABLE {quoted(str(each.key.table))} {dropped_key(each.before)}"


def _added_foreign_keys(differences: Sequence[Difference]) -> Iterator[str]:
    added = [each.after for each in differences if each.after is not None]
    added += [part for each in differences if each.change is Change.ADDED for part in each.parts]
    for each in added:
        if is_foreign_key(each):
            table, name = quoted(str(each.key.table)), quoted(each.key.name)
            yield f"ALTER TABLE {table} ADD CONSTRAINT {name} {each.facets['definition']}"


def _tables(differences: Sequence[Difference], change: Change) -> list[Difference]:
    return [each for each in differences if each.key.kind is Kind.TABLE and each.change is change]


def _dropped_tables(differences: Sequence[Difference]) -> Iterator[str]:
    """Those that lead to others go first; those that lead to one another lose their foreign keys before."""
    left = {each.key.name: each for each in _tables(differences, Change.REMOVED)}
    while left:
        free = [name for name in left if not any(_leads_to(each, name) for each in left.values())]
        if not free:
            for table in left.values():
                keys = ", ".join(dropped_key(part) for part in table.parts if is_foreign_key(part))
                yield f"ALTER TABLE {quoted(table.key.name)} {keys}"
        for name in free or [*left]:
            del left[name]
            yield f"DROP TABLE {quoted(name)}"


def _leads_to(table: Difference, name: str) -> bool:
    target = f" REFERENCES {quoted(name)} ("
    return table.key.name != name and any(target in part.facets.get("definition", "") for part in table.parts)


def _altered_tables(differences: Sequence[Difference]) -> Iterator[str]:
    of_tables: dict[str, list[Difference]] = {}
    for each in differences:
        whole = each.key.kind is Kind.TABLE and each.change is not Change.CHANGED
        if each.key.kind in _OF_TABLES and not whole:
            of_tables.setdefault(each.key.table or each.key.name, []).append(each)
    for table, changes in of_tables.items():
        yield from altered(table, changes)


def _sequences(differences: Sequence[Difference]) -> Iterator[str]:
    for each in differences:
        if each.key.kind is Kind.SEQUENCE and each.after is not None:
            facets = each.after.facets
            said = " ".join(f"{word} {facets[name]}" for name, word in _SEQUENCE_WORDS.items())
            verb = "CREATE" if each.before is None else "ALTER"
            cycle = "CYCLE" if "cycle" in facets else "NOCYCLE"
            restart = " RESTART" if each.before is not None and _is_narrower(each.before, each.after) else ""
            yield f"{verb} SEQUENCE {quoted(each.key.name)}{restart} {said} {cycle}"


def _is_narrower(before: SchemaObject, after: SchemaObject) -> bool:
    """Whether the next number of a sequence may lie outside of its new bounds, which the server refuses."""
    return int(after.facets["minimum"]) > int(before.facets["minimum"]) or (
        int(after.facets["maximum"]) < int(before.facets["maximum"])
    )


def _dropped_sequences(differences: Sequence[Difference]) -> Iterator[str]:
    for each in differences:
        if each.key.kind is Kind.SEQUENCE and each.after is None:
            yield f"DROP SEQUENCE {quoted(each.key.name)}"
