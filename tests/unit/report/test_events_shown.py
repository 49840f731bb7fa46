"""Every event can be told to a program, and every detour of a run to people."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import get_args

import pytest

from migrator.chain.model import Direction
from migrator.events import (
    AttemptFailed,
    Blocker,
    BlockerEnded,
    DatabaseAwaited,
    Event,
    HeadsAwaited,
    HookPrinted,
    InvalidIndexDropped,
    LedgerCreated,
    LockAwaited,
    LockHolder,
    LockObtained,
    Obstacle,
    RunFinished,
    RunStarted,
    StatementRunning,
    StepFailed,
    StepFinished,
    StepResumed,
    StepStarted,
    WatcherFailed,
)
from migrator.redaction import remember_secret
from migrator.report.events import event_as_dict, event_as_json, event_line
from migrator.report.running import Heartbeat

BLOCKER = Blocker(session=4711, user="web", state="idle in transaction", transaction_seconds=12.3456789)
ATTEMPT = AttemptFailed(
    revision="r1",
    obstacle=Obstacle.LOCK_TIMEOUT,
    statement="ALTER TABLE users ADD COLUMN x int",
    blockers=(BLOCKER,),
    attempt=1,
    pause=0.5,
    waited=2,
    limit=300,
)
EVENTS: tuple[Event, ...] = (
    RunStarted(direction=Direction.UPGRADE, steps=2),
    StepStarted(revision="r1", doc="users", number=1, steps=2, direction=Direction.UPGRADE),
    StepFinished(revision="r1", number=1, steps=2, seconds=0.5),
    StepFailed(revision="r2", number=2, steps=2, reason="no such table"),
    RunFinished(applied=2, seconds=1.5),
    DatabaseAwaited(reason="connection refused", waited=1, limit=60),
    LockAwaited(holder=LockHolder(session="PostgreSQL process 4711"), waited=1, limit=300),
    LockObtained(waited=2.5),
    HeadsAwaited(
        location="postgresql://db/app", current=("r1",), pending=1, holder=None, half_applied=(), waited=1, limit=60
    ),
    ATTEMPT,
    BlockerEnded(blocker=BLOCKER),
    StatementRunning(revision="r1", statement="CREATE INDEX i ON t (c)", seconds=3, phase="scanning", share=0.5),
    StepResumed(revision="r1", done=1),
    InvalidIndexDropped(index="ix_users"),
    LedgerCreated(place="schema migrator", adopted=3),
    HookPrinted(hook="before_run", line="hello"),
    WatcherFailed(watcher="after_run hook ./tell", reason="exit code 1", output=("no route",)),
)
SHOWN_IN_PLACE = (RunStarted, StepStarted, StepFinished, StepFailed, RunFinished, StatementRunning)


def test_the_samples_are_all_there_are() -> None:
    assert {type(event) for event in EVENTS} == set(get_args(Event))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_is_told_to_a_program_with_all_of_its_fields(event: Event) -> None:
    line = event_as_json(event, 0)
    assert "\n" not in line
    told = json.loads(line)
    assert set(told) == {"schema", "event", "time"} | {field.name for field in dataclasses.fields(event)}
    assert told["schema"] == "migrator/event/1"
    assert told["time"] == "1970-01-01T00:00:00.000Z"


def test_nested_values_are_told_in_json_s_own_types() -> None:
    told = event_as_dict(ATTEMPT, 0)
    assert told["event"] == "attempt_failed"
    assert told["obstacle"] == "lock_timeout"
    blockers = told["blockers"]
    assert isinstance(blockers, list)
    assert (blockers[0]["session"], blockers[0]["transaction_seconds"]) == (4711, 12.345679)


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_every_event_is_a_line_or_is_shown_in_its_place(event: Event) -> None:
    assert (event_line(event) is None) == isinstance(event, SHOWN_IN_PLACE)


def test_a_failed_attempt_names_what_waited_and_who_was_in_the_way() -> None:
    assert event_line(ATTEMPT) == (
        "r1, attempt 1 rolled back: it did not get a lock in time; again in 500 ms (2 of 300 s)\n"
        "  statement: ALTER TABLE users ADD COLUMN x int\n"
        "  blocked by process 4711 (user web, idle in transaction for 12 s)"
    )


def test_no_escape_of_json_hides_a_secret() -> None:
    remember_secret('a"quoted\\secret')
    assert "quoted" not in event_as_json(HookPrinted(hook="before_run", line='it is a"quoted\\secret'), 0)


def test_the_page_names_every_event_with_every_field() -> None:
    page = (Path(__file__).parents[3] / "docs" / "observability.md").read_text(encoding="utf-8")
    rows = {line.split("`")[1]: line for line in page.splitlines() if line.startswith("| `")}
    heartbeat = Heartbeat(revision="r1", number=1, steps=2, seconds=20)
    for event in (*EVENTS, heartbeat):
        name = str(event_as_dict(event, 0)["event"])
        if name != "statement_running":
            missing = [field.name for field in dataclasses.fields(event) if f"`{field.name}`" not in rows[name]]
            assert (name, missing) == (name, [])
