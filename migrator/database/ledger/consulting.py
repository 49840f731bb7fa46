"""Adds to what a database says of itself what its ledger says."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from migrator.database.ledger.journal import read_cut_revisions
from migrator.database.ledger.place import find_place, scope_of
from migrator.database.state import DatabaseState, Reader, VersionTable


def with_ledger(
    reader: Reader, state: DatabaseState, version_table: VersionTable, *, configured: str | None, known: Container[str]
) -> DatabaseState:
    """The state, with what is cut half way, and with the lineage of rows that are unknown; the same without a ledger.

    Args:
        reader: of the database.
        state: as its version table says.
        version_table: whose ledger is meant.
        configured: ``MIGRATOR_LEDGER_SCHEMA``.
        known: ids of the revisions that the code at hand has.

    """
    place = find_place(reader, version_table, configured)
    if place is None:
        return state
    scope = scope_of(version_table)
    state = replace(state, cut=read_cut_revisions(reader, place, scope))
    if all(row in known for row in state.rows):
        return state
    from migrator.database.ledger.applied import read_recorded

    return replace(state, recorded=read_recorded(reader, place, scope))
