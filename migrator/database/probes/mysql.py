"""MySQL's and MariaDB's catalog, asked for what a statement makes, drops or renames."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from migrator.database.probes.presence import Presence, was_renamed
from migrator.database.state import Reader
from migrator.database.statements.model import Statement

_OBJECTS: Final = {
    "TABLE": "tables WHERE table_schema = {schema} AND table_name = ?",
    "VIEW": "views WHERE table_schema = {schema} AND table_name = ?",
    "SEQUENCE": "tables WHERE table_schema = {schema} AND table_name = ?",
    "TRIGGER": "triggers WHERE trigger_schema = {schema} AND trigger_name = ?",
    "EVENT": "events WHERE event_schema = {schema} AND event_name = ?",
    "FUNCTION": "routines WHERE routine_schema = {schema} AND routine_name = ? AND routine_type = 'FUNCTION'",
    "PROCEDURE": "routines WHERE routine_schema = {schema} AND routine_name = ? AND routine_type = 'PROCEDURE'",
}
_ON_TABLES: Final = {
    "COLUMN": "columns WHERE table_schema = {schema} AND table_name = ? AND column_name = ?",
    "INDEX": "statistics WHERE table_schema = {schema} AND table_name = ? AND index_name = ?",
    "CONSTRAINT": "table_constraints WHERE table_schema = {schema} AND table_name = ? AND constraint_name = ?",
    "PARTITION": "partitions WHERE table_schema = {schema} AND table_name = ? AND partition_name = ?",
}
_PRIMARY: Final = "PRIMARY"


def took_effect(reader: Reader, statement: Statement) -> bool | None:
    """Whether a single statement of nature SCHEMA took effect; None where that can't be told."""
    verb, _, kind = statement.verb.partition(" ")
    if statement.temporary:
        # It belonged to the session that is gone.
        return False if verb == "CREATE" else None
    if statement.verb.startswith("ALTER TABLE "):
        probe = _TABLE_PROBES.get(statement.verb.removeprefix("ALTER TABLE "))
        return probe(reader, statement) if probe is not None else None
    if verb == "RENAME":
        return _renamed_table(reader, statement)
    if verb not in ("CREATE", "DROP"):
        return None
    wanted = verb == "CREATE"
    if kind == "INDEX":
        return _on_table(reader, statement, kind, wanted=wanted)
    found = _find(reader, statement, kind)
    return None if found is None else found is wanted


def _find(reader: Reader, statement: Statement, kind: str) -> bool | None:
    is_table = statement.name is None
    name = statement.table if is_table else statement.name
    schema = statement.table_schema if is_table else statement.name_schema
    if name is None:
        return None
    if kind == "SCHEMA":
        return bool(reader.fetch("SELECT 1 FROM information_schema.schemata WHERE schema_name = ?", name))
    return _exists(reader, _OBJECTS[kind], schema, name) if kind in _OBJECTS else None


def _exists(reader: Reader, where: str, schema: str | None, *names: str) -> bool:
    place = "DATABASE()" if schema is None else "?"
    parameters = names if schema is None else (schema, *names)
    return bool(reader.fetch(f"SELECT 1 FROM information_schema.{where.format(schema=place)} LIMIT 1", *parameters))  # noqa: S608 (fixed names)


def _is_there(reader: Reader, statement: Statement, table: str | None) -> bool:
    return table is not None and _exists(reader, _OBJECTS["TABLE"], statement.table_schema, table)


def _has(reader: Reader, statement: Statement, kind: str, name: str) -> bool:
    return _exists(reader, _ON_TABLES[kind], statement.table_schema, str(statement.table), name)


def _on_table(reader: Reader, statement: Statement, kind: str, *, wanted: bool, name: str | None = None) -> bool | None:
    name = name or statement.name
    if name is None or not _is_there(reader, statement, statement.table):
        return None
    return _has(reader, statement, kind, name) is wanted


def _added(kind: str, name: str | None = None) -> Callable[[Reader, Statement], bool | None]:
    return lambda reader, statement: _on_table(reader, statement, kind, wanted=True, name=name)


def _dropped(kind: str, name: str | None = None) -> Callable[[Reader, Statement], bool | None]:
    return lambda reader, statement: _on_table(reader, statement, kind, wanted=False, name=name)


def _renamed(kind: str) -> Callable[[Reader, Statement], bool | None]:
    def probe(reader: Reader, statement: Statement) -> bool | None:
        old, new = statement.name, statement.new_name
        if old is None or new is None or not _is_there(reader, statement, statement.table):
            return None
        return was_renamed(*(Presence(_has(reader, statement, kind, name)) for name in (old, new)))

    return probe


def _renamed_table(reader: Reader, statement: Statement) -> bool | None:
    if statement.table is None or statement.new_name is None:
        return None
    old, new = (Presence(_is_there(reader, statement, name)) for name in (statement.table, statement.new_name))
    return was_renamed(old, new)


_TABLE_PROBES: Final[dict[str, Callable[[Reader, Statement], bool | None]]] = {
    "ADD COLUMN": _added("COLUMN"),
    "DROP COLUMN": _dropped("COLUMN"),
    "RENAME COLUMN": _renamed("COLUMN"),
    "CHANGE COLUMN": _renamed("COLUMN"),
    "ADD INDEX": _added("INDEX"),
    "DROP INDEX": _dropped("INDEX"),
    "RENAME INDEX": _renamed("INDEX"),
    "ADD CONSTRAINT": _added("CONSTRAINT"),
    "DROP CONSTRAINT": _dropped("CONSTRAINT"),
    "DROP FOREIGN KEY": _dropped("CONSTRAINT"),
    "ADD PRIMARY KEY": _added("CONSTRAINT", _PRIMARY),
    "DROP PRIMARY KEY": _dropped("CONSTRAINT", _PRIMARY),
    "DROP PARTITION": _dropped("PARTITION"),
    "RENAME": _renamed_table,
}
