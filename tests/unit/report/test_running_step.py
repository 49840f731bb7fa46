"""What a run is doing now: nothing stale is shown."""

from __future__ import annotations

from migrator.chain.model import Direction
from migrator.events import StatementRunning, StepFinished, StepStarted
from migrator.report.running import Heartbeat, Running, heartbeat_line, statement_line

BUILD = StatementRunning(
    revision="r1", statement="CREATE INDEX i ON t (c)", seconds=12, phase="building index", share=0.45
)


def started(revision: str) -> StepStarted:
    return StepStarted(revision=revision, doc="", number=1, steps=2, direction=Direction.UPGRADE)


def test_the_statement_of_the_running_revision_is_known() -> None:
    running = Running()
    running.take(started("r1"))
    running.take(BUILD)
    assert running.statement == BUILD
    beat = running.beat()
    assert beat is not None
    assert (beat.revision, beat.statement, beat.phase, beat.share) == ("r1", BUILD.statement, "building index", 0.45)


def test_a_statement_ends_with_its_revision() -> None:
    running = Running()
    running.take(started("r1"))
    running.take(BUILD)
    running.take(StepFinished(revision="r1", number=1, steps=2, seconds=1))
    assert (running.statement, running.beat()) == (None, None)


def test_a_statement_that_is_told_too_late_is_not_taken_for_the_next_revision_s() -> None:
    running = Running()
    running.take(started("r2"))
    running.take(BUILD)
    assert running.statement is None


def test_a_finished_step_is_given_back_for_its_line() -> None:
    running = Running()
    running.take(started("r1"))
    assert running.take(StepFinished(revision="r1", number=1, steps=2, seconds=1)) == started("r1")


def test_what_a_narrow_terminal_cuts_off_stands_last() -> None:
    assert statement_line(BUILD) == "12.0 s  building index, 45 %  CREATE INDEX i ON t (c)"


def test_the_heartbeat_says_statement_phase_and_share() -> None:
    beat = Heartbeat(revision="r1", number=1, steps=2, seconds=20)
    assert heartbeat_line(beat) == "[1/2] r1 still running after 20 s"
    beat = Heartbeat(
        revision="r1", number=1, steps=2, seconds=20, statement="CREATE INDEX i", phase="building index", share=0.45
    )
    assert heartbeat_line(beat) == ("[1/2] r1 still running after 20 s: CREATE INDEX i (building index, 45 %)")
