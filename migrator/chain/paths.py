"""Which revisions lead from where a database is to where it should be, in the order in which Alembic applies them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from migrator.chain.graph import Graph, graph_of, reachable
from migrator.chain.model import Chain, Revision
from migrator.chain.resolve import downgrade_target, known_rows, revision_for, upgrade_targets
from migrator.errors import UsageError


def upgrade_path(chain: Chain, current: Sequence[str], target: str) -> tuple[Revision, ...]:
    """The revisions that an upgrade applies, first one first.

    Args:
        chain: a sound chain.
        current: the rows of the version table; empty for a new database.
        target: as typed, such as ``head``, ``heads``, an id, ``+1``, ``label@head``.

    Raises:
        UsageError: the target, or a row, does not stand for a revision, or the rows overlap.

    """
    graph = graph_of(chain)
    targets = upgrade_targets(chain, current, target)
    rows = known_rows(chain, current)
    _forbid_overlap(graph, targets)
    _forbid_overlap(graph, rows)
    needed = reachable(targets, graph.steps_down) - reachable(rows, graph.steps_down)
    return tuple(chain.revisions[id_] for id_ in reversed(newest_first(chain, needed, targets)))


def downgrade_path(chain: Chain, current: Sequence[str], target: str) -> tuple[Revision, ...]:
    """The revisions that a downgrade reverts, first one first.

    Args:
        chain: a sound chain.
        current: the rows of the version table.
        target: the revision to end on, as typed, such as ``base``, ``-1``, an id, ``label@base``.

    Raises:
        UsageError: the target does not stand for a revision that is applied.

    """
    graph = graph_of(chain)
    branch, wanted = downgrade_target(chain, current, target)
    rows = known_rows(chain, current)
    roots: Sequence[str] = chain.bases if wanted is None else graph.children(wanted)
    if branch and len(roots) > 1:
        below = reachable([revision_for(chain, branch)], graph.parents)
        roots = [id_ for id_ in roots if id_ in below]
        if not roots:
            raise UsageError(
                f"{target!r} is not below the current revision on branch {branch!r}.", remedy="migrator history"
            )
    dropped = reachable(roots, graph.children_and_dependents) & reachable(rows, graph.steps_down)
    if wanted is not None and not dropped and wanted not in rows:
        raise UsageError(
            f"Nothing to revert: {wanted} is not below the current revision ({', '.join(rows) or 'base'}).",
            remedy="migrator current, then name a revision below it.",
        )
    return tuple(chain.revisions[id_] for id_ in newest_first(chain, dropped, rows))


def _forbid_overlap(graph: Graph, ids: Sequence[str]) -> None:
    if len(ids) < 2:  # noqa: PLR2004 - two make an overlap possible
        return
    wanted = set(ids)
    for id_ in ids:
        for below in wanted & reachable([id_], graph.steps_down) - {id_}:
            raise UsageError(
                f"Revisions {below} and {id_} overlap: {id_} stands on {below} already.",
                remedy=f"Keep {id_} only.",
            )


def newest_first(chain: Chain, ids: Iterable[str], heads: Iterable[str]) -> list[str]:
    """Sort revisions so that each comes before everything that it stands on, with Alembic's choice between equals.

    Walks down one line as long as no other open line stands on the next revision; then the open line that does is
    walked first.

    Args:
        chain: a sound chain.
        ids: what to sort; everything must be reachable from ``heads`` within it.
        heads: where to begin.

    """
    return _Walk(graph_of(chain), set(ids)).run(heads)


class _Walk:
    """One run of the sort, with the revisions that are not out yet."""

    def __init__(self, graph: Graph, waiting: set[str]) -> None:
        self._graph = graph
        self._waiting = waiting
        self._open: list[str] = []
        self._blockers = dict.fromkeys(waiting, 0)
        for id_ in waiting:
            for down in graph.steps_down(id_):
                if down in self._blockers:
                    self._blockers[down] += 1
        self._height: dict[str, int] = {}

    def run(self, heads: Iterable[str]) -> list[str]:
        position = self._graph.position
        self._open = sorted({id_ for id_ in heads if id_ in self._waiting}, key=position.__getitem__)
        opened = set(self._open)
        output: list[str] = []
        line = 0
        while self._open:
            candidate = self._open[line]
            if self._blockers[candidate]:
                line = self._line_above(candidate, line)
                continue
            output.append(candidate)
            self._waiting.discard(candidate)
            opened.discard(candidate)
            downs = [down for down in self._graph.steps_down(candidate) if down in self._blockers]
            for down in downs:
                self._blockers[down] -= 1
            further = [down for down in downs if down in self._waiting and down not in opened]
            opened.update(further)
            if further:
                self._open[line] = further[0]
                self._open.extend(further[1:])
            else:
                del self._open[line]
                line = max(line - 1, 0)
        return output

    def _line_above(self, candidate: str, line: int) -> int:
        """The first open line that stands on a revision which another line stands on."""
        others = [number for number in range(len(self._open)) if number != line]
        if len(others) == 1:
            return others[0]
        if not self._height:
            self._height = self._heights()
        seen: set[str] = set()
        floor = self._height[candidate]
        for number in others:
            todo = [self._open[number]]
            while todo:
                id_ = todo.pop()
                if id_ == candidate:
                    return number
                if id_ not in seen and self._height[id_] > floor:
                    seen.add(id_)
                    todo.extend(down for down in self._graph.steps_down(id_) if down in self._waiting)
        raise AssertionError(f"{candidate} is blocked by no open line")

    def _heights(self) -> dict[str, int]:
        """How many revisions at most lie below each one; a search for a revision need not go below its height."""
        height: dict[str, int] = {}
        todo = list(self._waiting)
        while todo:
            id_ = todo[-1]
            if id_ in height:
                todo.pop()
                continue
            downs = [down for down in self._graph.steps_down(id_) if down in self._waiting]
            unknown = [down for down in downs if down not in height]
            if unknown:
                todo.extend(unknown)
            else:
                height[id_] = 1 + max((height[down] for down in downs), default=0)
                todo.pop()
        return height
