"""Whether a statement took effect, asked of real servers before and after it was really run."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from statement_cases import MARIADB, PARTITIONED, POSTGRESQL, POSTGRESQL_ONCE

from migrator.database.connecting import DatabaseError, connect
from migrator.database.light import LightConnection
from migrator.database.probes import (
    index_builder,
    invalid_index,
    invalid_indexes,
    reindex_leftovers,
    took_effect,
    unfinished_detach,
)
from migrator.database.statements import Statement, read_statement
from migrator.profiles.model import Profile


def _answers(connection: LightConnection, prepared: str, sql: str) -> tuple[bool | None, bool | None]:
    """What is said before a statement is run, and after."""
    for each in prepared.split("; ") if prepared else []:
        connection.execute(each)
    statement = read_statement(sql, connection.dialect)
    before = took_effect(connection, statement)
    connection.execute(sql)
    return before, took_effect(connection, statement)


def test_each_statement_of_postgresql_is_seen_not_done_and_done(postgres_database: Profile) -> None:
    answers = {}
    with connect(postgres_database) as connection:
        for number, (prepared, sql) in enumerate(POSTGRESQL):
            connection.execute(f"CREATE SCHEMA case_{number}")
            connection.execute(f"SET search_path TO case_{number}, public")
            answers[sql, prepared] = _answers(connection, prepared, sql)
        for prepared, sql in POSTGRESQL_ONCE:
            answers[sql, prepared] = _answers(connection, prepared, sql)
    assert {sql: answer for sql, answer in answers.items() if answer != (False, True)} == {}


def test_each_statement_of_mariadb_is_seen_not_done_and_done(mariadb_database: Profile) -> None:
    answers = {}
    with connect(mariadb_database) as connection:
        own = mariadb_database.database
        for prepared, sql in MARIADB:
            answers[sql, prepared] = _answers(connection, prepared, sql)
            connection.execute(f"DROP DATABASE `{own}`")
            connection.execute(f"CREATE DATABASE `{own}`")
            connection.execute(f"USE `{own}`")
    assert {sql: answer for sql, answer in answers.items() if answer != (False, True)} == {}


@pytest.mark.parametrize(
    ("prepared", "sql"),
    [
        ("CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)"),
        ("CREATE TABLE t (id int)", "TRUNCATE t"),
        ("CREATE TABLE t (id int)", "ALTER TABLE t ALTER COLUMN id TYPE bigint"),
        ("", "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'"),
        ("CREATE TABLE t (id int)", "CREATE INDEX ON t (id)"),
        ("CREATE TABLE t (id int)", "ALTER TABLE t ADD CHECK (id > 0)"),
        ("", "DO $$ BEGIN CREATE TABLE t (id int); END $$"),
        ("CREATE VIEW v AS SELECT 1 AS a", "CREATE OR REPLACE VIEW v AS SELECT 2 AS a"),
        ("CREATE TABLE t (id int CONSTRAINT c CHECK (id > 0))",
         "ALTER TABLE t DROP CONSTRAINT c, ADD CONSTRAINT c CHECK (id > 1)"),
        ("CREATE TABLE public.behind (id int); CREATE TABLE behind (id int)", "ALTER TABLE nowhere ADD a int"),
    ],
)  # fmt: skip
def test_what_leaves_no_mark_of_its_own_can_not_be_told(local_database: Profile, prepared: str, sql: str) -> None:
    with connect(local_database) as connection:
        connection.execute("CREATE SCHEMA own")
        connection.execute("SET search_path TO own, public")
        if "nowhere" not in sql:
            assert _answers(connection, prepared, sql)[1] is None
        assert took_effect(connection, read_statement(sql, "postgresql")) is None


def test_a_table_of_the_same_name_behind_a_dropped_one_leaves_it_open(local_database: Profile) -> None:
    with connect(local_database) as connection:
        connection.execute("CREATE SCHEMA own")
        connection.execute("SET search_path TO own, public")
        prepared = "CREATE TABLE public.t (id int); CREATE TABLE t (id int)"
        assert _answers(connection, prepared, "DROP TABLE t") == (False, None)


def test_a_temporary_table_is_gone_with_its_session(local_database: Profile, mariadb_database: Profile) -> None:
    for profile in (local_database, mariadb_database):
        sql = "CREATE TEMPORARY TABLE t (id int)"
        with connect(profile) as gone:
            gone.execute(sql)
        with connect(profile) as connection:
            connection.execute("CREATE TABLE t (id int)")
            assert took_effect(connection, read_statement(sql, profile.dialect)) is False


def test_a_drop_of_several_tables_that_was_cut_can_not_be_told(mariadb_database: Profile) -> None:
    with connect(mariadb_database) as connection:
        connection.execute("CREATE TABLE u (id int)")
        assert took_effect(connection, read_statement("DROP TABLE t, u", "mysql")) is None


def _of(connection: LightConnection, sql: str) -> Statement:
    return read_statement(sql, connection.dialect)


def _fails(connection: LightConnection, sql: str) -> str | None:
    with pytest.raises(DatabaseError) as failure:
        connection.execute(sql)
    return failure.value.sqlstate


def test_an_invalid_index_is_named_and_can_be_dropped_and_built_again(postgres_database: Profile) -> None:
    with connect(postgres_database) as connection:
        connection.execute('CREATE SCHEMA "S x"')
        connection.execute('CREATE TABLE "S x".t (id int)')
        connection.execute('INSERT INTO "S x".t VALUES (1), (1)')
        build = 'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "I" ON "S x".t (id)'
        statement = _of(connection, build)
        assert invalid_index(connection, statement) is None
        assert _fails(connection, build) == "23505"
        assert took_effect(connection, statement) is False
        assert invalid_index(connection, statement) == '"S x"."I"'
        assert invalid_indexes(connection) == ('"S x"."I"',)
        # The trap: it says nothing and leaves the index invalid.
        connection.execute(build)
        assert took_effect(connection, statement) is False
        connection.execute(f"DROP INDEX CONCURRENTLY {invalid_index(connection, statement)}")
        connection.execute('DELETE FROM "S x".t')
        connection.execute(build)
        assert took_effect(connection, statement) is True
        assert (invalid_index(connection, statement), invalid_indexes(connection)) == (None, ())


def test_an_index_of_a_partitioned_table_that_waits_for_its_parts_is_not_called_invalid(
    local_database: Profile,
) -> None:
    with connect(local_database) as connection:
        for sql in PARTITIONED.split("; "):
            connection.execute(sql)
        connection.execute("CREATE INDEX i ON ONLY p (id)")
        assert invalid_indexes(connection) == ()


@contextmanager
def _waiting(profile: Profile, sql: str, blocked_by: str) -> Iterator[tuple[LightConnection, LightConnection]]:
    """A session that reads while another runs a statement that waits for a third one's transaction."""
    with connect(profile) as holder, connect(profile) as worker, connect(profile) as reader:
        holder.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        holder.fetch(blocked_by)
        pid = worker.fetch("SELECT pg_backend_pid()")[0][0]
        ended = threading.Event()

        def work() -> None:
            try:
                worker.execute(sql)
            except DatabaseError:
                pass
            finally:
                ended.set()

        thread = threading.Thread(target=work)
        thread.start()
        try:
            while not ended.wait(0.01) and not reader.fetch(
                "SELECT 1 FROM pg_stat_activity WHERE pid = ? AND wait_event_type = 'Lock' "
                "AND wait_event = 'virtualxid'",
                pid,
            ):
                pass
            assert not ended.is_set()
            yield reader, holder
        finally:
            reader.fetch("SELECT pg_cancel_backend(?)", pid)
            thread.join(30)


