"""Statements for what holds or watches relations: schemas, extensions, event triggers, publications."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.database.snapshot.comparing import Difference
from migrator.database.snapshot.ddl.postgresql.naming import quoted
from migrator.database.snapshot.ddl.postgresql.privileges import granted_by_default
from migrator.database.snapshot.ddl.postgresql.steps import Phase, Step
from migrator.database.snapshot.model import Kind, SchemaObject


def create_surrounding(made: SchemaObject) -> Iterator[Step]:
    """Statements that make one of them."""
    name, facets = quoted(made.key.name), made.facets
    match made.key.kind:
        case Kind.SCHEMA:
            yield Step(Phase.CREATE_SCHEMAS, f"CREATE SCHEMA {name}")
        case Kind.EXTENSION:
            schema = f" SCHEMA {facets['schema']}" if "schema" in facets else ""
            yield Step(Phase.CREATE_EXTENSIONS, f"CREATE EXTENSION {name}{schema}")
        case Kind.EVENT_TRIGGER:
            tags = f" WHEN TAG IN ({facets['tags']})" if "tags" in facets else ""
            execute = f"EXECUTE FUNCTION {facets['function']}"
            execute += "" if facets["function"].endswith(")") else "()"
            yield Step(Phase.ADD_WATCHERS, f"CREATE EVENT TRIGGER {name} ON {facets['event']}{tags} {execute}")
            if "enabled" in facets:
                yield _enabled(made)
        case _:
            yield Step(Phase.ADD_WATCHERS, facets["definition"].rstrip(";"))


def drop_surrounding(gone: SchemaObject) -> Iterator[Step]:
    """The statement that takes one of them away."""
    phase = {Kind.SCHEMA: Phase.DROP_SCHEMAS, Kind.EXTENSION: Phase.DROP_EXTENSIONS}.get(
        gone.key.kind, Phase.DROP_WATCHERS
    )
    yield Step(phase, f"DROP {gone.key.kind.upper()} {quoted(gone.key.name)}")


def change_surrounding(difference: Difference) -> Iterator[Step]:
    """Statements that change one of them, or make it again."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        return
    changed = {facet.name for facet in difference.facets} - {"comment", "privileges"}
    if after.key.kind is Kind.EXTENSION:
        yield from _extension(after, changed)
    elif changed == {"enabled"}:
        yield _enabled(after)
    elif changed:
        yield from drop_surrounding(before)
        yield from create_surrounding(after)


def grant_by_default(difference: Difference) -> Iterator[Step]:
    """Statements that make default privileges of others."""
    former, latter = (
        each.facets.get("privileges") if each is not None else None for each in (difference.before, difference.after)
    )
    for statement in granted_by_default(difference.key, former, latter):
        # Those of a schema go before it.
        yield Step(Phase.DESCRIBE if difference.after is not None else Phase.DROP_WATCHERS, statement, rank=2)


def _extension(extension: SchemaObject, changed: set[str]) -> Iterator[Step]:
    alter = f"ALTER EXTENSION {quoted(extension.key.name)}"
    if "version" in changed:
        version = extension.facets["version"].replace("'", "''")
        yield Step(Phase.CREATE_EXTENSIONS, f"{alter} UPDATE TO '{version}'")
    if "schema" in changed:
        yield Step(Phase.CREATE_EXTENSIONS, f"{alter} SET SCHEMA {extension.facets['schema']}")


def _enabled(watcher: SchemaObject) -> Step:
    words = {"disabled": "DISABLE", "replica": "ENABLE REPLICA", "always": "ENABLE ALWAYS"}
    how = words.get(watcher.facets.get("enabled", ""), "ENABLE")
    return Step(Phase.ADD_WATCHERS, f"ALTER EVENT TRIGGER {quoted(watcher.key.name)} {how}", rank=1)
