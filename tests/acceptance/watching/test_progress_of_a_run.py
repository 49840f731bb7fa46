"""What a run shows on a terminal, in a log and to a program."""

from __future__ import annotations

import json
from typing import Any

import pytest
from projects import EXECUTABLE, TinyProject, clean_environment
from screens import driven, on_terminal

from migrator.profiles.model import Profile

ATTEMPT = (
    'AttemptFailed(revision="r1", obstacle=Obstacle.LOCK_TIMEOUT, '
    'statement="ALTER TABLE orders ADD COLUMN placed_at timestamptz", '
    'blockers=(Blocker(session=4711, user="web", application="app", state="idle in transaction", '
    'transaction_seconds=12, query="UPDATE orders SET total = $1 WHERE id = $2 AND [x] = 1"),), '
    "attempt=1, pause=0.5, waited=2, limit=300)"
)
BEGUN = (
    'StepStarted(revision="r1", doc="an index on the very long name of a column of orders and of all their customers",'
    " number=1, steps=12, direction=Direction.UPGRADE)"
)
BUILD = (
    'StatementRunning(revision="r1", statement="CREATE INDEX CONCURRENTLY ix_orders_customer_id_placed_at_and_more '
    'ON orders (customer_id, placed_at)", seconds=63, phase="building index: scanning table", share=0.45)'
)


@pytest.fixture
def moving(project: TinyProject, local_database: Profile) -> TinyProject:
    """Two pending revisions."""
    project.use(local_database)
    project.revision("r1")
    project.revision("r2")
    return project


def joined(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


@pytest.mark.parametrize("columns", [80, 120])
def test_the_terminal_shows_bar_statement_and_what_happens_above_them(columns: int) -> None:
    with driven(columns) as screen:
        screen.show("RunStarted(direction=Direction.UPGRADE, steps=12)")
        screen.show(BEGUN)
        screen.show(ATTEMPT)
        screen.show(BUILD)
        lines = screen.until(lambda lines: bool(lines) and lines[-1].startswith("  63.0 s"))
        bar, statement = lines[-2:]
        assert "0/12" in bar
        assert "r1  an index on the very long" in bar
        assert bar.endswith("…")
        assert statement.startswith("  63.0 s  building index: scanning table, 45 %  CREATE INDEX CONCURRENTLY")
        assert statement.endswith("…")
        above = joined(lines[:-2])
        assert "r1, attempt 1 rolled back: it did not get a lock in time" in above
        assert "blocked by process 4711 (app, user web, idle in transaction for 12 s" in above
        assert "AND [x] = 1)" in above
        screen.show('StepFinished(revision="r1", number=1, steps=12, seconds=64)')
        lines = screen.until(lambda lines: "1/12" in lines[-1])
        assert "CREATE INDEX" not in joined(lines)
        screen.show(BUILD)  # from a thread, too late
        screen.show('StepFailed(revision="r2", number=2, steps=12, reason="no")')
        lines = screen.finish()
        assert "r2 failed" in lines[-1]
        assert "CREATE INDEX" not in joined(lines)


def test_a_terminal_without_colour_gets_none() -> None:
    with driven(80, NO_COLOR="1") as screen:
        screen.show("RunStarted(direction=Direction.UPGRADE, steps=1)")
        screen.show('StepStarted(revision="r1", doc="", number=1, steps=1, direction=Direction.UPGRADE)')
        screen.finish()
        assert b"\x1b[3" not in screen.raw


def test_a_terminal_that_cannot_move_its_cursor_gets_lines() -> None:
    with driven(80, TERM="dumb") as screen:
        screen.show("RunStarted(direction=Direction.UPGRADE, steps=1)")
        screen.show('StepStarted(revision="r1", doc="x", number=1, steps=1, direction=Direction.UPGRADE)')
        screen.show('StepFinished(revision="r1", number=1, steps=1, seconds=0.5)')
        assert screen.finish() == ["[1/1] upgrade r1  x  500 ms"]


@pytest.mark.parametrize("columns", [80, 120])
def test_a_real_run_fits_the_terminal(columns: int, moving: TinyProject) -> None:
    env = {**clean_environment(moving.home), "TERM": "xterm-256color"}
    del env["COLUMNS"]
    with on_terminal([str(EXECUTABLE), "upgrade"], columns=columns, env=env, cwd=moving.root) as screen:
        lines = screen.finish()
        assert screen.process.returncode == 0
    (bar,) = [line for line in lines if "2/2" in line]
    assert bar.startswith("━━━")


def test_a_long_statement_is_shown_while_it_runs(moving: TinyProject) -> None:
    moving.revision("r3", 'op.execute("SELECT pg_sleep(5)")', "pass")
    env = {**clean_environment(moving.home), "TERM": "xterm-256color"}
    del env["COLUMNS"]
    with on_terminal([str(EXECUTABLE), "upgrade"], columns=80, env=env, cwd=moving.root) as screen:
        lines = screen.until(lambda lines: "SELECT pg_sleep" in joined(lines))
        assert "2/3" in lines[-2]
        assert "r3  create r3" in lines[-2]
        lines = screen.finish()
        assert screen.process.returncode == 0
    assert "3/3" in lines[-1]
    assert "pg_sleep" not in joined(lines)


def test_a_log_gets_a_line_for_each_step(moving: TinyProject) -> None:
    done = moving.run("upgrade")
    steps = [line for line in done.stderr.splitlines() if line.startswith("[")]
    assert [line.rpartition("  ")[0] for line in steps] == [
        "[1/2] upgrade r1  create r1",
        "[2/2] upgrade r2  create r2",
    ]


def told(stderr: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stderr.splitlines()]


def test_a_program_gets_a_json_object_a_line_and_one_document(moving: TinyProject) -> None:
    done = moving.run("upgrade", "--format", "json")
    assert done.json["schema"] == "migrator/run/1"
    events = told(done.stderr)
    assert {each["schema"] for each in events} == {"migrator/event/1"}
    moved = [each["event"] for each in events if each["event"].startswith(("run_", "step_"))]
    assert moved == ["run_started", "step_started", "step_finished", "step_started", "step_finished", "run_finished"]
    (first, _) = [each for each in events if each["event"] == "step_finished"]
    assert (first["revision"], first["number"], first["steps"]) == ("r1", 1, 2)
    assert first["time"].endswith("Z")


def test_a_failure_is_the_last_line(moving: TinyProject) -> None:
    moving.revision("r3", 'op.execute("SELECT * FROM nowhere")', "pass")
    done = moving.run("upgrade", "--format", "json")
    *events, error = told(done.stderr)
    assert events[-1]["event"] == "step_failed"
    assert (error["schema"], error["exit_code"]) == ("migrator/error/1", 8)
    assert done.stdout == ""


def test_quiet_silences_both(moving: TinyProject) -> None:
    assert moving.run("upgrade", "r1", "--quiet").stderr == ""
    assert moving.run("upgrade", "--quiet", "--format", "json").stderr == ""
