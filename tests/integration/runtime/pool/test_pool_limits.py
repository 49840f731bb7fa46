"""How many connections an application has: used again, at most so many, overflow closed again, waiting counted."""

from __future__ import annotations

import asyncio
import time

import pytest
from applications import Ground, until, until_waiting
from servers_side import sessions

from migrator.runtime import PoolExhausted

FULL = {"DB_POOL_SIZE": "10", "DB_MAX_OVERFLOW": "0"}


def test_a_connection_is_used_again(ground: Ground) -> None:
    async def application() -> None:
        async with ground.application() as app:
            assert len({await app.backend() for _ in range(20)}) == 1
            assert len(sessions(ground.profile)) == 1
            assert (app.figures.idle, app.figures.checked_out, app.figures.waits) == (1, 0, 0)

    asyncio.run(application())


def test_without_a_pool_each_use_opens_a_connection_and_closes_it(ground: Ground) -> None:
    async def application() -> None:
        async with ground.application(DB_POOL_SIZE="0") as app:
            assert len({await app.backend() for _ in range(5)}) == 5
            assert set(app.figures.as_dict().values()) == {0}
            await until(lambda: not sessions(ground.profile))

    asyncio.run(application())


def test_the_eleventh_request_of_a_full_pool_of_ten_fails_and_names_the_settings(ground: Ground) -> None:
    async def application() -> None:
        async with ground.application(**FULL, DB_POOL_TIMEOUT="0.4") as app:
            async with app.holding(10) as held:
                assert len({*held}) == 10
                began = time.monotonic()
                with pytest.raises(PoolExhausted) as exhausted:
                    await app.backend()
                assert time.monotonic() - began > 0.3
                for word in ("DB_POOL_SIZE=10", "DB_MAX_OVERFLOW=0", "DB_POOL_TIMEOUT=0.4 s", "All 10 connections"):
                    assert word in str(exhausted.value)
                assert len(sessions(ground.profile)) == 10
            assert await app.backend() in held, "the pool is usable afterwards"
            figures = app.figures
            assert (figures.waits, figures.timeouts, figures.waiting) == (1, 1, 0)
            assert (figures.idle, figures.checked_out, figures.overflow) == (10, 0, 0)

    asyncio.run(application())


def test_a_request_that_waits_gets_the_first_connection_that_comes_back(ground: Ground) -> None:
    async def application() -> None:
        async with ground.application(DB_POOL_SIZE="1", DB_MAX_OVERFLOW="0") as app:
            async with app.holding(1) as held:
                waiting = asyncio.create_task(app.backend())
                await until_waiting(app, 1)
            assert [await waiting] == held
            figures = app.figures
            assert (figures.waits, figures.timeouts, figures.waiting) == (1, 0, 0)

    asyncio.run(application())


def test_a_cancelled_waiter_takes_nothing_with_it(asynchronous_ground: Ground) -> None:
    async def application() -> None:
        async with asynchronous_ground.application(DB_POOL_SIZE="1", DB_MAX_OVERFLOW="0") as app:
            async with app.holding(1) as held:
                cancelled, patient = (asyncio.create_task(app.backend()) for _ in range(2))
                await until_waiting(app, 2)
                cancelled.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await cancelled
                assert app.figures.waiting == 1
            assert [await patient] == held
            figures = app.figures
            assert (figures.waits, figures.timeouts, figures.waiting, figures.checked_out) == (2, 0, 0, 0)

    asyncio.run(application())


def test_overflow_is_opened_when_it_is_needed_and_closed_again(ground: Ground) -> None:
    async def application() -> None:
        async with ground.application(DB_POOL_SIZE="2", DB_MAX_OVERFLOW="3", DB_POOL_TIMEOUT="0.2") as app:
            async with app.holding(5) as held:
                assert len({*held}) == 5
                assert (app.figures.overflow, app.figures.checked_out) == (3, 5)
                with pytest.raises(PoolExhausted, match="DB_MAX_OVERFLOW=3"):
                    await app.backend()
            assert (app.figures.overflow, app.figures.idle) == (0, 2)
            await until(lambda: len(sessions(ground.profile)) == 2)

    asyncio.run(application())


def test_two_hundred_requests_at_once_have_the_pools_connections_and_leak_none(ground: Ground) -> None:
    async def application() -> None:
        async with ground.application(DB_POOL_SIZE="4", DB_MAX_OVERFLOW="2") as app:
            backends = await asyncio.gather(*(app.backend() for _ in range(200)))
            assert app.figures.checked_out == 0
            assert app.figures.idle <= 4
            assert len(backends) == 200
            assert len(sessions(ground.profile)) <= 6

    asyncio.run(application())
