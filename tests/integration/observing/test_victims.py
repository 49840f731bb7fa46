"""Those who queue behind a waiting statement: counted, and protected, and nothing else is cancelled for them."""

from __future__ import annotations

import time
from concurrent.futures import wait

import psycopg
import pytest
from playing import Stage, eventually, observed, seconds_of, waits

from migrator.database.connecting import connect
from migrator.database.sessions.postgresql import cancel_waiting, waiting_sessions
from migrator.database.sessions.waiting import victims
from migrator.events import Obstacle
from migrator.execution.observing import Observer

ALTER = "ALTER TABLE t ADD COLUMN c integer"
READ = "SELECT count(*) FROM t"


def test_five_sessions_are_freed_when_the_budget_is_spent(stage: Stage) -> None:
    stage.reader_in_transaction()
    ours, others = stage.session("migrator"), [stage.session() for _ in range(5)]
    with stage.observer(victim_budget=1.0) as observer:
        statement = stage.later(observed, observer, ours, ALTER)
        eventually(lambda: waits(stage.profile, ours.info.backend_pid))
        waited = [each.result(timeout=20) for each in [stage.later(seconds_of, one.execute, READ) for one in others]]
        with pytest.raises(psycopg.errors.QueryCanceled):
            statement.result(timeout=20)
        assert observer.cancelled_for is Obstacle.VICTIMS
        assert len(observer.blockers) == 1
        observed(observer, ours, "SELECT 1")
        assert observer.cancelled_for is None
    assert 0.5 < sum(waited) < 5


def test_without_a_budget_nothing_is_cancelled(local_stage: Stage) -> None:
    stage = local_stage
    stage.reader_in_transaction()
    ours, other = stage.session("migrator"), stage.session()
    ours.execute("SET lock_timeout = '1s'")
    with stage.observer(victim_budget=0.0) as observer:
        statement = stage.later(observed, observer, ours, ALTER)
        eventually(lambda: waits(stage.profile, ours.info.backend_pid))
        stage.later(other.execute, READ).result(timeout=20)
        with pytest.raises(psycopg.errors.LockNotAvailable):
            statement.result(timeout=20)
    assert observer.cancelled_for is None


def test_a_statement_that_works_with_its_lock_in_hand_is_not_cancelled(stage: Stage) -> None:
    ours, others = stage.session("migrator"), [stage.session() for _ in range(3)]
    ours.execute("BEGIN")
    ours.execute("LOCK TABLE t IN ACCESS EXCLUSIVE MODE")
    with stage.observer(victim_budget=0.2) as observer:
        statement = stage.later(observed, observer, ours, "SELECT pg_sleep(2)")
        reading = [stage.later(seconds_of, each.execute, READ) for each in others]
        statement.result(timeout=20)
        assert observer.cancelled_for is None
    ours.execute("COMMIT")
    assert min(each.result(timeout=20) for each in reading) > 0.2


def test_a_concurrent_build_is_not_cancelled_for_anybody(stage: Stage) -> None:
    """It would leave an invalid index, and those who read and write the table don't wait for it."""
    blocker = stage.session("shop")
    blocker.execute("BEGIN")
    blocker.execute("INSERT INTO t VALUES (1)")
    ours, other = stage.session("migrator"), stage.session()
    with stage.observer(victim_budget=0.2) as observer:
        statement = stage.later(observed, observer, ours, "CREATE INDEX CONCURRENTLY ix ON t (id)")
        eventually(lambda: waits(stage.profile, ours.info.backend_pid))
        victim = stage.later(seconds_of, other.execute, "ANALYZE t")
        eventually(lambda: waits(stage.profile, other.info.backend_pid))
        done, _ = wait([victim, statement], timeout=1)
        assert not done
        assert [each.application for each in observer.blockers] == ["shop"]
        # Left alone, the two would be a deadlock: the build waits for whoever waits to change the table, too.
        blocker.execute("SELECT pg_cancel_backend(%s)", [other.info.backend_pid])
        with pytest.raises(psycopg.errors.QueryCanceled):
            victim.result(timeout=20)
        blocker.execute("COMMIT")
        statement.result(timeout=20)
        assert observer.cancelled_for is None