def test_an_index_that_is_being_built_belongs_to_its_builder(postgres_database: Profile) -> None:
    build = "CREATE INDEX CONCURRENTLY i ON t (id)"
    with connect(postgres_database) as connection:
        connection.execute("CREATE TABLE t (id int)")
    with _waiting(postgres_database, build, "SELECT count(*) FROM t") as (reader, _):
        statement = _of(reader, build)
        assert took_effect(reader, statement) is None
        assert (invalid_index(reader, statement), invalid_indexes(reader)) == (None, ())
        builder = index_builder(reader, statement)
        assert reader.fetch("SELECT query FROM pg_stat_activity WHERE pid = ?", builder) == [(build,)]
    with connect(postgres_database) as connection:
        assert took_effect(connection, statement) is False
        assert index_builder(connection, statement) is None
        assert invalid_index(connection, statement) == '"public"."i"'


def test_a_builder_is_known_to_a_role_that_may_not_see_its_progress(local_database: Profile) -> None:
    build = "CREATE INDEX CONCURRENTLY i ON t (id)"
    with connect(local_database) as connection:
        connection.execute("CREATE TABLE t (id int)")
        connection.execute(f"CREATE ROLE {local_database.database}_other")
    try:
        with _waiting(local_database, build, "SELECT count(*) FROM t") as (reader, _):
            reader.execute(f"SET ROLE {local_database.database}_other")
            assert reader.fetch("SELECT relid FROM pg_stat_progress_create_index") == [(None,)]
            assert index_builder(reader, _of(reader, build)) is not None
            assert invalid_indexes(reader) == ()
            reader.execute("RESET ROLE")
    finally:
        with connect(local_database) as connection:
            connection.execute(f"DROP ROLE {local_database.database}_other")


