"""Who waits for whom, how far a statement is, and an observer that has no database to look at."""

from __future__ import annotations

import threading
import time

import pytest

from migrator.database.light import LightConnection
from migrator.database.sessions.progress import Progress, read_mariadb, read_postgresql
from migrator.database.sessions.waiting import Queue, WaitingSession, behind, is_deadlocked, victims
from migrator.events import Event, StatementRunning
from migrator.execution.observed_statement import Watched
from migrator.execution.observing import Observer


def queue(drawing: str, background: tuple[int, ...] = ()) -> Queue:
    """``2>1 3>1,2``: 2 waits for 1, and 3 for both."""
    found = {}
    for each in drawing.split():
        waiting, _, blockers = each.partition(">")
        number = int(waiting)
        found[number] = WaitingSession(number, tuple(map(int, blockers.split(","))), number not in background, None)
    return found


@pytest.mark.parametrize(
    ("drawing", "expected"),
    [
        ("", set()),
        ("1>9", set()),
        ("1>9 2>1 3>1", {2, 3}),
        ("1>9 2>9,1 3>9,1,2", {2, 3}),
        ("1>9 2>1 3>2 4>3", {2, 3, 4}),
        ("1>9 2>9 3>2", set()),
        ("1>2 2>1 3>2", {2, 3}),
    ],
)
def test_who_stands_behind_a_session(drawing: str, expected: set[int]) -> None:
    assert behind(1, queue(drawing)) == expected


@pytest.mark.parametrize(
    ("drawing", "expected"),
    [
        ("", False),
        ("1>9", False),
        ("1>9 2>1 3>2", False),
        ("2>3 3>2 1>2", False),
        ("1>2 2>1", True),
        ("1>9,2 2>3 3>1", True),
    ],
)
def test_a_session_that_waits_for_one_behind_it_is_in_a_deadlock(drawing: str, *, expected: bool) -> None:
    assert is_deadlocked(1, queue(drawing)) is expected


def test_background_processes_are_no_victims_but_those_behind_them_are() -> None:
    assert victims(1, queue("1>9 2>1 3>2 4>1", background=(2,))) == 2


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("index", "building index: scanning table", 50, 200, 0, 0, 3, 3),
         Progress("building index: scanning table", 0.25)),
        (("index", "building index: loading tuples in tree", 200, 200, 10, 40, 3, 3),
         Progress("building index: loading tuples in tree", 0.25)),
        (("index", "waiting for old snapshots", 200, 200, 40, 40, 1, 2), Progress("waiting for old snapshots", 0.5)),
        (("index", "building index: sorting live tuples", 9, 9, 0, 0, 0, 0),
         Progress("building index: sorting live tuples", None)),
        (("index", "initializing", 0, 0, 0, 0, 0, 0), Progress("initializing", None)),
        (("vacuum", "scanning heap", 3, 4, 0, 4, None, None), Progress("scanning heap", 0.75)),
        (("vacuum", "vacuuming heap", 4, 4, 1, 4, None, None), Progress("vacuuming heap", 0.25)),
        (("rewrite", "seq scanning heap", 1, 2, None, None, None, None), Progress("seq scanning heap", 0.5)),
        (("analyze", "acquiring sample rows", 1, 2, None, None, None, None), Progress("acquiring sample rows", 0.5)),
        (("copy", "copying", 70, 0, None, None, None, None), Progress("copying", None)),
        (("copy", "copying", 70, 60, None, None, None, None), Progress("copying", 1.0)),
    ],
)  # fmt: skip
def test_a_phase_is_measured_by_its_own_numbers(row: tuple[object, ...], expected: Progress) -> None:
    assert read_postgresql(row) == expected


def test_stages_of_mariadb() -> None:
    assert read_mariadb("copy to tmp table", 25.0, 1, 2) == Progress("copy to tmp table (stage 1 of 2)", 0.25)
    assert read_mariadb("Waiting for table metadata lock", 0.0, 0, 0) == Progress("Waiting for table metadata lock")
    assert read_mariadb("", 0.0, 0, 0) is None


@pytest.mark.parametrize(("patience", "seconds"), [(None, 0.1), (0.0, 0.1), (2.0, 0.1), (0.15, 0.05)])
def test_the_first_look_comes_before_the_patience_ends(patience: float | None, seconds: float) -> None:
    watched = Watched(1, "SELECT 1", patience)
    assert watched.first_look - watched.began == pytest.approx(seconds)


def test_without_a_connection_only_the_time_is_told() -> None:
    events: list[Event] = []
    told = threading.Event()

    def listen(event: Event) -> None:
        events.append(event)
        told.set()

    with Observer(None, listen=listen, victim_budget=6.0) as observer:
        observer.step("a1")
        observer.statement(None, "UPDATE t SET name = 'secret'")
        assert told.wait(20)
        observer.done()
    [event] = [each for each in events if isinstance(each, StatementRunning)][:1]
    assert (event.revision, event.phase, event.share) == ("a1", None, None)
    assert event.seconds >= 1
    assert "secret" not in event.statement
    assert observer.blockers == ()
    assert observer.cancelled_for is None


def test_short_statements_open_no_connection() -> None:
    opened = threading.Event()

    def open_it() -> LightConnection:
        opened.set()
        raise AssertionError

    with Observer(open_it, listen=lambda _event: None, victim_budget=6.0, note=lambda _connection, _step: None) as seen:
        ends = time.monotonic() + 0.5
        while time.monotonic() < ends:
            seen.step("a1")
            seen.statement(1, "SELECT 1")
            time.sleep(0.005)
            seen.done()
    assert not opened.is_set()


def test_whatever_fails_in_the_thread_stays_there() -> None:
    asked, told = threading.Event(), threading.Event()

    def open_it() -> LightConnection:
        asked.set()
        raise ValueError("no such thing")

    def listen(_event: Event) -> None:
        told.set()
        raise ValueError("nobody wants to know")

    with Observer(open_it, listen=listen, victim_budget=6.0) as observer:
        observer.step("a1")
        observer.statement(1, "SELECT 1")
        assert asked.wait(20)
        assert told.wait(20)
        told.clear()
        assert told.wait(20)
        observer.done()
    assert observer.blockers == ()


def test_it_ends_with_the_run_that_is_interrupted() -> None:
    observer = Observer(None, listen=lambda _event: None, victim_budget=6.0)

    def run() -> None:
        with observer:
            observer.statement(None, "SELECT 1")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run()
    assert "migrator-observer" not in {thread.name for thread in threading.enumerate()}
