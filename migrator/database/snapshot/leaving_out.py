"""What is no part of a schema: the version table, this tool's own tables, the schema that holds nothing else. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from migrator.database.ledger.place import TABLES
from migrator.database.snapshot.model import Kind, SchemaObject
from migrator.database.state import LEASE

OWN_TABLES: Final = frozenset({*TABLES, LEASE})
_ALWAYS_THERE: Final = "public"


def without(objects: Iterable[SchemaObject], leave_out: frozenset[str]) -> Iterator[SchemaObject]:
    """The objects that count.

    Args:
        objects: everything of a database.
        leave_out: names of further tables that don't, in small letters, with their schema or without.

    """
    objects = list(objects)
    names = OWN_TABLES | leave_out
    left = [each for each in objects if not _belongs_to(each, names)]
    kept = {each.key.schema for each in left}
    emptied = {each.key.schema for each in objects} - kept - {_ALWAYS_THERE}
    for each in left:
        if each.key.kind is not Kind.SCHEMA or each.key.name not in emptied:
            yield each


def _belongs_to(each: SchemaObject, names: frozenset[str]) -> bool:
    owner = (
        each.facets.get("owned by", "").replace('"', "").rpartition(".")[0] if each.key.kind is Kind.SEQUENCE else ""
    )
    table = each.key.table or (owner.rpartition(".")[2] or each.key.name)
    if each.key.schema is None:
        return False
    return table.lower() in names or f"{each.key.schema}.{table}".lower() in names
