"""A request that is given up while its connection is being made leaves none on the server, collected or not."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from applications import until
from servers_side import sessions
from sqlalchemy import text

from migrator.profiles.model import Profile
from migrator.runtime import Database


@pytest.fixture
def uncollected() -> Iterator[None]:
    """Nothing is collected meanwhile but what nobody refers to."""
    gc.disable()
    yield
    gc.enable()
    gc.collect()


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_a_connection_that_is_given_up_while_it_is_made_is_closed(driver: str, local_database: Profile) -> None:
    random = Random(7)
    profile = replace(local_database, driver=driver, pool_size=5, pool_max_overflow=5)

    async def given_up(database: Database, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds), database.session() as session:
                await session.execute(text("SELECT 1"))
        except TimeoutError:
            return True
        return False

    async def application() -> int:
        count = 0
        for _ in range(20):
            async with Database(profile) as database:
                count += sum(await asyncio.gather(*[given_up(database, random.random() / 50) for _ in range(10)]))
        return count

    assert asyncio.run(application()) >= 10
    asyncio.run(until(lambda: not sessions(profile)))
