"""Revisions that this code has no files of, from the sources that the ledger keeps: so that they can be taken back."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from migrator.chain.resolve import BASE
from migrator.database.ledger.applied import StoredSource, read_source
from migrator.database.ledger.place import find_place, scope_of
from migrator.database.patience import when_reachable
from migrator.database.state import DatabaseState, Reader, VersionTable
from migrator.errors import AheadOfCode, UsageError, VerificationFailed
from migrator.events import Listener
from migrator.execution.gathering import ask, state_question
from migrator.execution.lineage import lineage_of
from migrator.execution.position import expected_heads
from migrator.project import Project


@contextmanager
def with_stored_files(project: Project, listen: Listener = lambda _event: None) -> Iterator[Project]:
    """Give the project with the applied revisions that it lacks, in a folder that is there for a ``with`` block only.

    Args:
        project: whose databases are ahead of it.
        listen: told what is waited for.

    Raises:
        AheadOfCode: the ledger does not have the source of a revision that would be needed.
        VerificationFailed: a stored source is not what was applied.
        Unreachable: a database cannot be reached.

    """
    sources = when_reachable(lambda: _missing_sources(project), limit=project.care.wait_for_db, listen=listen)
    with TemporaryDirectory(prefix="migrator-ledger-") as folder:
        for number, (id_, source) in enumerate(sources.items(), start=1):
            name = f"{number:04}_{re.sub(r'[^0-9A-Za-z]', '_', id_)}.py"
            Path(folder, name).write_bytes(source.content)
        locations = (*project.layout.version_locations, Path(folder))
        yield replace(project, layout=replace(project.layout, version_locations=locations))


def target_here(project: Project, symbol: str) -> str:
    """What a target means to this code: its own head, not that of the revisions which are to be taken back.

    Raises:
        UsageError: this code has several heads.

    """
    if symbol not in ("head", "heads"):
        return symbol
    heads = expected_heads(project.chain)
    if len(heads) > 1:
        raise UsageError(
            f"{symbol!r} is ambiguous: this code has {len(heads)} heads.",
            details=heads,
            remedy="Name the revision to go back to: migrator downgrade REVISION --from-ledger",
        )
    return heads[0] if heads else BASE


def _missing_sources(project: Project) -> dict[str, StoredSource]:
    where = state_question(project)

    def question(reader: Reader, version_table: VersionTable, location: str) -> dict[str, StoredSource]:
        state = where(reader, version_table, location)
        beyond = _placed(project, state)
        place = find_place(reader, version_table, project.care.ledger_schema)
        if place is None or not beyond:
            return {}
        scope = scope_of(version_table)
        return _checked({id_: read_source(reader, place, scope, id_) for id_ in beyond}, state)

    found: dict[str, StoredSource] = {}
    for answer in ask(project, question)[1]:
        found = {**answer, **found}
    return found


def _placed(project: Project, state: DatabaseState) -> list[str]:
    """The applied revisions that this code lacks, all of which the ledger must know."""
    chain, recorded = project.chain, state.recorded or {}
    beyond = lineage_of(chain, state.rows, recorded).beyond
    needed = {*state.rows, *(below for each in beyond for below in (*each.parents, *each.depends_on))}
    unplaced = sorted(id_ for id_ in needed if id_ not in chain.revisions and id_ not in recorded)
    if unplaced:
        raise _not_stored(unplaced, state, why="the ledger does not know")
    return [each.id for each in beyond]


def _checked(sources: Mapping[str, StoredSource | None], state: DatabaseState) -> dict[str, StoredSource]:
    absent = [id_ for id_, source in sources.items() if source is None]
    if absent:
        raise _not_stored(absent, state, why="the ledger has no source of")
    found = {id_: source for id_, source in sources.items() if source is not None}
    changed = [id_ for id_, each in found.items() if hashlib.sha256(each.content).hexdigest() != each.checksum]
    if changed:
        raise VerificationFailed(
            f"the ledger's source of {', '.join(changed)} is not what was applied: its checksum differs",
            where=state.location,
            state=f"version table holds {', '.join(state.rows)}; nothing was run",
            remedy="run the downgrade from the code that has the revisions",
        )
    return found


def _not_stored(ids: list[str], state: DatabaseState, *, why: str) -> AheadOfCode:
    return AheadOfCode(
        f"{why} {', '.join(ids)}: this code cannot take {'it' if len(ids) == 1 else 'them'} back",
        where=state.location,
        state=f"version table holds {', '.join(state.rows)}; nothing was run",
        remedy="run the downgrade from the code that has the revisions",
    )
