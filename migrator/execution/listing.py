"""Answers about revisions and places in the chain, for the commands that only ask."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.chain.graph import ancestors
from migrator.chain.model import Revision
from migrator.chain.paths import upgrade_path
from migrator.chain.resolve import resolve
from migrator.errors import UsageError
from migrator.execution.gathering import Gathered, gather
from migrator.execution.position import Position, position_of
from migrator.project import Project


def positions(project: Project, *, with_server: bool = False) -> tuple[Gathered, tuple[Position, ...]]:
    """Where each of the project's databases stands."""
    chain = project.chain
    gathered = gather(project, with_server=with_server)
    return gathered, tuple(position_of(chain, state) for state in gathered.states)


def history_of(
    project: Project, rev_range: str | None, *, asks_database: bool
) -> tuple[tuple[Revision, ...], tuple[str, ...]]:
    """The revisions of a range, newest first, and those that the database is on (when it was asked).

    Raises:
        UsageError: the range is not of the form ``start:end``, or names an unknown revision.

    """
    chain = project.chain
    current = _current(project) if asks_database else ()
    start, end = "", ""
    if rev_range is not None:
        if rev_range.count(":") != 1:
            raise UsageError(
                f"history range {rev_range!r} is not of the form START:END",
                remedy="migrator history -r START:END, either side may be empty",
            )
        start, end = rev_range.split(":")
    upper = _ids(project, end or "heads", current)
    lower = _ids(project, start, current) if start and start != "base" else ()
    wanted = ancestors(chain, upper) | set(upper)
    if lower:
        wanted -= ancestors(chain, lower) - set(lower)
    in_order = upgrade_path(chain, (), "heads")
    return tuple(revision for revision in reversed(in_order) if revision.id in wanted), current


def revisions_named(project: Project, symbol: str) -> tuple[Revision, ...]:
    """The revisions that a symbol such as ``head``, ``ab12`` or ``current`` stands for."""
    current = _current(project) if symbol == "current" else ()
    return tuple(project.chain.revisions[id_] for id_ in _ids(project, symbol, current))


def _ids(project: Project, symbol: str, current: Sequence[str]) -> tuple[str, ...]:
    return tuple(current) if symbol == "current" else resolve(project.chain, symbol, current=current)


def _current(project: Project) -> tuple[str, ...]:
    _gathered, found = positions(project)
    return tuple(id_ for position in found for id_ in position.current)