def test_a_concurrent_drop_that_was_cut_leaves_an_index_to_drop_again(postgres_database: Profile) -> None:
    drop = "DROP INDEX CONCURRENTLY i"
    with connect(postgres_database) as connection:
        connection.execute("CREATE TABLE t (id int)")
        connection.execute("CREATE INDEX i ON t (id)")
    with _waiting(postgres_database, drop, "SELECT count(*) FROM t") as (reader, _):
        assert invalid_indexes(reader) == ()
    with connect(postgres_database) as connection:
        assert invalid_indexes(connection) == ('"public"."i"',)
        assert took_effect(connection, _of(connection, drop)) is False
        connection.execute(drop)
        assert took_effect(connection, _of(connection, drop)) is True


@pytest.mark.parametrize("name", ["i", "i" * 63])
def test_leftovers_of_a_cut_rebuild_are_named_and_can_be_dropped(postgres_database: Profile, name: str) -> None:
    rebuild = f"REINDEX INDEX CONCURRENTLY {name}"
    with connect(postgres_database) as connection:
        connection.execute("CREATE TABLE t (id int)")
        connection.execute(f"CREATE INDEX {name} ON t (id)")
        connection.execute("CREATE INDEX other ON t (id)")
    with _waiting(postgres_database, rebuild, "SELECT count(*) FROM t") as (reader, _):
        assert reindex_leftovers(reader, _of(reader, rebuild)) == ()
        assert invalid_indexes(reader) == ()
    with connect(postgres_database) as connection:
        (leftover,) = reindex_leftovers(connection, _of(connection, rebuild))
        assert leftover.endswith('_ccnew"')
        assert reindex_leftovers(connection, _of(connection, "REINDEX INDEX CONCURRENTLY other")) == ()
        for sql in ("REINDEX TABLE CONCURRENTLY t", "REINDEX SCHEMA CONCURRENTLY public"):
            assert reindex_leftovers(connection, _of(connection, sql)) == (leftover,)
        connection.execute(f"DROP INDEX CONCURRENTLY {leftover}")
        connection.execute(rebuild)
        assert invalid_indexes(connection) == ()


def test_a_detaching_that_was_cut_is_ended_by_another_statement(postgres_database: Profile) -> None:
    detach = "ALTER TABLE p DETACH PARTITION q CONCURRENTLY"
    with connect(postgres_database) as connection:
        for sql in PARTITIONED.split("; "):
            connection.execute(sql)
        assert unfinished_detach(connection, _of(connection, detach)) is None
    with _waiting(postgres_database, detach, "SELECT count(*) FROM p"):
        pass
    with connect(postgres_database) as connection:
        statement = _of(connection, detach)
        assert took_effect(connection, statement) is False
        assert _fails(connection, detach) == "55000"
        finish = unfinished_detach(connection, statement)
        assert finish is not None
        assert took_effect(connection, _of(connection, finish)) is False
        connection.execute("BEGIN")
        connection.execute(finish)
        connection.execute("ROLLBACK")
        assert _of(connection, finish).in_transaction
        connection.execute(finish)
        assert took_effect(connection, statement) is True
        assert took_effect(connection, _of(connection, finish)) is True
        assert unfinished_detach(connection, statement) is None


def test_other_dialects_have_no_such_indexes_and_get_no_answer(sqlite_database: Profile) -> None:
    with connect(sqlite_database) as connection:
        build = _of(connection, "CREATE INDEX CONCURRENTLY i ON t (id)")
        assert (took_effect(connection, build), invalid_index(connection, build)) == (None, None)
        assert invalid_indexes(connection) == ()
