"""What follows a look: decided from values, told in the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import pytest

from migrator.database.patience import Clock
from migrator.profiles.model import Profile
from migrator.runtime.readiness import Readiness, SchemaBehind
from migrator.runtime.waiting import Waiting

PROFILE = Profile(name="prod", source="file", host="db", port=5432, user="shop", database="shop")
READY = Readiness(is_ready=True, current=("r2",))
BEHIND = Readiness(is_ready=False, current=("r1",), pending=("r2",), reason="1 revision of this code is not applied")


@dataclass
class Time:
    """A clock that stands until it is told to go on."""

    seconds: float = 100.0

    def wait(self, timeout: float) -> Waiting:
        """A wait that begins now, with pauses of exactly their length."""
        return Waiting(PROFILE, timeout, Clock(now=lambda: self.seconds, chance=lambda: 0.5))


def test_who_is_ready_goes_on() -> None:
    assert Time().wait(0).pause_after(READY) is None


def test_without_a_timeout_one_look_decides() -> None:
    with pytest.raises(SchemaBehind) as refused:
        Time().wait(0).pause_after(BEHIND)
    error = refused.value
    assert error.message == "The schema does not suit this code: 1 revision of this code is not applied."
    assert error.where == "postgresql://shop@db:5432/shop"
    assert error.state == "the database is at r1; nothing was changed"
    assert (error.remedy, error.details) == ("migrator upgrade --env prod", ("r2",))


def test_pauses_grow_and_the_last_one_ends_with_the_time() -> None:
    time = Time()
    waiting = time.wait(10)
    pauses: list[float] = []
    while sum(pauses) < 9.999:
        pauses.append(waiting.pause_after(BEHIND) or 0.0)
        time.seconds += pauses[-1]
    with pytest.raises(SchemaBehind, match="after 10 s"):
        waiting.pause_after(BEHIND)
    assert pauses[:3] == pytest.approx([0.2, 0.32, 0.512])
    assert max(pauses) <= 3
    assert sum(pauses) == pytest.approx(10)


def test_what_waiting_does_not_change_ends_it_at_once() -> None:
    refused = Readiness(is_ready=False, reason="the login was refused", may_change=False, remedy="correct DB_USER")
    with pytest.raises(SchemaBehind) as error:
        Time().wait(3600).pause_after(refused)
    assert (error.value.remedy, error.value.state) == ("correct DB_USER", "nothing was changed")


def test_it_says_that_it_waits_each_change_and_each_ten_seconds(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "migrator.runtime")
    time = Time()
    waiting = time.wait(60)
    for _ in range(21):
        waiting.pause_after(BEHIND)
        time.seconds += 1
    waiting.pause_after(Readiness(is_ready=False, reason="nothing listens there"))
    time.seconds += 1
    assert waiting.pause_after(READY) is None
    told = "waiting for postgresql://shop@db:5432/shop: 1 revision of this code is not applied"
    assert caplog.messages == [
        f"{told} (0 s of 60 s)",
        f"{told} (10 s of 60 s)",
        f"{told} (20 s of 60 s)",
        "waiting for postgresql://shop@db:5432/shop: nothing listens there (21 s of 60 s)",
        "postgresql://shop@db:5432/shop is at r2 after 22.0 s",
    ]


def test_the_address_is_the_application_s_own() -> None:
    """Migrations may go past the pooler that the application connects to."""
    profile = Profile(
        name="local", source="file", host="pooler", port=6432, user="shop", database="shop", migration_host="db"
    )
    with pytest.raises(SchemaBehind) as refused:
        Waiting(profile, 0).pause_after(BEHIND)
    assert (refused.value.where, refused.value.remedy) == ("postgresql://shop@pooler:6432/shop", "migrator upgrade")
