"""``rebase``: asks git and the database what must not move, changes one file, proves that the chain is sound."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from migrator.chain.graph import ancestors
from migrator.chain.published import default_base, read_base
from migrator.chain.reader import read_chain
from migrator.chain.rebasing import Known, Rebase, plan_rebase
from migrator.chain.writing import restore, with_parents, write_atomically
from migrator.errors import ChainError, MigratorError
from migrator.execution.gathering import gather
from migrator.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebased:
    """What was moved, or would be, and what was known when that was decided."""

    planned: Rebase
    base: str | None
    """Ref whose revisions count as published; None when this is no git repository."""
    asked: tuple[str, ...]
    """Databases that were asked whether the revisions are applied."""
    not_asked: tuple[str, ...] = ()
    """Why a database could not be asked."""
    written: bool = False


def rebase(
    project: Project, symbol: str, *, onto: str | None = None, base: str | None = None, dry_run: bool = False
) -> Rebased:
    """Put an unpublished revision, and what builds on it, on top of another one.

    Args:
        project: whose chain, and whose database is asked for applied revisions.
        symbol: the revision.
        onto: its new parent; None means the only other head.
        base: git ref whose revisions are published; None means the remote's main branch, or the local one.
        dry_run: decide and write nothing.

    Raises:
        UsageError: a symbol is unknown or ambiguous.
        Refused: a revision that would move is published or applied.
        ChainError: the file cannot be changed, or the chain would not be sound; the file is as it was.

    """
    chain = project.chain
    ref = base or default_base(project.root)
    published = frozenset(read_base(project.layout, ref).ids) if ref else frozenset[str]()
    applied, asked, not_asked = _applied(project)
    known = Known(published=published, base=ref, applied=applied)
    planned = plan_rebase(chain, symbol, onto=onto, known=known)
    write = not dry_run and not planned.is_empty
    if write:
        move(project, planned)
    return Rebased(planned=planned, base=ref, asked=asked, not_asked=not_asked, written=write)


def move(project: Project, planned: Rebase) -> None:
    """Write the revision's new parent into its file; undo it when the chain does not come out as planned.

    Raises:
        ChainError: it does not; the file is as it was.

    """
    path = Path(planned.revision.path)
    before = path.read_bytes()
    after = with_parents(before, [planned.onto], path=project.display(str(path)))
    write_atomically(path, after)
    try:
        _require_as_planned(project, planned)
    except BaseException:
        restore({path: before})
        raise


def _require_as_planned(project: Project, planned: Rebase) -> None:
    reading = read_chain(project.layout, executed=project.executed)
    if reading.errors:
        raise ChainError(
            f"Putting {planned.revision.id} on {planned.onto} would break the chain; the file is as it was",
            findings=reading.errors,
            remedy="choose another --onto",
        )
    moved = reading.chain.revisions.get(planned.revision.id)
    if moved is None or moved.parents != (planned.onto,):
        raise ChainError(
            f"down_revision of {planned.revision.id} is computed, so a new value has no effect; the file is as it was",
            remedy=f"change it by hand in {project.display(planned.revision.path)}",
        )


def _applied(project: Project) -> tuple[dict[str, str], tuple[str, ...], tuple[str, ...]]:
    """Find which revisions the project's database has, if it answers."""
    try:
        gathered = gather(project)
    except MigratorError as silent:
        return {}, (), (silent.message,)
    applied: dict[str, str] = {}
    for state in gathered.states:
        rows = tuple(row for row in state.rows if row in project.chain.revisions)
        for id_ in (*rows, *ancestors(project.chain, rows)):
            applied[id_] = state.location
    return applied, tuple(state.location for state in gathered.states), ()
