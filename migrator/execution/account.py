"""Everything about where a project's databases are: place in the chain, what the ledger tells, who is at work."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.chain.graph import ancestors
from migrator.database.failures import DatabaseError
from migrator.database.ledger.applied import read_applied_checksums, read_source
from migrator.database.ledger.entries import EntryFilter, LedgerEntry, read_entries
from migrator.database.ledger.place import find_place, scope_of
from migrator.database.state import DatabaseState, Reader, VersionTable
from migrator.execution.edited import edited_revisions
from migrator.execution.gathering import Gathered, ask, state_question
from migrator.execution.lock_holder import holder_of
from migrator.execution.position import Position, position_of
from migrator.project import Project

if TYPE_CHECKING:
    from migrator.database.ledger.journal import CutRevision
    from migrator.events import LockHolder

_LAST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """What one database, its ledger and its server say."""

    position: Position
    has_ledger: bool
    applied_last: tuple[LedgerEntry, ...] = ()
    """What made the newest of the applied revisions so, newest first."""
    edited: tuple[str, ...] = ()
    """Applied revisions whose files mean something else now."""
    holder: LockHolder | None = None
    """Who is migrating at this moment."""

    @property
    def without_file(self) -> tuple[tuple[str, str], ...]:
        """Applied revisions that this code has no file of, each with its title as far as the ledger knows it."""
        lineage = self.position.lineage
        known = {} if lineage is None else {each.id: each.title for each in lineage.beyond}
        return (*known.items(), *((id_, "") for id_ in self.position.unknown if id_ not in known))

    @property
    def half_applied(self) -> tuple[CutRevision, ...]:
        """Revisions that were cut half way; those of a run that goes on are not."""
        return () if self.holder is not None else self.position.state.cut


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ledger:
    applied_last: tuple[LedgerEntry, ...]
    edited: tuple[str, ...]


def accounts(project: Project) -> tuple[Gathered, tuple[Account, ...]]:
    """Ask each of a project's databases for everything, over one connection each.

    Raises:
        ChainError: the files do not form a sound chain.
        Unreachable: a database cannot be reached.

    """
    chain, where = project.chain, state_question(project, with_server=True)

    def question(
        reader: Reader, version_table: VersionTable, location: str
    ) -> tuple[DatabaseState, LockHolder | None, _Ledger | None]:
        # Before the journal is read: a run that ends in between leaves nothing that looks like a cut. One that begins
        # in between is seen afterwards.
        holder = _holder(project, reader, version_table, location)
        state = where(reader, version_table, location)
        if state.cut and holder is None:
            holder = _holder(project, reader, version_table, location)
        return state, holder, _ledger(project, reader, version_table, state)

    profile, answers = ask(project, question)
    found = tuple(
        Account(
            position=position_of(chain, state),
            has_ledger=ledger is not None,
            applied_last=() if ledger is None else ledger.applied_last,
            edited=() if ledger is None else ledger.edited,
            holder=holder,
        )
        for state, holder, ledger in answers
    )
    return Gathered(states=tuple(state for state, _, _ in answers), profile=profile), found


def _holder(project: Project, reader: Reader, version_table: VersionTable, location: str) -> LockHolder | None:
    with suppress(DatabaseError):  # a user that may not look at other sessions
        return holder_of(project, reader, version_table, location)
    return None


def _ledger(project: Project, reader: Reader, version_table: VersionTable, state: DatabaseState) -> _Ledger | None:
    place = find_place(reader, version_table, project.care.ledger_schema)
    if place is None:
        return None
    scope, chain = scope_of(version_table), project.chain
    checksums = read_applied_checksums(reader, place, scope)
    if state.recorded is None:
        # What something else than this tool has taken back is no longer applied, whatever the ledger says.
        applied = ancestors(chain, state.rows)
        checksums = {id_: checksum for id_, checksum in checksums.items() if id_ in applied}
    return _Ledger(
        applied_last=read_entries(reader, place, scope, EntryFilter(present=True, limit=_LAST)),
        edited=edited_revisions(chain, checksums, lambda id_: read_source(reader, place, scope, id_)),
    )
