"""No revision is begun that is not expected to end in time."""

from __future__ import annotations

import pytest

from migrator.chain.model import Direction, Revision
from migrator.errors import PartlyApplied, RunFailed
from migrator.execution.deadline import Deadline, out_of_time
from migrator.execution.planning import Plan

STEPS = tuple(Revision(id=id_, doc=f"create {id_}") for id_ in "abc")


def plan(target: str = "heads", direction: Direction = Direction.UPGRADE, after: tuple[str, ...] = ("c",)) -> Plan:
    return Plan(direction=direction, target=target, before=(), after=after, steps=STEPS)


@pytest.mark.parametrize(
    ("past", "expected"),
    [
        ({"a": 7.0, "b": 60.0, "c": 90.0}, 7.0),
        ({"b": 1.0, "c": 2.0, "d": 60.0}, 2.0),
        ({"b": 1.0, "c": 60.0}, 60.0),
        ({}, 1.0),
    ],
)
def test_a_revision_is_expected_to_take_what_it_took_else_the_median_else_a_second(
    past: dict[str, float], expected: float
) -> None:
    """Of two in the middle the longer one: rather too careful."""
    assert Deadline(30.0, past).expected("a") == expected


def test_it_may_start_when_it_is_expected_to_end_in_time() -> None:
    """Exactly at the deadline is in time."""
    deadline = Deadline(30.0, {"a": 10.0})
    assert deadline.allows("a", elapsed=20.0)
    assert not deadline.allows("a", elapsed=20.1)


def test_without_a_deadline_everything_may_start() -> None:
    """However long it took before."""
    assert Deadline(None, {"a": 10_000.0}).allows("a", elapsed=10_000.0)


def test_what_is_left_is_named_with_the_command_that_goes_on() -> None:
    """With enough time for the rest."""
    error = out_of_time(
        Deadline(30.0, {"b": 12.0}), plan(), STEPS[1:], elapsed=25.0, applied=["a"], env_option=" --env prod"
    )
    assert isinstance(error, PartlyApplied)
    assert error.message == (
        "no time for b (create b): it is expected to take 12.0 s, and 25.0 s of the deadline of 30.0 s are over"
    )
    assert error.state == "1 applied, 2 left; no revision was cut"
    assert error.details == ("not run: b create b", "not run: c create c")
    assert error.remedy == "migrator upgrade heads --env prod --deadline 54s"


def test_nothing_applied_is_a_failure_and_not_a_part_of_success() -> None:
    """Waiting for a lock can take all of the time."""
    error = out_of_time(Deadline(5.0), plan("+3"), STEPS, elapsed=5.5, applied=[])
    assert isinstance(error, RunFailed)
    assert error.remedy == "migrator upgrade +3 --deadline 8s"


@pytest.mark.parametrize(
    ("target", "direction", "after", "goal"),
    [
        ("+3", Direction.UPGRADE, ("c",), "upgrade c"),
        ("-3", Direction.DOWNGRADE, (), "downgrade base"),
        ("heads", Direction.UPGRADE, ("c", "x"), "upgrade heads"),
    ],
)
def test_the_rest_of_the_way_has_a_goal_that_stays_where_it_is(
    target: str, direction: Direction, after: tuple[str, ...], goal: str
) -> None:
    """A relative target would be counted from where the run has come to."""
    error = out_of_time(Deadline(5.0), plan(target, direction, after), STEPS[2:], elapsed=5, applied=["a", "b"])
    assert error.remedy is not None
    assert error.remedy.startswith(f"migrator {goal} --deadline")
