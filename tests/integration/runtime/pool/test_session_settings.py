"""Time limits, names and what is logged: each setting of a profile, seen on the server or in the log."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import replace
from pathlib import Path

import pytest
from applications import MARIADB, Ground, Kind
from servers_side import asked, told
from sqlalchemy.exc import DBAPIError

from migrator.profiles.model import Profile

SLOW = {"postgresql": "SELECT pg_sleep(60)", "mysql": "SELECT sleep(60) FROM seq_1_to_1000"}
SECRET = "value-nobody-logs"


def test_a_slow_statement_is_cancelled_and_the_session_goes_on(ground: Ground) -> None:
    async def application() -> None:
        async with ground.application(DB_STATEMENT_TIMEOUT="250ms", DB_POOL_SIZE="1", DB_MAX_OVERFLOW="0") as app:
            before = await app.backend()
            async with asyncio.timeout(30), app.session() as held:
                with pytest.raises(DBAPIError):
                    await held.ask(SLOW[ground.profile.dialect])
                await held.roll_back()
                assert await held.ask(app.who) == before, "on the same connection"

    asyncio.run(application())


@pytest.mark.parametrize("kind", MARIADB, ids=str)
def test_a_setting_for_pgbouncer_changes_nothing_elsewhere(
    kind: Kind, mariadb_database: Profile, tmp_path: Path
) -> None:
    profile = replace(mariadb_database, driver=kind.driver)
    settings = {"DB_PGBOUNCER": "true", "DB_STATEMENT_TIMEOUT": "1500ms"}

    async def application() -> None:
        async with Ground(kind, profile, tmp_path).application(**settings) as app:
            assert float(await app.ask("SELECT @@max_statement_time")) == 1.5

    asyncio.run(application())


def test_the_timeout_is_in_milliseconds(postgres_ground: Ground) -> None:
    async def application() -> None:
        async with postgres_ground.application(DB_STATEMENT_TIMEOUT="1500", DB_LOCK_TIMEOUT="700ms") as app:
            assert await app.ask("SHOW statement_timeout") == "1500ms"
            assert await app.ask("SHOW lock_timeout") == "700ms"

    asyncio.run(application())


def test_a_lock_is_waited_for_no_longer_than_allowed(ground: Ground) -> None:
    told(ground.profile, "CREATE TABLE t (id int)", "INSERT INTO t VALUES (1)")

    async def application() -> None:
        async with ground.application(DB_LOCK_TIMEOUT="1s") as app, asyncio.timeout(60):
            async with app.session() as holder:
                await holder.ask("UPDATE t SET id = 2")
                with pytest.raises(DBAPIError, match=r"(?i)lock"):
                    await app.ask("UPDATE t SET id = 3")
            await app.ask("UPDATE t SET id = 3")
        assert [tuple(row) for row in asked(ground.profile, "SELECT id FROM t")] == [(3,)]

    asyncio.run(application())


def test_the_application_has_a_name_on_the_server(postgres_ground: Ground) -> None:
    async def application() -> None:
        async with postgres_ground.application(DB_APPLICATION_NAME="shop-api") as app, app.holding(1) as held:
            names = asked(
                postgres_ground.profile, f"SELECT application_name FROM pg_stat_activity WHERE pid = {held[0]}"
            )
            assert names == [("shop-api",)]

    asyncio.run(application())


def test_echo_logs_statements_and_never_their_parameters(ground: Ground, caplog: pytest.LogCaptureFixture) -> None:
    told(ground.profile, "CREATE TABLE t (name varchar(40) PRIMARY KEY)")

    async def application() -> None:
        async with ground.application(DB_ECHO="true") as app:
            await app.ask("INSERT INTO t VALUES (:name)", name=SECRET)
            with pytest.raises(DBAPIError) as refused:
                await app.ask("INSERT INTO t VALUES (:missing), (NULL)", missing=SECRET[:10])
            assert SECRET[:10] not in str(refused.value).split("[SQL")[-1]

    with caplog.at_level(logging.INFO, logger="sqlalchemy.engine"):
        asyncio.run(application())
    assert "INSERT INTO t VALUES" in caplog.text
    assert SECRET not in caplog.text


def test_nothing_is_logged_without_echo(ground: Ground, caplog: pytest.LogCaptureFixture) -> None:
    async def application() -> None:
        async with ground.application() as app:
            await app.backend()

    asyncio.run(application())
    assert "SELECT" not in caplog.text


def test_the_schema_of_the_profile_is_where_names_are_looked_up(postgres_ground: Ground) -> None:
    told(
        postgres_ground.profile,
        'CREATE SCHEMA "my app"',
        'CREATE TABLE "my app".t (id int)',
        'INSERT INTO "my app".t VALUES (7)',
    )

    async def application() -> None:
        async with postgres_ground.application(DB_SCHEMA="my app") as app:
            assert await app.ask("SELECT id FROM t") == 7

    asyncio.run(application())
