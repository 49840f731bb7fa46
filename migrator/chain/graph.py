"""Questions about a sound chain as a graph, each answered in linear time and as Alembic's RevisionMap answers it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property

from migrator.chain.model import Chain


class Graph:
    """The edges of a sound chain, dependencies included. Made once per chain, by ``graph_of``."""

    def __init__(self, chain: Chain) -> None:
        """Keep the chain; edges are worked out when they are asked for."""
        self.chain = chain
        self._revisions = chain.revisions

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Where each revision stands in the order of reading, which decides between equals."""
        return {id_: number for number, id_ in enumerate(self._revisions)}

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The revision that declares each branch label."""
        return {label: revision.id for revision in self._revisions.values() for label in revision.branch_labels}

    @cached_property
    def dependencies(self) -> Mapping[str, tuple[str, ...]]:
        """``depends_on`` of the revisions that have any, as revision ids."""
        return {
            revision.id: tuple(dict.fromkeys(self.labels.get(name, name) for name in revision.depends_on))
            for revision in self._revisions.values()
            if revision.depends_on
        }

    @cached_property
    def needed_dependencies(self) -> Mapping[str, tuple[str, ...]]:
        """``dependencies`` without those that an ancestor declares already; Alembic walks only these."""
        if not self.dependencies:
            return {}
        bits = {name: 1 << number for number, name in enumerate(dict.fromkeys(self._declared_twice()))}
        if not bits:
            return self.dependencies
        above: dict[str, int] = {}
        for id_ in topological(self._revisions, self.parents):
            seen = 0
            for parent in self.parents(id_):
                seen |= above[parent]
                for name in self.dependencies.get(parent, ()):
                    seen |= bits.get(name, 0)
            above[id_] = seen
        return {
            id_: tuple(name for name in names if not above[id_] & bits.get(name, 0))
            for id_, names in self.dependencies.items()
        }

    def _declared_twice(self) -> Iterable[str]:
        once: set[str] = set()
        for names in self.dependencies.values():
            for name in names:
                if name in once:
                    yield name
                once.add(name)

    def parents(self, id_: str) -> tuple[str, ...]:
        """The revisions that a revision names as ``down_revision``."""
        return self._revisions[id_].parents

    def parents_and_dependencies(self, id_: str) -> tuple[str, ...]:
        """Everything that must be applied before a revision, as declared."""
        if id_ not in self.dependencies:
            return self._revisions[id_].parents
        return tuple(dict.fromkeys(self._revisions[id_].parents + self.dependencies[id_]))

    def steps_down(self, id_: str) -> tuple[str, ...]:
        """Parents and the dependencies that no ancestor declares already."""
        if id_ not in self.dependencies:
            return self._revisions[id_].parents
        return tuple(dict.fromkeys(self._revisions[id_].parents + self.needed_dependencies[id_]))

    def children(self, id_: str) -> tuple[str, ...]:
        """The revisions that name a revision as ``down_revision``."""
        return self.chain.children.get(id_, ())

    def children_and_dependents(self, id_: str) -> tuple[str, ...]:
        """The revisions that name a revision as ``down_revision`` or in ``depends_on``."""
        return tuple(self._all_children.get(id_, ()))

    @cached_property
    def _all_children(self) -> Mapping[str, Sequence[str]]:
        if not self.dependencies:
            return self.chain.children
        found: dict[str, dict[str, None]] = {}
        for id_ in self._revisions:
            for below in self.parents_and_dependencies(id_):
                found.setdefault(below, {})[id_] = None
        return {below: tuple(ids) for below, ids in found.items()}

    @cached_property
    def effective_heads(self) -> tuple[str, ...]:
        """The heads that nothing depends on: what the version table holds after upgrading to all heads."""
        return tuple(id_ for id_ in self._revisions if id_ not in self._all_children)

    @cached_property
    def branch_labels(self) -> Mapping[str, frozenset[str]]:
        """The labels that hold for each revision, its own and those of its branch."""
        found: dict[str, set[str]] = {}
        for revision in self._revisions.values():
            if revision.branch_labels:
                for id_ in self._labelled_from(revision.id):
                    found.setdefault(id_, set()).update(revision.branch_labels)
        return {id_: frozenset(labels) for id_, labels in found.items()}

    def _labelled_from(self, id_: str) -> Iterable[str]:
        """The descendants of a labelled revision, and the unbranched line that leads to it."""
        branch = reachable([id_], self.children)
        if any(len(self.children_and_dependents(member)) > 1 or len(self.parents(member)) > 1 for member in branch):
            return branch
        line = list(branch)
        while len(parents := self.parents(id_)) == 1:
            id_ = parents[0]
            if len(self.children_and_dependents(id_)) > 1 or len(self.parents(id_)) > 1:
                break
            line.append(id_)
        return line

    def lineage(self, id_: str) -> frozenset[str]:
        """A revision with all its ancestors and descendants, dependencies left out."""
        return frozenset(reachable([id_], self.parents) | reachable([id_], self.children))


def graph_of(chain: Chain) -> Graph:
    """The graph of a chain, made at the first call and kept with the chain."""
    graph: Graph | None = chain.__dict__.get("_graph")
    if graph is None:
        graph = chain.__dict__["_graph"] = Graph(chain)
    return graph


def reachable(start: Iterable[str], neighbours: Callable[[str], Iterable[str]]) -> set[str]:
    """Everything that can be reached from some revisions, themselves included."""
    seen: set[str] = set()
    waiting = list(start)
    while waiting:
        id_ = waiting.pop()
        if id_ not in seen:
            seen.add(id_)
            waiting.extend(neighbours(id_))
    return seen


def topological(ids: Iterable[str], below: Callable[[str], Sequence[str]]) -> list[str]:
    """Revisions in an order in which each comes after everything below it; those on a cycle are left out."""
    missing: dict[str, int] = {}
    above: dict[str, list[str]] = {}
    ready: list[str] = []
    for id_ in ids:
        under = below(id_)
        missing[id_] = len(under)
        for other in under:
            above.setdefault(other, []).append(id_)
        if not under:
            ready.append(id_)
    for id_ in ready:
        for other in above.get(id_, ()):
            missing[other] -= 1
            if not missing[other]:
                ready.append(other)
    return ready


def ancestors(chain: Chain, ids: Iterable[str], *, dependencies: bool = True) -> set[str]:
    """The given revisions and all that they stand on."""
    graph = graph_of(chain)
    return reachable(ids, graph.steps_down if dependencies else graph.parents)


def descendants(chain: Chain, ids: Iterable[str], *, dependencies: bool = True) -> set[str]:
    """The given revisions and all that stand on them."""
    graph = graph_of(chain)
    return reachable(ids, graph.children_and_dependents if dependencies else graph.children)


def effective_heads(chain: Chain) -> tuple[str, ...]:
    """The heads that nothing depends on: what the version table holds after upgrading to all heads."""
    return graph_of(chain).effective_heads


def is_ancestor(chain: Chain, earlier: str, later: str) -> bool:
    """Whether ``later`` stands on ``earlier``, by parents or dependencies; a revision is no ancestor of itself."""
    return earlier != later and earlier in ancestors(chain, [later])
