"""PostgreSQL's catalog, asked for what a statement makes, drops, renames or validates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from migrator.database.probes.indexes import built
from migrator.database.probes.partitions import is_partition
from migrator.database.probes.postgresql_objects import IN_DATABASE, IN_SCHEMAS, ON_TABLES, find, has, is_there, quoted
from migrator.database.probes.presence import Presence, was_created, was_dropped, was_renamed
from migrator.database.state import Reader
from migrator.database.statements.model import Statement


def took_effect(reader: Reader, statement: Statement) -> bool | None:
    """Whether a single statement of nature SCHEMA took effect; None where that can't be told."""
    verb, _, kind = statement.verb.partition(" ")
    kind, action = _action(kind) if verb == "ALTER" else (kind.removesuffix(" CONCURRENTLY"), verb)
    if kind == "TABLE" and action in _TABLE_PROBES:
        return _TABLE_PROBES[action](reader, statement)
    if verb == "CREATE" and kind == "INDEX":
        return built(reader, statement)
    if kind in ON_TABLES and action in ("CREATE", "DROP"):
        return _on_table(reader, statement, kind, wanted=action == "CREATE")
    probe = _OBJECT_PROBES.get(action)
    return probe(reader, statement, kind) if probe is not None else None


def _action(words: str) -> tuple[str, str]:
    """``TABLE ADD COLUMN`` as a kind and what is done to it."""
    for kind in (*IN_SCHEMAS, *IN_DATABASE):
        if words.startswith(f"{kind} "):
            return kind, words.removeprefix(f"{kind} ")
    return words, ""


def _on_table(reader: Reader, statement: Statement, kind: str, *, wanted: bool) -> bool | None:
    if statement.name is None or not is_there(reader, statement.table, statement.table_schema):
        return None
    return has(reader, statement, kind, statement.name) is wanted


def _added(kind: str) -> Callable[[Reader, Statement], bool | None]:
    return lambda reader, statement: _on_table(reader, statement, kind, wanted=True)


def _dropped(kind: str) -> Callable[[Reader, Statement], bool | None]:
    return lambda reader, statement: _on_table(reader, statement, kind, wanted=False)


def _renamed(kind: str) -> Callable[[Reader, Statement], bool | None]:
    def probe(reader: Reader, statement: Statement) -> bool | None:
        old, new = statement.name, statement.new_name
        if old is None or new is None or not is_there(reader, statement.table, statement.table_schema):
            return None
        return was_renamed(*(Presence(has(reader, statement, kind, name)) for name in (old, new)))

    return probe


def _primary_key(reader: Reader, statement: Statement) -> bool | None:
    """A table has one at most, so its name does not matter."""
    if not is_there(reader, statement.table, statement.table_schema):
        return None
    table = quoted(str(statement.table), statement.table_schema)
    constraints = "SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = to_regclass(?) AND contype = 'p'"
    return bool(reader.fetch(constraints, table))


def _validated(reader: Reader, statement: Statement) -> bool | None:
    if statement.name is None or statement.table is None:
        return None
    rows = reader.fetch(
        "SELECT convalidated FROM pg_catalog.pg_constraint WHERE conrelid = to_regclass(?) AND conname = ?",
        quoted(statement.table, statement.table_schema),
        statement.name,
    )
    return bool(rows[0][0]) if rows else None


def _created_object(reader: Reader, statement: Statement, kind: str) -> bool | None:
    name, schema = _object(statement)
    found = find(reader, kind, name, schema, temporary=statement.temporary) if name else None
    return was_created(found) if found is not None else None


def _dropped_object(reader: Reader, statement: Statement, kind: str) -> bool | None:
    name, schema = _object(statement)
    found = find(reader, kind, name, schema) if name else None
    return was_dropped(found) if found is not None else None


def _renamed_object(reader: Reader, statement: Statement, kind: str) -> bool | None:
    name, schema = _object(statement)
    if name is None or statement.new_name is None:
        return None
    old, new = (find(reader, kind, each, schema) for each in (name, statement.new_name))
    return was_renamed(old, new) if old is not None and new is not None else None


def _moved_object(reader: Reader, statement: Statement, kind: str) -> bool | None:
    name, schema = _object(statement)
    if name is None or statement.new_name is None:
        return None
    moved, left = find(reader, kind, name, statement.new_name), find(reader, kind, name, schema)
    if moved is None or not (moved or left):
        return None
    return bool(moved)


def _object(statement: Statement) -> tuple[str | None, str | None]:
    if statement.name is None:
        return statement.table, statement.table_schema
    return statement.name, statement.name_schema


def _labelled(reader: Reader, statement: Statement, _: str) -> bool | None:
    found = _labels(reader, statement)
    return statement.value in found if found and statement.value is not None else None


def _relabelled(reader: Reader, statement: Statement, _: str) -> bool | None:
    found = _labels(reader, statement)
    if not found or statement.value is None or statement.new_name is None:
        return None
    return was_renamed(Presence(statement.value in found), Presence(statement.new_name in found))


def _labels(reader: Reader, statement: Statement) -> set[str]:
    if statement.name is None:
        return set()
    rows = reader.fetch(
        "SELECT enumlabel FROM pg_catalog.pg_enum WHERE enumtypid = to_regtype(?)",
        quoted(statement.name, statement.name_schema),
    )
    return {label for (label,) in rows}


def _detached(reader: Reader, statement: Statement) -> bool | None:
    found = is_partition(reader, statement)
    return None if found is None else not found


_TABLE_PROBES: Final[dict[str, Callable[[Reader, Statement], bool | None]]] = {
    "ADD COLUMN": _added("COLUMN"),
    "DROP COLUMN": _dropped("COLUMN"),
    "RENAME COLUMN": _renamed("COLUMN"),
    "ADD CONSTRAINT": _added("CONSTRAINT"),
    "DROP CONSTRAINT": _dropped("CONSTRAINT"),
    "RENAME CONSTRAINT": _renamed("CONSTRAINT"),
    "ADD PRIMARY KEY": _primary_key,
    "VALIDATE CONSTRAINT": _validated,
    "ATTACH PARTITION": is_partition,
    "DETACH PARTITION": _detached,
    "DETACH PARTITION CONCURRENTLY": _detached,
    "DETACH PARTITION FINALIZE": _detached,
}
_OBJECT_PROBES: Final[dict[str, Callable[[Reader, Statement, str], bool | None]]] = {
    "CREATE": _created_object,
    "DROP": _dropped_object,
    "RENAME": _renamed_object,
    "SET SCHEMA": _moved_object,
    "ADD VALUE": _labelled,
    "RENAME VALUE": _relabelled,
}
