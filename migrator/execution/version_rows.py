"""Which rows the version table gains and loses with each step: pure, and linear over a whole run.

Alembic answers the same question by walking all ancestors again at each step of a downgrade or merge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from migrator.chain.graph import ancestors, graph_of
from migrator.chain.model import Chain


@dataclass(frozen=True, slots=True)
class RowChange:
    """Rows that a step takes out of the version table and puts into it."""

    removed: tuple[str, ...]
    added: tuple[str, ...]


class VersionRows:
    """The rows of one version table, moved step by step: always the applied revisions that no other one implies."""

    def __init__(self, chain: Chain, rows: Sequence[str]) -> None:
        self._graph = graph_of(chain)
        self.rows = set(rows)
        self._applied = ancestors(chain, tuple(rows)) | self.rows
        self._implied_by: Counter[str] = Counter()
        for id_ in self._applied:
            self._implied_by.update(self._graph.parents_and_dependencies(id_))

    def apply(self, revision: str) -> RowChange:
        """Add an upgraded revision: its row takes the place of those that it implies."""
        needs = self._graph.parents_and_dependencies(revision)
        self._applied.add(revision)
        self._implied_by.update(needs)
        removed = tuple(sorted(self.rows.intersection(needs)))
        return self._changed(removed, (revision,))

    def revert(self, revision: str) -> RowChange:
        """Take a downgraded revision out: rows come back for what nothing else implies."""
        needs = self._graph.parents_and_dependencies(revision)
        self._applied.discard(revision)
        self._implied_by.subtract(needs)
        added = tuple(id_ for id_ in needs if id_ in self._applied and not self._implied_by[id_])
        return self._changed((revision,), added)

    def _changed(self, removed: tuple[str, ...], added: tuple[str, ...]) -> RowChange:
        self.rows.difference_update(removed)
        self.rows.update(added)
        return RowChange(removed, added)
