"""The whole of a PostgreSQL schema, or some relations of it, in a few queries."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from migrator.database.snapshot.leaving_out import without
from migrator.database.snapshot.model import SchemaObject, Snapshot
from migrator.database.snapshot.postgresql import attached, relations, routines, surroundings, types
from migrator.database.snapshot.postgresql.part import SETTINGS, read_parts
from migrator.database.state import Reader

_CURRENT: Final = ", ".join(f"current_setting('{name}')" for name in SETTINGS)
_RESTORED: Final = ", ".join(f"set_config('{name}', ?, true)" for name in SETTINGS)


def read(reader: Reader, leave_out: frozenset[str]) -> Snapshot:
    """Read the database of a connection.

    Args:
        reader: of the database.
        leave_out: names of tables that don't count, in small letters, with their schema or without.

    """
    with kept_settings(reader) as version:
        found = [*read_relations(reader), *read_types(reader), *read_routines(reader)]
        found += read_surroundings(reader, version)
    return Snapshot("postgresql", {each.key: each for each in without(found, leave_out)})


@contextmanager
def kept_settings(reader: Reader) -> Iterator[int]:
    """Put back the session's settings after queries, for the rest of the transaction that it may be in.

    Yields:
        The version of the server, as ``server_version_num`` says it.

    """
    version, *former = reader.fetch(f"SELECT current_setting('server_version_num')::int, {_CURRENT}")[0]
    yield int(version)
    # After an error there is nothing to put back: it has ended the transaction, or will.
    reader.fetch(f"SELECT {_RESTORED}", *former)


def read_relations(reader: Reader, only: Sequence[int] | None = None) -> Iterator[SchemaObject]:
    """Tables, views and sequences with all that belongs to each, within `kept_settings`.

    Args:
        reader: of the database.
        only: oids of the relations to read; of others nothing is told.

    """
    yield from read_parts(reader, relations.PARTS, only)
    yield from read_parts(reader, attached.PARTS, only)


def read_types(reader: Reader) -> Iterator[SchemaObject]:
    """Types and collations, within `kept_settings`."""
    return read_parts(reader, types.PARTS)


def read_routines(reader: Reader) -> Iterator[SchemaObject]:
    """Functions, procedures and aggregates, within `kept_settings`."""
    return read_parts(reader, routines.PARTS)


def read_surroundings(reader: Reader, version: int) -> Iterator[SchemaObject]:
    """Schemas, extensions, event triggers, publications and default privileges, within `kept_settings`."""
    return read_parts(reader, surroundings.parts(version))
