"""What an upgrade makes of a database that is ahead, or that somebody moved while it waited."""

from __future__ import annotations

import pytest

from migrator.chain.model import Chain, Direction, Revision
from migrator.database.state import DatabaseState
from migrator.errors import AheadOfCode, ConfigurationError, Refused, VerificationFailed
from migrator.execution.planning import Plan, plan_move
from migrator.execution.policy import require_same_meaning
from migrator.profiles.care import Care, care_of, care_of_process
from migrator.profiles.model import Profile

CHAIN = Chain({"a": Revision(id="a", parents=()), "b": Revision(id="b", parents=("a",))})


def _state(*rows: str) -> DatabaseState:
    return DatabaseState(rows=rows, version_table_exists=True)


@pytest.mark.parametrize("target", ["head", "heads"])
def test_ahead_is_nothing_to_do_where_it_is_accepted(target: str) -> None:
    plan = plan_move(CHAIN, _state("z"), Direction.UPGRADE, target, accepts_ahead=True)
    assert (plan.steps, plan.before, plan.after, plan.is_ahead) == ((), ("z",), ("z",), True)


@pytest.mark.parametrize(
    ("direction", "target", "accepts"),
    [
        (Direction.UPGRADE, "heads", False),
        (Direction.UPGRADE, "b", True),
        (Direction.UPGRADE, "+1", True),
        (Direction.DOWNGRADE, "heads", True),
    ],
)
def test_ahead_is_refused_otherwise(direction: Direction, target: str, accepts: bool) -> None:
    with pytest.raises(AheadOfCode):
        plan_move(CHAIN, _state("z"), direction, target, accepts_ahead=accepts)


def test_diverged_is_never_accepted() -> None:
    with pytest.raises(VerificationFailed):
        plan_move(CHAIN, _state("a", "z"), Direction.UPGRADE, "heads", accepts_ahead=True)


def _plan(target: str, before: str) -> Plan:
    return Plan(direction=Direction.DOWNGRADE, target=target, before=(before,), after=(), steps=())


@pytest.mark.parametrize("target", ["-1", "+2", "blog@-1", "blog@+1"])
def test_a_relative_target_is_not_followed_to_somewhere_else(target: str) -> None:
    with pytest.raises(Refused, match="from b to a meanwhile"):
        require_same_meaning(_plan(target, "b"), _plan(target, "a"))
    require_same_meaning(_plan(target, "b"), _plan(target, "b"))


@pytest.mark.parametrize("target", ["base", "heads", "a", "blog@head", "b-1", "a+1"])
def test_an_absolute_target_means_the_same_from_anywhere(target: str) -> None:
    require_same_meaning(_plan(target, "b"), _plan(target, "a"))


def test_care_is_the_profiles_or_else_the_processs() -> None:
    profile = Profile(name="p", source="file", lock_wait=5, wait_for_db=6, if_ahead="ok")
    assert care_of(profile) == Care(lock_wait=5, wait_for_db=6, if_ahead="ok")
    assert care_of_process({"MIGRATOR_LOCK_WAIT": "2min", "MIGRATOR_IF_AHEAD": "warn", "MIGRATOR_WAIT_FOR_DB": ""}) == (
        Care(lock_wait=120, if_ahead="warn")
    )
    assert care_of_process({}) == Care()
    with pytest.raises(ConfigurationError, match="MIGRATOR_IF_AHEAD is 'perhaps'"):
        care_of_process({"MIGRATOR_IF_AHEAD": "perhaps"})
