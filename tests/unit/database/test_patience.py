"""Waiting as a pure schedule, and the loop on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import pytest

from migrator.database.failures import CannotConnect, Reason
from migrator.database.patience import Clock, Heartbeat, Schedule, attempts, when_reachable
from migrator.errors import Unreachable
from migrator.events import DatabaseAwaited, Event

SCHEDULE = Schedule(first=0.1, longest=1.0)


class Hours:
    """A time that passes only by sleeping."""

    def __init__(self) -> None:
        self.time = 1000.0

    def clock(self) -> Clock:
        return Clock(now=lambda: self.time, sleep=self._pass, chance=lambda: 0.5)

    def _pass(self, seconds: float) -> None:
        assert seconds > 0
        self.time += seconds


def test_pauses_grow_to_the_longest_and_begin_anew_at_each_call() -> None:
    pauses = list(islice(SCHEDULE.pauses(lambda: 0.5), 8))
    assert pauses[0] == pytest.approx(0.1)
    assert pauses == sorted(pauses)
    assert pauses[-1] == 1.0
    assert next(SCHEDULE.pauses(lambda: 0.5)) == pauses[0]


@pytest.mark.parametrize("chance", [0.0, 1.0])
def test_jitter_is_at_most_a_half(chance: float) -> None:
    for plain, moved in islice(zip(SCHEDULE.pauses(lambda: 0.5), SCHEDULE.pauses(lambda: chance), strict=False), 8):
        assert abs(moved - plain) == pytest.approx(plain / 2)


def test_without_patience_there_is_one_attempt() -> None:
    assert list(attempts(SCHEDULE, limit=0, clock=Hours().clock())) == [0.0]


def test_the_last_attempt_is_at_the_very_end() -> None:
    waited = list(attempts(SCHEDULE, limit=5, clock=Hours().clock()))
    assert waited[0] == 0
    assert waited[-1] == pytest.approx(5)
    assert len(waited) < 15


def test_a_heartbeat_is_due_at_each_change_and_after_ten_seconds_without() -> None:
    heartbeat = Heartbeat()
    told = [
        heartbeat.is_due(who, at)
        for who, at in [("a", 0), ("a", 9), ("a", 10), ("a", 12), ("b", 13), ("b", 22), (None, 22.5), ("b", 23)]
    ]
    assert told == [True, False, True, False, True, False, True, True]


def _failing(reason: Reason, times: int) -> Callable[[], str]:
    left = [times]

    def attempt() -> str:
        left[0] -= 1
        if left[0] >= 0:
            raise CannotConnect("Cannot connect to db.", reason=reason, remedy="start it")
        return "state"

    return attempt


def test_what_may_pass_is_tried_again_and_told_once_each_ten_seconds() -> None:
    heard: list[Event] = []
    hours = Hours()
    found = when_reachable(_failing(Reason.STARTING, 9), limit=60, listen=heard.append, clock=hours.clock())
    assert found == "state"
    assert [round(event.waited) for event in heard if isinstance(event, DatabaseAwaited)] == [0, 11]
    assert len(heard) == 2


@pytest.mark.parametrize("reason", [Reason.LOGIN, Reason.NO_SUCH_DATABASE, Reason.TLS, Reason.OTHER])
def test_what_does_not_pass_is_raised_as_it_is(reason: Reason) -> None:
    hours = Hours()
    with pytest.raises(CannotConnect):
        when_reachable(_failing(reason, 1), limit=60, listen=lambda _event: None, clock=hours.clock())
    assert hours.time == 1000


def test_when_it_is_given_up_the_time_is_told_and_the_remedy_kept() -> None:
    with pytest.raises(Unreachable) as caught:
        when_reachable(_failing(Reason.REFUSED, 10**6), limit=30, listen=lambda _event: None, clock=Hours().clock())
    assert caught.value.message == "Cannot connect to db; waited 30 s for it"
    assert caught.value.remedy == "start it"


def test_without_patience_the_error_is_the_attempts_own() -> None:
    heard: list[Event] = []
    with pytest.raises(CannotConnect, match=r"Cannot connect to db\.$"):
        when_reachable(_failing(Reason.REFUSED, 1), limit=0, listen=heard.append)
    assert heard == []
