"""What the ledger proves of a database that newer code has migrated."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.chain.graph import ancestors, effective_heads
from migrator.chain.model import Chain, Revision
from migrator.database.ledger.applied import RecordedRevision
from migrator.execution.lineage import Containment, lineage_of


def chain(drawing: str) -> Chain:
    """``a, b:a, m:a+b~c`` -> revisions; ``~`` separates what they depend on."""
    found = {}
    for part in filter(None, drawing.split(", ")):
        id_, _, rest = part.partition(":")
        parents, _, depends = rest.partition("~")
        found[id_] = Revision(
            id=id_,
            parents=tuple(filter(None, parents.split("+"))),
            depends_on=tuple(filter(None, depends.split("+"))),
        )
    return Chain(found)


def recorded(drawing: str) -> dict[str, RecordedRevision]:
    """The same drawing as the ledger has it."""
    return {
        each.id: RecordedRevision(id=each.id, parents=each.parents, depends_on=each.depends_on)
        for each in chain(drawing).revisions.values()
    }


@pytest.mark.parametrize(
    ("code", "ledger", "rows", "containment", "missing", "beyond"),
    [
        ("a, b:a", "a, b:a, c:b, d:c", "d", Containment.CONTAINED, (), ("c", "d")),
        ("a, b:a", "a, c:a", "c", Containment.DIVERGED, ("b",), ("c",)),
        ("a, b:a", "a, b:a", "z", Containment.UNKNOWN, ("b",), ()),
        ("a", "a", "a z", Containment.UNKNOWN, (), ()),
        ("a, b:a", "a, b:a, d:c", "d", Containment.UNKNOWN, ("b",), ("d",)),
        ("a, b:a, c:a", "a, b:a, c:a, d:c", "b d", Containment.CONTAINED, (), ("d",)),
        ("a, b:a, c:a", "a, b:a, c:a, d:c", "d", Containment.DIVERGED, ("b",), ("d",)),
        ("a, b:a, c:a", "a, b:a, c:a, m:b+c", "m", Containment.CONTAINED, (), ("m",)),
        ("a, b", "a, b, c:a~b", "c", Containment.CONTAINED, (), ("c",)),
        ("a, b:a", "a, b:a, c:b", "b c", Containment.UNKNOWN, (), ("c",)),
        ("a", "a, b:a, x:w", "b x", Containment.CONTAINED, (), ("b", "x")),
        ("a, b:a", "c:b", "c", Containment.CONTAINED, (), ("c",)),
    ],
    ids=[
        "newer code on the same line",
        "another branch",
        "a row that the ledger does not know",
        "a row that the ledger does not know beside the head",
        "a hole in the ledger",
        "one of two branches is newer",
        "one of two branches is missing",
        "merged by newer code",
        "depended on by newer code",
        "a row that another implies",
        "a hole beside what proves enough",
        "this code's own files go before the ledger",
    ],
)
def test_the_rows_are_followed_down_to_the_heads(
    code: str,
    ledger: str,
    rows: str,
    containment: Containment,
    missing: tuple[str, ...],
    beyond: tuple[str, ...],
) -> None:
    found = lineage_of(chain(code), rows.split(), recorded(ledger))
    assert (found.containment, found.missing, tuple(each.id for each in found.beyond)) == (containment, missing, beyond)


@given(st.data())
def test_an_older_cut_of_any_history_is_contained_in_the_newer_one(data: st.DataObject) -> None:
    """Code that has the ancestors of some revisions only finds them contained in a database that has everything."""
    revisions: dict[str, Revision] = {}
    for number in range(data.draw(st.integers(1, 12))):
        parents = data.draw(st.sets(st.sampled_from(sorted(revisions)), max_size=2)) if revisions else set()
        revisions[f"r{number:02}"] = Revision(id=f"r{number:02}", parents=tuple(sorted(parents)))
    newer = Chain(revisions)
    kept = ancestors(newer, data.draw(st.sets(st.sampled_from(sorted(revisions)), min_size=1)))
    older = Chain({id_: each for id_, each in revisions.items() if id_ in kept})
    ledger = {each.id: RecordedRevision(id=each.id, parents=each.parents) for each in revisions.values()}
    found = lineage_of(older, effective_heads(newer), ledger)
    assert found.containment is Containment.CONTAINED
    assert {each.id for each in found.beyond} == set(revisions) - kept
