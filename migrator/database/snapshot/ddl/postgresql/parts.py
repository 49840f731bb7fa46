"""Statements for what belongs to a relation besides columns: constraints, indexes, triggers, rules, policies."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from migrator.database.snapshot.comparing import Difference
from migrator.database.snapshot.ddl.postgresql.indexes import index_settings
from migrator.database.snapshot.ddl.postgresql.naming import own_name, quoted, table_of
from migrator.database.snapshot.ddl.postgresql.steps import Phase, Step
from migrator.database.snapshot.model import Kind, SchemaObject

_FIRING: Final = {
    "disabled": "DISABLE",
    "replica": "ENABLE REPLICA",
    "always": "ENABLE ALWAYS",
}
_ORDER: Final = ("PRIMARY KEY", "UNIQUE", "EXCLUDE", "CHECK", "FOREIGN KEY")
"""Constraints as they begin, in the order in which they are added."""
_OF_ITS_INDEX: Final = frozenset({"storage parameters", "tablespace", "clustered", "replica identity", "statistics"})
_IN_PLACE: Final = frozenset({*_OF_ITS_INDEX, "comment", "inherited", "partition of"})


def add_part(part: SchemaObject) -> Iterator[Step]:
    """Statements that give a relation one of its parts."""
    yield from _ADDED[part.key.kind](part)


def drop_part(part: SchemaObject) -> Iterator[Step]:
    """Statements that take one of its parts from a relation."""
    name, table = quoted(part.key.name), table_of(part.key)
    match part.key.kind:
        case Kind.CONSTRAINT:
            foreign = part.facets["definition"].startswith("FOREIGN KEY")
            phase = Phase.DROP_FOREIGN_KEYS if foreign else Phase.DROP_CONSTRAINTS
            yield Step(phase, f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        case Kind.INDEX:
            # An index of a partitioned table takes those of the partitions along.
            attached = "partition of" in part.facets
            exists = "IF EXISTS " if attached else ""
            yield Step(Phase.DROP_INDEXES, f"DROP INDEX {exists}{own_name(part.key)}", rank=int(attached))
        case Kind.TRIGGER if "inherited" in part.facets:
            yield _firing(SchemaObject(part.key, {}))
        case Kind.STATISTICS:
            yield Step(Phase.DROP_INDEXES, f"DROP STATISTICS {own_name(part.key)}")
        case kind:
            yield Step(Phase.DROP_ATTACHED, f"DROP {kind.upper()} {name} ON {table}")


def change_part(difference: Difference) -> Iterator[Step]:
    """Statements that change a part: in place what can be, else it is dropped and made again."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        return
    changed = {facet.name for facet in difference.facets}
    if before.key.kind is Kind.CONSTRAINT and changed - _IN_PLACE == {"validity"} and "validity" in before.facets:
        alter = f"ALTER TABLE {table_of(after.key)}"
        yield Step(Phase.ALTER_TABLES, f"{alter} VALIDATE CONSTRAINT {quoted(after.key.name)}")
    elif changed - _IN_PLACE == {"enabled"}:
        yield _firing(after)
    elif changed - _IN_PLACE:
        if "inherited" not in before.facets:
            yield from drop_part(before)
        yield from add_part(after)
    elif before.key.kind is Kind.STATISTICS:
        yield from _statistics_target(before.facets, after)
    elif changed & _OF_ITS_INDEX:
        yield from index_settings(before.facets, after)


def _add_constraint(constraint: SchemaObject) -> Iterator[Step]:
    facets = constraint.facets
    definition = facets["definition"]
    of_parent = "inherited" in facets
    if of_parent and definition.startswith("CHECK"):
        return
    # A key of a partition comes before that of the whole, which then takes it over under the name it has.
    rank = -1 if of_parent else next((place for place, word in enumerate(_ORDER) if definition.startswith(word)), 0)
    validity = " NOT VALID" if "validity" in facets else ""
    alter = f"ALTER TABLE {table_of(constraint.key)} ADD CONSTRAINT {quoted(constraint.key.name)}"
    phase = Phase.ADD_FOREIGN_KEYS if definition.startswith("FOREIGN KEY") else Phase.ADD_CONSTRAINTS
    yield Step(phase, f"{alter} {definition}{validity}", rank=rank)
    yield from index_settings({}, constraint)


def _add_index(index: SchemaObject) -> Iterator[Step]:
    definition = index.facets["definition"]
    # An index of a partition comes before that of the whole, which then takes it over.
    rank = 1 if " ON ONLY " in definition else 0
    phase = Phase.ADD_INDEXES
    yield Step(phase, definition.replace(" ON ONLY ", " ON ", 1), rank=rank)
    if "validity" in index.facets:
        yield Step(phase, f"-- {own_name(index.key)} was left invalid: here it is made whole", rank=rank)
    settings = {name: text for name, text in index.facets.items() if name != "storage parameters"}
    yield from index_settings({}, SchemaObject(index.key, settings))


def _add_statistics(statistics: SchemaObject) -> Iterator[Step]:
    yield Step(Phase.ALTER_TABLES, statistics.facets["definition"])
    yield from _statistics_target({}, statistics)


def _statistics_target(before: Mapping[str, str], statistics: SchemaObject) -> Iterator[Step]:
    target = statistics.facets.get("statistics")
    if target != before.get("statistics"):
        alter = f"ALTER STATISTICS {own_name(statistics.key)}"
        yield Step(Phase.ALTER_TABLES, f"{alter} SET STATISTICS {target or '-1'}", rank=1)


def _add_defined(part: SchemaObject) -> Iterator[Step]:
    """A trigger or rule; a partition gets the copy of a trigger with that of the whole."""
    if "inherited" not in part.facets:
        yield Step(Phase.ADD_ATTACHED, part.facets["definition"].rstrip(";"))
    if "enabled" in part.facets:
        yield _firing(part)


def _firing(part: SchemaObject) -> Step:
    words = _FIRING.get(part.facets.get("enabled", ""), "ENABLE")
    what = f"{part.key.kind.upper()} {quoted(part.key.name)}"
    return Step(Phase.ADD_ATTACHED, f"ALTER TABLE {table_of(part.key)} {words} {what}", rank=1)


def _add_policy(policy: SchemaObject) -> Iterator[Step]:
    facets = policy.facets
    words = [f"CREATE POLICY {quoted(policy.key.name)} ON {table_of(policy.key)}"]
    if facets.get("permissive") == "no":
        words.append("AS RESTRICTIVE")
    words += [f"FOR {facets['command']}", f"TO {facets['roles']}"]
    if "using" in facets:
        words.append(f"USING ({facets['using']})")
    if "check" in facets:
        words.append(f"WITH CHECK ({facets['check']})")
    yield Step(Phase.ADD_ATTACHED, " ".join(words), rank=2)


_ADDED: Final[dict[Kind, Callable[[SchemaObject], Iterator[Step]]]] = {
    Kind.CONSTRAINT: _add_constraint,
    Kind.INDEX: _add_index,
    Kind.STATISTICS: _add_statistics,
    Kind.TRIGGER: _add_defined,
    Kind.RULE: _add_defined,
    Kind.POLICY: _add_policy,
}
