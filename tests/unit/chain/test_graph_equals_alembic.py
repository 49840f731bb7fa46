"""On random sound chains every graph answer equals that of Alembic's RevisionMap, order included."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from alembic.script.revision import MultipleHeads, RangeNotAncestorError, ResolutionError, RevisionError
from drawings import alembic_map, chains
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from migrator.chain.graph import ancestors, descendants, graph_of
from migrator.chain.model import Chain
from migrator.chain.paths import downgrade_path, upgrade_path
from migrator.chain.resolve import revisions_for
from migrator.errors import UsageError

REFUSALS = (RevisionError, ResolutionError, MultipleHeads, RangeNotAncestorError, AssertionError)
pytestmark = pytest.mark.filterwarnings("ignore:downgrade -1 from multiple heads:UserWarning")
thorough = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)


@st.composite
def chains_with_rows(draw: st.DrawFn) -> tuple[Chain, tuple[str, ...]]:
    """A chain, and rows of a version table as real upgrades leave them: none an ancestor of another."""
    chain = draw(chains())
    picked = draw(st.lists(st.sampled_from(list(chain.revisions)), max_size=3, unique=True))
    rows = [id_ for id_ in picked if not any(id_ != other and id_ in ancestors(chain, [other]) for other in picked)]
    return chain, tuple(rows)


def targets_of(chain: Chain, *, backwards: bool) -> st.SearchStrategy[str]:
    ids = list(chain.revisions)
    labels = [label for revision in chain.revisions.values() for label in revision.branch_labels]
    signs = ["-1", "-2", "-3"] if backwards else ["+1", "+2", "+3"]
    options = [
        st.sampled_from(["head", "heads", "base", *ids, *labels]),
        st.sampled_from(signs),
        st.builds("{}{}".format, st.sampled_from(ids), st.sampled_from(["+1", "+2", "-1"])),
        st.builds("{}@{}".format, st.sampled_from([*labels, *ids]), st.sampled_from(["head", "base", *signs, *ids])),
        st.builds("{}".format, st.sampled_from([id_[:4] for id_ in ids])),
    ]
    return st.one_of(options)


def outcome(answer: Callable[[], Any]) -> Any:
    """What a question gives, or that it is refused."""
    try:
        return answer()
    except (*REFUSALS, UsageError):
        return "refused"


@thorough
@given(chains())
def test_heads_bases_edges_and_labels(chain: Chain) -> None:
    map_ = alembic_map(chain)
    graph = graph_of(chain)
    assert chain.heads == map_.heads
    assert chain.bases == map_.bases
    assert graph.effective_heads == map_._real_heads
    for id_ in chain.revisions:
        theirs = map_.get_revision(id_)
        assert set(graph.children(id_)) == theirs.nextrev
        assert set(graph.children_and_dependents(id_)) == theirs._all_nextrev
        assert graph.steps_down(id_) == theirs._normalized_down_revisions
        assert graph.branch_labels.get(id_, frozenset()) == theirs.branch_labels


@thorough
@given(chains(), st.booleans())
def test_ancestors_and_descendants(chain: Chain, dependencies: bool) -> None:
    map_ = alembic_map(chain)
    for id_ in chain.revisions:
        theirs = map_.get_revision(id_)
        above = {found.revision for found in map_._get_descendant_nodes([theirs], include_dependencies=dependencies)}
        below = {found.revision for found in map_._get_ancestor_nodes([theirs], include_dependencies=dependencies)}
        assert descendants(chain, [id_], dependencies=dependencies) == above
        assert ancestors(chain, [id_], dependencies=dependencies) == below


@thorough
@given(chains_with_rows(), st.data())
def test_upgrades(case: tuple[Chain, tuple[str, ...]], data: st.DataObject) -> None:
    chain, rows = case
    target = data.draw(targets_of(chain, backwards=False))
    map_ = alembic_map(chain)

    def theirs() -> list[str]:
        found = list(map_.iterate_revisions(target, rows, implicit_base=True))
        return [revision.revision for revision in reversed(found)]

    assert outcome(lambda: [revision.id for revision in upgrade_path(chain, rows, target)]) == outcome(theirs)


@thorough
@given(chains_with_rows(), st.data())
def test_downgrades(case: tuple[Chain, tuple[str, ...]], data: st.DataObject) -> None:
    chain, rows = case
    target = data.draw(targets_of(chain, backwards=True))
    # Alembic warns and takes the first row; here that is refused.
    assume(not (target.startswith("-") and len(rows) > 1))
    map_ = alembic_map(chain)

    def theirs() -> list[str]:
        return [found.revision for found in map_.iterate_revisions(rows, target, select_for_downgrade=True)]

    assert outcome(lambda: [revision.id for revision in downgrade_path(chain, rows, target)]) == outcome(theirs)


@thorough
@given(chains(), st.data())
def test_absolute_symbols(chain: Chain, data: st.DataObject) -> None:
    symbol = data.draw(targets_of(chain, backwards=False).filter(lambda text: "+" not in text and "-" not in text))
    map_ = alembic_map(chain)

    def theirs() -> tuple[str, ...]:
        if symbol == "head" or symbol.endswith("@head"):
            found = map_.get_revision(symbol)
            return (found.revision,) if found else ()
        return tuple(found.revision for found in map_.get_revisions(symbol))

    assert outcome(lambda: revisions_for(chain, symbol)) == outcome(theirs)
