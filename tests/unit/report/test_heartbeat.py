"""The heartbeat of a log: a line after each silence, and none when nothing runs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from migrator.chain.model import Direction
from migrator.events import StatementRunning, StepFinished, StepStarted
from migrator.report import log

BEGUN = StepStarted(revision="r1", doc="users", number=1, steps=2, direction=Direction.UPGRADE)
BUILD = StatementRunning(revision="r1", statement="CREATE INDEX i ON t (c)", seconds=12, phase="scanning", share=0.45)
FINISHED = StepFinished(revision="r1", number=1, steps=2, seconds=20)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "HEARTBEAT_SECONDS", 0.05)


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Callable[[str], list[str]]:
    """What was written, as soon as it holds a text."""
    lines: list[str] = []

    def until(text: str) -> list[str]:
        end = time.monotonic() + 20
        while text not in "".join(lines):
            assert time.monotonic() < end, lines
            time.sleep(0.01)
            lines.extend(capsys.readouterr().err.splitlines())
        return lines

    return until


def test_people_read_what_runs(written: Callable[[str], list[str]]) -> None:
    with log.text_log() as listen:
        listen(BEGUN)
        listen(BUILD)
        written("[1/2] r1 still running after 0 s: CREATE INDEX i ON t (c) (scanning, 45 %)")
        listen(FINISHED)
        written("[1/2] upgrade r1  users  20.0 s")


def test_a_program_reads_what_runs(written: Callable[[str], list[str]]) -> None:
    with log.json_log() as listen:
        listen(BEGUN)
        listen(BUILD)
        lines = written('"statement"')
        beat = next(json.loads(line) for line in lines if '"statement"' in line)
    assert (beat["schema"], beat["event"], beat["revision"]) == ("migrator/event/1", "heartbeat", "r1")
    assert (beat["statement"], beat["phase"], beat["share"]) == ("CREATE INDEX i ON t (c)", "scanning", 0.45)


def test_between_steps_there_is_silence(capsys: pytest.CaptureFixture[str]) -> None:
    with log.text_log() as listen:
        listen(BEGUN)
        listen(FINISHED)
        capsys.readouterr()
        time.sleep(0.3)
        assert capsys.readouterr().err == ""


def test_without_a_step_there_is_no_thread() -> None:
    import threading

    with log.text_log():
        assert [thread.name for thread in threading.enumerate() if thread.name == "migrator-heartbeat"] == []


def test_a_log_may_have_signs_of_life_alone(
    written: Callable[[str], list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    with log.beats_only() as listen:
        listen(BEGUN)
        lines = written("[1/2] r1 still running after 0 s")
        listen(FINISHED)
    lines = [*lines, *capsys.readouterr().err.splitlines()]
    assert {line for line in lines if line != "[1/2] r1 still running after 0 s"} == set()
