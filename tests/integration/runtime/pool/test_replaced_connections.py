"""Connections that have grown old or were ended by the server: replaced before use, or missed exactly once."""

from __future__ import annotations

import asyncio

import pytest
from applications import LOST, Ground, until
from servers_side import end_session, sessions

ONE = {"DB_POOL_SIZE": "1", "DB_MAX_OVERFLOW": "0"}


def test_a_connection_that_has_grown_old_is_replaced(ground: Ground) -> None:
    async def application() -> None:
        async with ground.application(**ONE, DB_POOL_RECYCLE="1s") as app:
            first = await app.backend()
            ends = asyncio.get_running_loop().time() + 30
            while await app.backend() == first:
                assert asyncio.get_running_loop().time() < ends
                await asyncio.sleep(0.1)
            await until(lambda: first not in sessions(ground.profile))
            assert app.figures.idle == 1

    asyncio.run(application())


def test_a_young_connection_stays(ground: Ground) -> None:
    async def application() -> None:
        async with ground.application(**ONE, DB_POOL_RECYCLE="1h") as app:
            assert len({await app.backend() for _ in range(5)}) == 1

    asyncio.run(application())


def test_a_connection_that_the_server_ended_is_survived_with_a_ping(ground: Ground) -> None:
    async def application() -> None:
        async with ground.application(**ONE, DB_POOL_PRE_PING="true") as app:
            first = await app.backend()
            end_session(ground.profile, first)
            second = await app.backend()
            assert second != first
            assert (app.figures.idle, app.figures.checked_out) == (1, 0)

    asyncio.run(application())


def test_without_a_ping_it_fails_exactly_once(ground: Ground) -> None:
    """All three were ended: the first that is missed tells the pool that the other two are as old."""

    async def application() -> None:
        async with ground.application(DB_POOL_SIZE="3", DB_MAX_OVERFLOW="0", DB_POOL_PRE_PING="false") as app:
            async with app.holding(3) as held:
                pass
            for each in held:
                end_session(ground.profile, each)
            with pytest.raises(LOST):
                await app.backend()
            async with app.holding(3) as anew:
                assert len({*anew}) == 3
                assert not {*anew} & {*held}
            assert (app.figures.idle, app.figures.checked_out) == (3, 0)

    asyncio.run(application())


def test_a_connection_that_is_ended_in_a_transaction_fails_that_session_alone(ground: Ground) -> None:
    async def application() -> None:
        async with ground.application(**ONE) as app:
            async with app.session() as held:
                mine = await held.ask(app.who)
                end_session(ground.profile, mine)
                with pytest.raises(LOST):
                    await held.ask("SELECT 1")
                await held.roll_back()
            assert await app.backend() != mine
            assert (app.figures.idle, app.figures.checked_out) == (1, 0)

    asyncio.run(application())
