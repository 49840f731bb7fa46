"""``DB_PGBOUNCER``: an application behind a pooler in transaction mode, where a session is lent for a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from applications import POSTGRESQL, Application, Ground
from own_pooler import pooled
from servers_side import asked, told
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from migrator.profiles.model import Profile
from migrator.runtime import Database

TASKS, ROUNDS, SERVER_SESSIONS = 50, 12, 4


@dataclass
class Pooler:
    """A ground whose way leads through a pooler, and the direct way to the same database."""

    ground: Ground
    direct: Profile


@pytest.fixture
def pooler(postgres_ground: Ground) -> Iterator[Pooler]:
    """A pooler with fewer sessions on the server than the application has connections."""
    direct = postgres_ground.profile
    with pooled(direct, SERVER_SESSIONS) as through:
        yield Pooler(replace(postgres_ground, profile=through), direct)


SETTINGS = {
    "DB_POOL_SIZE": "20",
    "DB_MAX_OVERFLOW": "0",
    "DB_STATEMENT_TIMEOUT": "20s",
    "DB_LOCK_TIMEOUT": "1234ms",
    "DB_SCHEMA": "app",
}


def _prepare(direct: Profile) -> None:
    told(
        direct,
        "CREATE SCHEMA app",
        "CREATE TYPE app.mood AS ENUM ('fine', 'sad')",
        "CREATE TABLE app.t (id int PRIMARY KEY, mood app.mood, words text[], more jsonb)",
    )


async def _use(app: Application, task: int) -> None:
    for number in range(ROUNDS):
        async with app.session() as held:
            key = task * ROUNDS + number
            await held.ask(
                "INSERT INTO t VALUES (:key, CAST(:mood AS mood), ARRAY['a', 'b'], '{\"a\": 1}')", key=key, mood="fine"
            )
            assert await held.ask("SELECT id FROM t WHERE id = :key", key=key) == key
            assert await held.ask("SHOW statement_timeout") == "20s"
            assert await held.ask("SHOW lock_timeout") == "1234ms"
            assert await held.ask("SELECT mood FROM t WHERE id = :key", key=key) == "fine"
        async with app.session() as held:
            assert await held.ask("SELECT words FROM t WHERE id = :key", key=key) == ["a", "b"]


def test_fifty_tasks_with_many_statements(pooler: Pooler) -> None:
    """Every transaction finds its own settings, whichever session of the server it was lent."""
    _prepare(pooler.direct)

    async def application() -> None:
        async with pooler.ground.application(**SETTINGS, DB_PGBOUNCER="true") as app:
            await asyncio.gather(*(_use(app, task) for task in range(TASKS)))
            assert app.figures.checked_out == 0
            backends = asked(pooler.direct, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
            assert backends[0][0] <= SERVER_SESSIONS + 1

    asyncio.run(application())
    assert asked(pooler.direct, "SELECT count(*) FROM app.t") == [(TASKS * ROUNDS,)]


def test_nothing_is_left_on_the_sessions_of_the_server(pooler: Pooler) -> None:
    """What a stranger finds who is lent a session afterwards: the server's own settings, no prepared statement."""
    _prepare(pooler.direct)
    server = asked(pooler.direct, "SELECT current_setting('statement_timeout'), current_setting('search_path')")

    async def application() -> None:
        async with pooler.ground.application(**SETTINGS, DB_PGBOUNCER="true") as app:
            await asyncio.gather(*(_use(app, task) for task in range(8)))
        settings = {"DB_POOL_SIZE": str(SERVER_SESSIONS), "DB_PGBOUNCER": "true"}
        async with pooler.ground.application("stranger", **settings) as stranger:
            async with stranger.holding(SERVER_SESSIONS) as backends:
                assert len({*backends}) == SERVER_SESSIONS, "one of each of the pooler's sessions"
            for _ in range(SERVER_SESSIONS * 3):
                async with stranger.session() as held:
                    assert await held.ask("SHOW statement_timeout") == server[0][0]
                    assert await held.ask("SHOW search_path") == server[0][1]
                    # the question itself is one, where the driver asks in that way
                    others = "SELECT count(*) FROM pg_prepared_statements WHERE statement NOT LIKE '%FROM pg_prep%'"
                    assert await held.ask(others) == 0

    asyncio.run(application())


