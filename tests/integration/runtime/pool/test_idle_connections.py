"""Connections that lie idle: replaced when they are asked for, and closed by the server where nobody asks."""

from __future__ import annotations

import asyncio

from applications import Ground, until
from servers_side import sessions


def test_a_connection_that_lay_idle_for_too_long_is_replaced(ground: Ground) -> None:
    async def application() -> None:
        async with ground.application(DB_POOL_MAX_IDLE="300ms", DB_POOL_PRE_PING="false") as app:
            async with app.holding(1) as [first]:
                await asyncio.sleep(0.5)  # in use is not idle
            assert await app.backend() == first
            await asyncio.sleep(0.5)
            second = await app.backend()
            assert second != first
            await until(lambda: sessions(ground.profile) == {second})
            assert (app.figures.idle, app.figures.checked_out) == (1, 0)

    asyncio.run(application())


def test_what_nobody_asks_for_is_closed_by_the_server_and_missed_by_nobody(ground: Ground) -> None:
    async def application() -> None:
        async with ground.application(DB_POOL_SIZE="3", DB_POOL_MAX_IDLE="1s", DB_POOL_PRE_PING="false") as app:
            async with app.holding(3):
                assert len(sessions(ground.profile)) == 3
            used = await app.backend()
            while len(sessions(ground.profile)) > 1:
                assert await app.backend() == used, "the one that came back last is lent first"
                await asyncio.sleep(0.2)
            async with app.holding(3) as held:
                assert used in held

    asyncio.run(asyncio.wait_for(application(), 60))


def test_without_a_limit_a_connection_may_lie_idle(ground: Ground) -> None:
    async def application() -> None:
        async with ground.application() as app:
            first = await app.backend()
            await asyncio.sleep(0.5)
            assert await app.backend() == first
            asked = "SELECT @@wait_timeout" if ground.kind.server == "mariadb" else "SHOW idle_session_timeout"
            assert str(await app.ask(asked)) in {"0", "28800"}

    asyncio.run(application())