def test_those_who_wait_through_others_count(local_stage: Stage) -> None:
    stage = local_stage
    stage.session().execute("CREATE TABLE orders (id integer)")
    stage.reader_in_transaction()
    ours, between, last = stage.session("migrator"), stage.session(), stage.session()
    waiting = [stage.later(ours.execute, ALTER)]
    eventually(lambda: waits(stage.profile, ours.info.backend_pid))
    between.execute("BEGIN")
    between.execute("LOCK TABLE orders IN EXCLUSIVE MODE")
    waiting.append(stage.later(between.execute, READ))
    eventually(lambda: waits(stage.profile, between.info.backend_pid))
    waiting.append(stage.later(last.execute, "INSERT INTO orders VALUES (1)"))
    eventually(lambda: waits(stage.profile, last.info.backend_pid))
    with connect(stage.profile) as reader:
        queue = waiting_sessions(reader)
        assert victims(ours.info.backend_pid, queue) == 2
        assert victims(between.info.backend_pid, queue) == 1
        assert cancel_waiting(reader, queue[ours.info.backend_pid])
    with pytest.raises(psycopg.errors.QueryCanceled):
        waiting[0].result(timeout=20)
    between.execute("COMMIT")
    waiting[2].result(timeout=20)


def test_only_the_statement_that_was_seen_is_cancelled(stage: Stage) -> None:
    stage.reader_in_transaction()
    ours = stage.session("migrator")
    number = ours.info.backend_pid
    ours.execute("SET lock_timeout = '20s'")
    with connect(stage.profile) as reader:
        first = stage.later(ours.execute, ALTER)
        eventually(lambda: waits(stage.profile, number))
        seen = waiting_sessions(reader)[number]
        assert cancel_waiting(reader, seen)
        with pytest.raises(psycopg.errors.QueryCanceled):
            first.result(timeout=20)
        assert not cancel_waiting(reader, seen)
        second = stage.later(ours.execute, ALTER)
        eventually(lambda: waits(stage.profile, number))
        assert not cancel_waiting(reader, seen)
        assert not second.done()
        assert cancel_waiting(reader, waiting_sessions(reader)[number])
        with pytest.raises(psycopg.errors.QueryCanceled):
            second.result(timeout=20)


def test_a_lost_connection_is_opened_again_and_does_no_harm(stage: Stage) -> None:
    stage.reader_in_transaction("shop")
    ours, other = stage.session("migrator"), stage.session()
    killer = stage.session()
    ends = (
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE application_name = 'observer' AND datname = current_database()"
    )

    def one_is_ended() -> bool:
        return killer.execute(ends).fetchone() != (0,)

    with stage.observer(victim_budget=2.0) as observer:
        statement = stage.later(observed, observer, ours, ALTER)
        eventually(one_is_ended)
        eventually(one_is_ended)
        assert not statement.done()
        stage.later(other.execute, READ).result(timeout=20)
        with pytest.raises(psycopg.errors.QueryCanceled):
            statement.result(timeout=20)
        assert observer.cancelled_for is Obstacle.VICTIMS


def test_with_no_connection_left_the_statement_goes_on(local_stage: Stage) -> None:
    blocker = local_stage.reader_in_transaction()
    ours = local_stage.session("migrator")

    def open_it() -> None:
        raise ConnectionRefusedError

    with local_stage.observer(open_it=open_it, victim_budget=0.1) as observer:  # type: ignore[arg-type]
        statement = local_stage.later(observed, observer, ours, ALTER)
        eventually(lambda: waits(local_stage.profile, ours.info.backend_pid))
        time.sleep(0.5)
        blocker.execute("COMMIT")
        statement.result(timeout=20)
    assert observer.blockers == ()


def test_a_server_that_does_not_answer_does_not_hold_up_the_end(local_stage: Stage) -> None:
    ours = local_stage.session("migrator")
    observer = Observer(local_stage.open_it(), listen=local_stage.events.append, victim_budget=1.0, note=_never_ends)
    with observer:
        observer.step("a1")
        observed(observer, ours, "SELECT pg_sleep(0.6)")
        began = time.monotonic()
    assert time.monotonic() - began < 4


def _never_ends(connection: object, revision: str) -> None:
    time.sleep(5)
