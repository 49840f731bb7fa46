"""The rows of the version table, step by step, on random graphs with merges and dependencies."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from migrator.chain.model import Chain, Revision
from migrator.chain.paths import upgrade_path
from migrator.execution.position import maximal
from migrator.execution.version_rows import VersionRows


@st.composite
def chains(draw: st.DrawFn) -> Chain:
    revisions: dict[str, Revision] = {}
    for number in range(draw(st.integers(1, 12))):
        earlier = list(revisions)
        parents = draw(st.lists(st.sampled_from(earlier), max_size=3, unique=True)) if earlier else []
        depends = draw(st.lists(st.sampled_from(earlier), max_size=2, unique=True)) if earlier else []
        id_ = f"r{number:02}"
        revisions[id_] = Revision(
            id=id_, parents=tuple(parents), depends_on=tuple(each for each in depends if each not in parents)
        )
    return Chain(revisions)


@given(chains())
def test_rows_are_always_the_applied_revisions_that_no_other_implies(chain: Chain) -> None:
    order = [revision.id for revision in upgrade_path(chain, (), "heads")]
    rows, applied, written = VersionRows(chain, ()), set[str](), set[str]()
    for id_ in order:
        change = rows.apply(id_)
        applied.add(id_)
        written = (written - set(change.removed)) | set(change.added)
        assert written == rows.rows == maximal(chain, applied)
    rows = VersionRows(chain, tuple(written))
    for id_ in reversed(order):
        change = rows.revert(id_)
        applied.remove(id_)
        written = (written - set(change.removed)) | set(change.added)
        assert written == rows.rows == maximal(chain, applied)
    assert not written
