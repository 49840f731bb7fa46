"""Whether a database has what is waited for, decided from values alone."""

from __future__ import annotations

import pytest

from migrator.chain.model import Chain, Revision
from migrator.database.ledger.applied import RecordedRevision
from migrator.database.state import DatabaseState
from migrator.errors import AheadOfCode, UsageError, VerificationFailed
from migrator.execution.arrival import Arrival, judge, wanted_revisions

LINE = Chain({id_: Revision(id=id_, parents=parents) for id_, parents in (("a", ()), ("b", ("a",)), ("c", ("b",)))})


def judged(*rows: str, target: str = "heads", accepts_ahead: bool = False, **more: object) -> Arrival:
    state = DatabaseState(rows=rows, version_table_exists=True, **more)  # type: ignore[arg-type]
    return judge(LINE, state, target, wanted_revisions(LINE, target), accepts_ahead=accepts_ahead)


@pytest.mark.parametrize(
    ("rows", "target", "pending"),
    [((), "heads", "abc"), (("a",), "heads", "bc"), (("a",), "b", "b"), (("a", "b"), "heads", "c")],
)
def test_what_is_pending_is_named(rows: tuple[str, ...], target: str, pending: str) -> None:
    found = judged(*rows, target=target)
    assert (found.is_there, [each.id for each in found.pending]) == (False, [*pending])


@pytest.mark.parametrize(
    ("rows", "target"), [(("c",), "heads"), (("c",), "a"), (("b",), "b"), ((), "base"), (("c", "z"), "head")]
)
def test_more_than_what_is_wanted_will_do(rows: tuple[str, ...], target: str) -> None:
    assert judged(*rows, target=target).is_there


def test_a_database_that_is_ahead_will_do_only_where_that_is_proven_or_accepted() -> None:
    with pytest.raises(AheadOfCode):
        judged("z")
    assert judged("z", accepts_ahead=True) == Arrival(is_there=True, is_ahead=True)
    recorded = {"z": RecordedRevision(id="z", parents=("c",), depends_on=())}
    assert judged("z", recorded=recorded) == Arrival(is_there=True, is_ahead=True)


def test_a_database_that_is_known_to_have_gone_another_way_will_never_do() -> None:
    recorded = {"z": RecordedRevision(id="z", parents=("b",), depends_on=())}
    with pytest.raises(VerificationFailed):
        judged("z", recorded=recorded, accepts_ahead=True)


@pytest.mark.parametrize("target", ["+1", "-1", "current", "x@+1"])
def test_what_depends_on_the_database_cannot_be_waited_for(target: str) -> None:
    with pytest.raises(UsageError):
        wanted_revisions(LINE, target)
