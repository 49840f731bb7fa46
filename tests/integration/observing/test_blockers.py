"""Who is in the way of a waiting statement, and who of them is ended."""

from __future__ import annotations

import psycopg
import pytest
from playing import Stage, eventually, observed, waits

from migrator.database.connecting import connect
from migrator.database.sessions.postgresql import BlockingSession, blocking_sessions, end_session
from migrator.events import Blocker, BlockerEnded, StatementRunning
from migrator.profiles.model import Profile

ALTER = "ALTER TABLE t ADD COLUMN c text DEFAULT 'secret'"


def test_who_is_in_the_way_is_known_when_the_lock_timeout_strikes(stage: Stage) -> None:
    blocker = stage.reader_in_transaction("shop")
    ours = stage.session("migrator")
    ours.execute("SET lock_timeout = '200ms'")
    with stage.observer() as observer:
        observed(observer, ours, "SELECT pg_sleep(0.4)")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            observed(observer, ours, ALTER, patience=0.2)
        [found] = observer.blockers
        observed(observer, ours, "SELECT 1")
        assert observer.blockers == ()
    assert (found.session, found.application, found.state) == (blocker.info.backend_pid, "shop", "idle in transaction")
    assert found.user == stage.profile.user
    assert found.transaction_seconds is not None
    assert 0 <= found.transaction_seconds < 60
    assert found.query is not None
    assert found.query.startswith("SELECT count(*) FROM t WHERE id")
    assert "4711" not in found.query


def test_the_oldest_transaction_comes_first_and_those_before_in_the_queue_are_named(stage: Stage) -> None:
    oldest, younger = stage.reader_in_transaction("oldest"), stage.reader_in_transaction("younger")
    first = stage.session("first")
    waiting = stage.later(first.execute, "ALTER TABLE t ADD COLUMN d integer")
    eventually(lambda: waits(stage.profile, first.info.backend_pid))
    ours = stage.session("migrator")
    ours.execute("SET lock_timeout = '1s'")
    with stage.observer() as observer, pytest.raises(psycopg.errors.LockNotAvailable):
        observed(observer, ours, ALTER, patience=1.0)
    assert [each.application for each in observer.blockers] == ["oldest", "younger", "first"]
    oldest.execute("COMMIT")
    younger.execute("COMMIT")
    waiting.result(timeout=20)


def test_what_a_long_wait_is_for_is_told_each_second(stage: Stage) -> None:
    blocker = stage.reader_in_transaction("shop")
    ours = stage.session("migrator")
    ours.execute("SET lock_timeout = '20s'")
    with stage.observer() as observer:
        done = stage.later(observed, observer, ours, ALTER)
        eventually(lambda: len(stage.told(StatementRunning)) >= 2)
        blocker.execute("COMMIT")
        done.result(timeout=20)
    told = stage.told(StatementRunning)
    assert {each.revision for each in told} == {"a1"}
    assert 1 <= told[0].seconds < told[1].seconds
    assert "secret" not in told[0].statement
    named = f"waiting for a lock held by process {blocker.info.backend_pid} (shop, user "
    assert (told[0].phase or "").startswith(named)


def test_a_prepared_transaction_is_named_as_what_it_is(local_stage: Stage) -> None:
    """The server calls it session 0."""
    with connect(local_stage.profile) as reader:
        [found] = blocking_sessions(reader, (0,))
    assert str(found.shown) == "process 0 (prepared transaction, see pg_prepared_xacts)"
    assert not found.is_client


def test_a_blocker_that_is_old_enough_is_ended_once_and_told(stage: Stage) -> None:
    blocker = stage.reader_in_transaction("shop")
    ours = stage.session("migrator")
    ours.execute("SET lock_timeout = '20s'")
    with stage.observer(kill_after=0.3) as observer:
        observed(observer, ours, ALTER)
    [event] = stage.told(BlockerEnded)
    assert (event.blocker.session, event.blocker.application) == (blocker.info.backend_pid, "shop")
    with pytest.raises(psycopg.OperationalError):
        blocker.execute("COMMIT")


def test_a_young_blocker_is_left_alone(stage: Stage) -> None:
    blocker = stage.reader_in_transaction("shop")
    ours = stage.session("migrator")
    ours.execute("SET lock_timeout = '1s'")
    with stage.observer(kill_after=600) as observer, pytest.raises(psycopg.errors.LockNotAvailable):
        observed(observer, ours, ALTER)
    assert stage.told(BlockerEnded) == []
    blocker.execute("COMMIT")


def test_who_waits_itself_is_left_to_go_on_when_the_one_before_it_has_ended(stage: Stage) -> None:
    stage.reader_in_transaction("shop")
    first = stage.session("first")
    waiting = stage.later(first.execute, "ALTER TABLE t ADD COLUMN d integer")
    eventually(lambda: waits(stage.profile, first.info.backend_pid))
    ours = stage.session("migrator")
    ours.execute("SET lock_timeout = '20s'")
    with stage.observer(kill_after=0.3) as observer:
        observed(observer, ours, ALTER)
    assert [each.blocker.application for each in stage.told(BlockerEnded)] == ["shop"]
    waiting.result(timeout=20)


def test_another_migration_is_never_ended(stage: Stage) -> None:
    """Its run has the name that its lock's session begins with; this run's other connections are named as it is."""
    stage.session("ship lock pod-1:7").execute("SELECT pg_advisory_lock(1)")
    other_run, own = stage.reader_in_transaction("ship"), stage.reader_in_transaction("migrator")
    ours = stage.session("migrator")
    ours.execute("SET lock_timeout = '2s'")
    with stage.observer(kill_after=0.2) as observer, pytest.raises(psycopg.errors.LockNotAvailable):
        observed(observer, ours, ALTER)
    assert stage.told(BlockerEnded) == []
    assert len(observer.blockers) == 2
    other_run.execute("COMMIT")
    own.execute("COMMIT")


def test_background_processes_are_never_ended(local_database: Profile) -> None:
    with connect(local_database) as reader:
        rows = reader.fetch("SELECT pid FROM pg_stat_activity WHERE backend_type <> 'client backend'")
        found = blocking_sessions(reader, [row[0] for row in rows])
        assert len(found) > 1
        for each in found:
            assert not each.is_client
            assert not end_session(reader, each, own=0)
            forged = BlockingSession(Blocker(session=each.shown.session), is_client=True, mark="2026-01-01")
            assert not end_session(reader, forged, own=0)


def test_a_session_that_has_begun_another_transaction_is_not_ended_for_the_last_one(local_stage: Stage) -> None:
    blocker = local_stage.reader_in_transaction()
    number = blocker.info.backend_pid
    with connect(local_stage.profile) as reader:
        [seen] = blocking_sessions(reader, (number,))
        blocker.execute("COMMIT")
        blocker.execute("BEGIN")
        blocker.execute("SELECT 1")
        assert not end_session(reader, seen, own=0)
        [seen] = blocking_sessions(reader, (number,))
        assert end_session(reader, seen, own=0)
