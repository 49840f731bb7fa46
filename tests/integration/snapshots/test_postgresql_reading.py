"""Reading a PostgreSQL schema changes nothing, works everywhere, and leaves out what is no part of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import psycopg
import pytest
from dumping import conninfo
from schema_pairs import PREPARATION
from sqlalchemy import Connection, Engine, text

from migrator.database.connecting import connect
from migrator.database.connection_reader import ConnectionReader
from migrator.database.engines import create_migration_engine
from migrator.database.snapshot.comparing import compare
from migrator.database.snapshot.model import Kind
from migrator.database.snapshot.postgresql.reading import kept_settings, read_relations
from migrator.database.snapshot.reading import read_snapshot
from migrator.profiles.model import Profile

SCHEMA = """
CREATE SCHEMA app;
CREATE TYPE app.mood AS ENUM ('glad', 'sad');
CREATE TABLE app.people (
    id serial PRIMARY KEY, mood app.mood DEFAULT 'glad', at timestamptz DEFAULT '2026-01-01 00:00Z'
);
CREATE VIEW people AS SELECT mood FROM app.people WHERE mood <> 'sad';
CREATE FUNCTION app.first() RETURNS app.people LANGUAGE sql AS 'SELECT * FROM app.people LIMIT 1';
CREATE TABLE alembic_version (version_num text PRIMARY KEY);
CREATE SCHEMA migrator;
CREATE TABLE migrator.migrator_run (id bigserial PRIMARY KEY);
CREATE TABLE migrator.migrator_ledger (id bigserial PRIMARY KEY, run bigint REFERENCES migrator.migrator_run);
CREATE TABLE migrator.migrator_journal (id bigserial PRIMARY KEY);
"""
LEFT_OUT = frozenset({"alembic_version"})
PEOPLE = {
    "table app.people",
    "column app.people.id",
    "column app.people.mood",
    "column app.people.at",
    "constraint app.people.people_pkey",
}
SETTINGS = "current_setting('search_path'), current_setting('DateStyle'), current_setting('TimeZone')"


@pytest.fixture
def everywhere(postgres_database: Profile) -> Profile:
    """A database with a few things, on each server, read by each driver."""
    return made(postgres_database)


@pytest.fixture
def here(local_database: Profile) -> Profile:
    """The same on one server."""
    return made(local_database)


def made(profile: Profile) -> Profile:
    with psycopg.connect(conninfo(profile), autocommit=True) as connection:
        connection.execute(SCHEMA)
    return profile


@contextmanager
def session_of(profile: Profile) -> Iterator[Connection]:
    """SQLAlchemy's connection to a database."""
    engine = create_migration_engine(replace(profile, driver="psycopg", migration_driver="psycopg"), asynchronous=False)
    assert isinstance(engine, Engine)
    with engine.connect() as connection:
        yield connection


def test_the_whole_schema_is_read_the_same_with_any_settings_and_these_are_kept(everywhere: Profile) -> None:
    with connect(everywhere) as reader:
        before = reader.fetch(f"SELECT {SETTINGS}")
        usual = read_snapshot(reader, leave_out=LEFT_OUT)
        assert reader.fetch(f"SELECT {SETTINGS}") == before
    assert {str(key) for key in usual.objects} == {
        "schema app",
        "schema public",
        "enum app.mood",
        "sequence app.people_id_seq",
        "function app.first()",
        "view public.people",
        *PEOPLE,
    }
    with session_of(everywhere) as session:
        session.execute(text("SET search_path = app, public; SET DateStyle = german; SET TimeZone = 'Asia/Tokyo'"))
        session.commit()
        session.execute(text("SET LOCAL search_path = app"))
        before_in_transaction = session.execute(text(f"SELECT {SETTINGS}")).all()
        found = read_snapshot(ConnectionReader(session), leave_out=LEFT_OUT)
        assert compare(usual, found, column_order=True) == ()
        assert session.execute(text(f"SELECT {SETTINGS}")).all() == before_in_transaction
        session.commit()
        assert session.execute(text("SHOW search_path")).scalar() == "app, public"
        assert session.execute(text("SHOW TimeZone")).scalar() == "Asia/Tokyo"


def test_in_a_transaction_it_sees_what_that_has_done(here: Profile) -> None:
    with session_of(here) as session:
        reader = ConnectionReader(session)
        before = read_snapshot(reader)
        session.execute(text("ALTER TABLE app.people ADD COLUMN name text"))
        assert [str(each.key) for each in compare(before, read_snapshot(reader))] == ["column app.people.name"]
        session.rollback()
        assert compare(before, read_snapshot(reader)) == ()


def test_every_name_is_qualified_whatever_the_search_path(here: Profile) -> None:
    with session_of(here) as session:
        session.execute(text("SET search_path = app"))
        snapshot = read_snapshot(ConnectionReader(session))
    facets = {str(each.key): each.facets for each in snapshot}
    assert facets["column app.people.mood"]["default"] == "'glad'::app.mood"
    assert facets["column app.people.id"]["default"] == "nextval('app.people_id_seq'::regclass)"
    assert "FROM app.people" in facets["view public.people"]["definition"]
    definition = facets["function app.first()"]["definition"]
    assert definition.startswith("CREATE OR REPLACE FUNCTION app.first()\n RETURNS app.people")


def test_some_relations_are_read_alone(here: Profile) -> None:
    with connect(here) as light:
        whole = read_snapshot(light)
        with kept_settings(light):
            oid = light.fetch("SELECT 'app.people'::regclass::oid::bigint")[0][0]
            alone = {each.key: each for each in read_relations(light, [oid])}
            assert list(read_relations(light, [])) == []
    assert {str(key) for key in alone} == PEOPLE
    assert all(whole.objects[key] == found for key, found in alone.items())


def test_who_may_do_what_is_told_without_the_name_of_the_owner(local_database: Profile) -> None:
    with psycopg.connect(conninfo(local_database), autocommit=True) as connection:
        connection.execute(PREPARATION)
        connection.execute("CREATE TABLE t (id integer); GRANT SELECT, INSERT ON t TO migrator_test_reader, PUBLIC")
    with connect(local_database) as reader:
        table = next(read_snapshot(reader).of_kind(Kind.TABLE))
    shown = dict(entry.split(": ") for entry in table.facets["privileges"].split("; "))
    assert shown["migrator_test_reader"] == shown["PUBLIC"] == "INSERT, SELECT"
    assert {"SELECT", "TRUNCATE"} < set(shown["OWNER"].split(", "))


def test_what_extensions_bring_is_left_out(local_database: Profile) -> None:
    with connect(local_database) as reader:
        before = read_snapshot(reader)
        reader.execute("CREATE EXTENSION vector")  # types, functions, casts, operators
        found = [str(each.key) for each in compare(before, read_snapshot(reader))]
    assert found == ["extension vector"]
