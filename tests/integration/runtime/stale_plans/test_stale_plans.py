"""A column gets another type beneath an application whose connections have prepared statements that read it."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, NotSupportedError

from migrator.database.urls import sqlalchemy_url
from migrator.profiles.model import Profile
from migrator.runtime import Database, SyncDatabase

NAMES = text("SELECT name FROM people ORDER BY name")
TIMES = 8
"""Often enough for psycopg to prepare a statement."""


def change(profile: Profile, *statements: str) -> None:
    """What a migration does, in a session of its own."""
    url = sqlalchemy_url(replace(profile, driver="psycopg"), driver="psycopg").set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def people(postgres_database: Profile) -> Profile:
    """A database with a table, for an application of one connection."""
    change(postgres_database, "CREATE TABLE people (name varchar(20))", "INSERT INTO people VALUES ('Ada')")
    return replace(postgres_database, pool_size=1, pool_max_overflow=0)


async def prepared(database: Database) -> None:
    for _ in range(TIMES):
        async with database.session() as session:
            assert (await session.scalars(NAMES)).all() == ["Ada"]


async def insert_and_read(database: Database) -> None:
    async with database.session() as session:
        await session.execute(text("INSERT INTO people VALUES ('Ben')"))
        await session.scalars(NAMES)


def test_the_first_statement_of_a_transaction_is_prepared_anew(people: Profile) -> None:
    async def application() -> None:
        async with Database(people) as database:
            await prepared(database)
            change(people, "ALTER TABLE people ALTER COLUMN name TYPE varchar(40)")
            async with database.session() as session:
                assert (await session.scalars(NAMES)).all() == ["Ada"]
                await session.execute(text("INSERT INTO people VALUES ('Ben')"))
            async with database.session() as session:
                assert (await session.scalars(NAMES)).all() == ["Ada", "Ben"]

    asyncio.run(application())


def test_a_statement_outside_of_a_transaction_is_prepared_anew(people: Profile) -> None:
    async def application() -> None:
        async with Database(people) as database:
            engine = database.engine.execution_options(isolation_level="AUTOCOMMIT")
            for type_ in ("varchar(20)", "varchar(40)", "text"):
                change(people, f"ALTER TABLE people ALTER COLUMN name TYPE {type_}")
                for _ in range(TIMES):
                    async with engine.connect() as connection:
                        assert (await connection.scalars(NAMES)).all() == ["Ada"]

    asyncio.run(application())


def test_a_later_statement_fails_once_and_nothing_of_its_transaction_stays(people: Profile) -> None:
    """What the transaction did before could not be done again, so nobody tries to."""

    async def application() -> None:
        async with Database(people) as database:
            await prepared(database)
            change(people, "ALTER TABLE people ALTER COLUMN name TYPE varchar(40)")
            with pytest.raises(NotSupportedError):
                await insert_and_read(database)
            async with database.session() as session:
                assert (await session.scalars(NAMES)).all() == ["Ada"]

    asyncio.run(application())


def test_what_the_server_does_not_support_is_still_an_error(people: Profile) -> None:
    """The same SQLSTATE, and no remedy: the second attempt says what the first one did."""

    async def application() -> None:
        async with Database(people) as database:
            async with database.session() as session:
                with pytest.raises(DBAPIError, match="FOR UPDATE is not allowed with GROUP BY"):
                    await session.execute(text("SELECT name FROM people GROUP BY name FOR UPDATE"))
            await prepared(database)

    asyncio.run(application())


def test_a_synchronous_application_survives_it_too(people: Profile) -> None:
    with SyncDatabase(people) as database:
        for _ in range(TIMES):
            with database.session() as session:
                assert session.scalars(NAMES).all() == ["Ada"]
        change(people, "ALTER TABLE people ALTER COLUMN name TYPE varchar(40)")
        with database.session() as session:
            assert session.scalars(NAMES).all() == ["Ada"]