def test_a_slow_statement_is_cancelled_through_the_pooler_too(pooler: Pooler) -> None:
    async def application() -> None:
        settings = {"DB_STATEMENT_TIMEOUT": "250ms", "DB_PGBOUNCER": "true"}
        async with asyncio.timeout(30), pooler.ground.application(**settings) as app, app.session() as held:
            with pytest.raises(DBAPIError, match="statement timeout"):
                await held.ask("SELECT pg_sleep(60)")
            await held.roll_back()
            assert await held.ask("SHOW statement_timeout") == "250ms"

    asyncio.run(application())


def test_without_the_setting_the_pooler_refuses_what_the_profile_asks_for(pooler: Pooler) -> None:
    """A pooler refuses settings of the session, which is why they are sent in each transaction instead."""

    async def application() -> None:
        async with pooler.ground.application(DB_STATEMENT_TIMEOUT="20s", DB_PGBOUNCER="false") as app:
            with pytest.raises(DBAPIError, match="unsupported startup parameter"):
                await app.backend()

    asyncio.run(application())


@pytest.mark.parametrize(
    "postgres_ground", [kind for kind in POSTGRESQL if kind.driver == "asyncpg"], indirect=True, ids=str
)
def test_without_the_setting_prepared_statements_meet_each_other(pooler: Pooler) -> None:
    """asyncpg numbers its prepared statements, and two clients are lent the same session."""

    async def application() -> None:
        async with pooler.ground.application(DB_POOL_SIZE="20", DB_MAX_OVERFLOW="0", DB_PGBOUNCER="false") as app:

            async def use(task: int) -> None:
                for number in range(20):
                    await app.ask(f"SELECT {task % 5} + CAST(:number AS int)", number=number)

            ends = await asyncio.gather(*(use(task) for task in range(TASKS)), return_exceptions=True)
            assert any(isinstance(end, DBAPIError) and "prepared statement" in str(end) for end in ends)

    asyncio.run(application())


def test_statements_outside_of_a_transaction_work_too(pooler: Pooler) -> None:
    """Such as the readiness check's: prepared on one session of the server, they must not be run on another."""

    async def application() -> None:
        async with pooler.ground.application(DB_POOL_SIZE="20", DB_MAX_OVERFLOW="0", DB_PGBOUNCER="true") as app:

            async def use() -> None:
                for _ in range(20):
                    assert await app.ask_in_autocommit("SELECT 41 + CAST(:one AS int)", one=1) == 42

            await asyncio.gather(*(use() for _ in range(TASKS)))

    asyncio.run(application())


def test_many_rows_at_once_go_in_and_come_out_as_a_stream(pooler: Pooler) -> None:
    """Cursors and batches of a driver, which have ways of their own to prepare."""
    told(pooler.direct, "CREATE TABLE t (id int)")
    rows = [{"id": number} for number in range(200)]
    question = text("SELECT id FROM t ORDER BY id").execution_options(yield_per=30)

    async def application() -> None:
        async with pooler.ground.application(DB_PGBOUNCER="true") as app:
            if isinstance(app.database, Database):
                async with app.database.session() as session:
                    await session.execute(text("INSERT INTO t VALUES (:id)"), rows)
                    found = [row async for row in await session.stream_scalars(question)]
            else:
                with app.database.session() as session:
                    session.execute(text("INSERT INTO t VALUES (:id)"), rows)
                    found = list(session.scalars(question))
            assert found == list(range(200))

    asyncio.run(application())
