"""What the server says of a long statement, and the revision that those who wait for the lock are told of."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from playing import Stage, eventually, observed, waits
from sqlalchemy import URL
from sqlalchemy.schema import CreateTable

from migrator.database.connecting import connect
from migrator.database.ledger.place import RUN, LedgerPlace
from migrator.database.ledger.running import note_revision, read_running
from migrator.database.ledger.tables import table_of
from migrator.database.light import LightConnection
from migrator.events import Event, Obstacle, StatementRunning
from migrator.execution.observing import Observer
from migrator.profiles.model import Profile

SLOW = (
    "CREATE FUNCTION slow(integer) RETURNS integer LANGUAGE plpgsql IMMUTABLE "
    "AS 'BEGIN PERFORM pg_sleep(0.002); RETURN $1; END'"
)


def test_an_index_build_tells_its_phase_and_share(stage: Stage) -> None:
    ours = stage.session("migrator")
    ours.execute(SLOW)
    ours.execute("INSERT INTO t SELECT generate_series(1, 1200)")
    with stage.observer() as observer:
        observed(observer, ours, "CREATE INDEX ix ON t (slow(id))")
    told = stage.told(StatementRunning)
    assert told[0].phase == "building index: scanning table"
    shares = [each.share for each in told if each.phase == "building index: scanning table"]
    assert shares == sorted(shares, key=lambda share: share or 0)
    assert shares[-1] is not None
    assert 0 < shares[-1] <= 1


def test_a_concurrent_build_that_waits_says_for_whom(local_stage: Stage) -> None:
    stage = local_stage
    blocker = stage.session("shop")
    blocker.execute("BEGIN")
    blocker.execute("INSERT INTO t VALUES (1)")
    ours = stage.session("migrator")
    with stage.observer() as observer:
        statement = stage.later(observed, observer, ours, "CREATE INDEX CONCURRENTLY ix ON t (id)")
        eventually(lambda: bool(stage.told(StatementRunning)))
        blocker.execute("COMMIT")
        statement.result(timeout=20)
    named = f"waiting for writers before build: a lock held by process {blocker.info.backend_pid} (shop, "
    assert (stage.told(StatementRunning)[0].phase or "").startswith(named)


def test_a_vacuum_and_a_rewrite_tell_theirs(local_stage: Stage) -> None:
    stage = local_stage
    ours = stage.session("migrator")
    ours.execute("INSERT INTO t SELECT generate_series(1, 100000)")
    ours.execute("DELETE FROM t WHERE id % 2 = 0")
    ours.execute("SET vacuum_cost_delay = '20ms'; SET vacuum_cost_limit = 10")
    with stage.observer() as observer:
        observed(observer, ours, "VACUUM t")
    assert {"scanning heap", "vacuuming heap"} & {each.phase for each in stage.told(StatementRunning)}


def test_a_statement_that_the_server_says_nothing_of_is_timed(local_stage: Stage) -> None:
    with local_stage.observer() as observer:
        observed(observer, local_stage.session(), "SELECT pg_sleep(2.5)")
    told = local_stage.told(StatementRunning)
    assert [each.phase for each in told] == [None] * len(told)
    assert 1 <= len(told) <= 2
    assert told[0].statement == "SELECT pg_sleep(...)"


def test_mariadb_tells_its_state_and_what_waits(mariadb_database: Profile) -> None:
    events: list[Event] = []
    with (
        connect(mariadb_database) as ours,
        connect(mariadb_database, autocommit=False) as blocker,
        Observer(
            lambda: connect(mariadb_database), listen=events.append, victim_budget=1.0, kill_after=0.1
        ) as observer,
    ):
        ours.execute("CREATE TABLE t (id integer)")
        blocker.fetch("SELECT * FROM t")
        session = int(ours.fetch("SELECT CONNECTION_ID()")[0][0])
        thread = threading.Thread(target=ours.execute, args=["ALTER TABLE t ADD COLUMN c integer"])
        observer.step("a1")
        observer.statement(session, "ALTER TABLE t ADD COLUMN c integer")
        thread.start()
        eventually(lambda: bool(events))
        blocker.rollback()
        thread.join(20)
        observer.done()
    told = [event for event in events if isinstance(event, StatementRunning)]
    assert told[0].phase == "Waiting for table metadata lock"
    assert observer.cancelled_for is None


def test_sqlite_is_timed(tmp_path: Path) -> None:
    events: list[Event] = []
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    with closing(sqlite3.connect(tmp_path / "a.sqlite3", check_same_thread=False)) as connection:

        def listen(event: Event) -> None:
            events.append(event)
            connection.interrupt()

        with Observer(None, listen=listen, victim_budget=1.0) as observer:
            observer.step("a1")
            observer.statement(None, endless)
            with pytest.raises(sqlite3.OperationalError, match="interrupted"):
                connection.execute(endless)
            observer.done()
    assert isinstance(events[0], StatementRunning)
    assert events[0].phase is None


def test_sqlite_is_left_alone_even_where_a_connection_is_offered(sqlite_database: Profile) -> None:
    """A second writer would be in the way of the run."""
    opened = threading.Event()
    noted: list[str] = []

    def open_it() -> LightConnection:
        connection = connect(sqlite_database)
        opened.set()
        return connection

    with Observer(
        open_it, listen=_nobody, victim_budget=1.0, note=lambda _connection, revision: noted.append(revision)
    ) as observer:
        observer.step("a1")
        assert opened.wait(20)
        opened.clear()
        observer.step("b2")
        assert not opened.wait(0.6)
    assert noted == []


def test_which_revision_a_run_is_on_is_written_down_once_it_takes_long(database: Profile) -> None:
    place = LedgerPlace(None, database.dialect)
    dialect = URL.create(f"{database.dialect}+{database.driver}").get_dialect()()
    with connect(database) as reader:
        reader.execute(str(CreateTable(table_of(None, database.dialect, RUN)).compile(dialect=dialect)).strip())
        for run, session, outcome in (("ended", 4711, "NULL"), ("mine", 4711, "NULL"), ("other", 12, "NULL")):
            reader.execute(
                f"INSERT INTO {place.table(RUN)} (run_id, scope, command, session_id, host, process_id, tool_version, "
                f"outcome) VALUES (?, 'alembic_version', 'upgrade', ?, 'pod-1', 7, '1.0', {outcome})",
                run,
                session,
            )
        reader.execute(f"UPDATE {place.table(RUN)} SET ended_at = CURRENT_TIMESTAMP WHERE run_id = 'ended'")
        found = read_running(reader, place, 4711)
        assert found is not None
        assert (found.revision, found.host) == (None, "pod-1")
        assert found.seconds is not None
        assert 0 <= found.seconds < 60
        note = note_revision("mine", place)
        if database.dialect == "sqlite":
            note(reader, "a1")
        else:
            with Observer(lambda: connect(database), listen=_nobody, victim_budget=0.0, note=note) as observer:
                observer.step("a1")
                eventually(lambda: getattr(read_running(reader, place, 4711), "revision", None) == "a1")
                observer.step(None)
        assert getattr(read_running(reader, place, 4711), "revision", None) == "a1"
        assert getattr(read_running(reader, place, 12), "revision", "") is None
        assert read_running(reader, place, 13) is None
        assert read_running(reader, place, None) is None


def test_a_run_of_an_earlier_session_with_the_same_number_is_not_shown(local_database: Profile) -> None:
    place = LedgerPlace(None, "postgresql")
    with connect(local_database) as reader:
        reader.execute(
            f"CREATE TABLE {place.table(RUN)} AS SELECT pg_backend_pid() AS session_id, 'pod-1' AS host, "
            "NULL::text AS revision, now() - interval '1 h' AS started_at, NULL::timestamptz AS ended_at"
        )
        assert read_running(reader, place, reader.session_id) is None
        reader.execute(f"UPDATE {place.table(RUN)} SET started_at = clock_timestamp()")
        assert read_running(reader, place, reader.session_id) is not None


def test_a_note_that_cannot_be_written_is_no_harm_and_ends_soon(local_stage: Stage) -> None:
    """The run itself may have its row locked: the observer gives up after a second."""
    stage, place = local_stage, LedgerPlace(None, "postgresql")
    locker = stage.session()
    locker.execute(f"CREATE TABLE {place.table(RUN)} (run_id text, revision text, revision_at timestamptz)")
    locker.execute("BEGIN")
    locker.execute(f"LOCK TABLE {place.table(RUN)}")
    gave_up = threading.Event()
    note = note_revision("mine", place)

    def noting(connection: object, revision: str) -> None:
        try:
            note(connection, revision)  # type: ignore[arg-type]
        finally:
            gave_up.set()

    with Observer(stage.open_it(), listen=_nobody, victim_budget=0.0, note=noting) as observer:
        observer.step("a1")
        assert gave_up.wait(10)
        observed(observer, stage.session(), "SELECT pg_sleep(0.2)")


def test_without_the_right_to_see_others_they_are_counted_and_named_as_far_as_shown(local_stage: Stage) -> None:
    stage = local_stage
    name = f"{stage.profile.database}_role"
    administrator = stage.session()
    administrator.execute(f"CREATE ROLE {name} LOGIN")
    try:
        administrator.execute(f"ALTER TABLE t OWNER TO {name}; GRANT ALL ON SCHEMA public TO {name}")
        stage.reader_in_transaction("shop")
        ours = stage.session("migrator", user=name)
        victim = stage.session()
        open_it = Stage(_as_user(stage.profile, name)).open_it()
        with stage.observer(open_it=open_it, victim_budget=0.5) as observer:
            statement = stage.later(observed, observer, ours, "ALTER TABLE t ADD COLUMN c integer")
            eventually(lambda: waits(stage.profile, ours.info.backend_pid))
            stage.later(victim.execute, "SELECT * FROM t").result(timeout=20)
            with pytest.raises(psycopg.errors.QueryCanceled):
                statement.result(timeout=20)
            assert observer.cancelled_for is Obstacle.VICTIMS
        [found] = observer.blockers
        assert (found.application, found.user, found.query) == ("shop", stage.profile.user, None)
    finally:
        administrator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        administrator.execute(f"DROP OWNED BY {name} CASCADE")
        administrator.execute(f"DROP ROLE {name}")


def _as_user(profile: Profile, user: str) -> Profile:
    return replace(profile, user=user)


def _nobody(_event: Event) -> None:
    """Hears nothing."""
