"""Wherever a task is cancelled, its work is taken back whole, and its connection is neither lost nor left open."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

import anyio
import pytest
from playing_sessions import OTHERS, PATIENCE, TABLE, open_transactions, play, rows, run, until, waits_for_a_lock, words
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from migrator.database.connecting import connect
from migrator.profiles.model import Profile
from migrator.runtime import Database

BLOCKER = "SELECT pg_advisory_lock(1)"
WAITS_AT_COMMIT = (
    """CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NULL; END $$""",
    """CREATE CONSTRAINT TRIGGER late AFTER INSERT ON marks DEFERRABLE INITIALLY DEFERRED
       FOR EACH ROW EXECUTE FUNCTION wait()""",
)
STEPS = 60


class Base(DeclarativeBase):
    pass


class Mark(Base):
    __tablename__ = "marks"

    word: Mapped[str] = mapped_column(primary_key=True)


def writing(word: str) -> Any:
    return text("INSERT INTO marks VALUES (:word)").bindparams(word=word)


async def in_query(session: AsyncSession) -> None:
    await session.execute(writing("lost"))
    await session.execute(text("SELECT pg_advisory_xact_lock(1)"))


async def in_flush(session: AsyncSession) -> None:
    session.add(Mark(word="lost"))
    await session.flush()
    await session.execute(text("LOCK TABLE marks IN ACCESS EXCLUSIVE MODE"))
    session.add(Mark(word="locked"))
    await session.execute(text("CREATE TRIGGER early BEFORE INSERT ON marks FOR EACH ROW EXECUTE FUNCTION wait()"))
    await session.flush()


async def in_commit(session: AsyncSession) -> None:
    await session.execute(text("CREATE TABLE went_far ()"))
    session.add(Mark(word="lost"))


@pytest.mark.parametrize("body", [in_query, in_flush, in_commit])
def test_a_cancelled_statement_stops_on_the_server_and_is_taken_back(
    postgres_database: Profile, body: Callable[[AsyncSession], Awaitable[None]]
) -> None:
    """In a query, in a flush and in the commit: each waits on the server for a lock that is never given."""
    profile = postgres_database
    run(profile, TABLE, *WAITS_AT_COMMIT)

    async def scenario(database: Database) -> None:
        async def work() -> None:
            async with database.session() as session:
                await body(session)

        task = asyncio.create_task(work())
        await until(lambda: waits_for_a_lock(profile))
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert database.pool_figures().checked_out == 0
        await until(lambda: not [each for each in open_transactions(profile) if "advisory_lock(1)" not in each[2]])
        async with database.session() as session:
            assert await session.scalar(text("SELECT 1")) == 1

    with connect(profile) as blocker:
        blocker.execute(BLOCKER)
        play(profile, scenario, pool_size=1, pool_max_overflow=0)
    assert words(profile) == []
    assert rows(profile, "SELECT to_regclass('went_far')") == [(None,)]


def test_a_time_limit_takes_back(postgres_database: Profile) -> None:
    run(postgres_database, TABLE)

    async def scenario(database: Database) -> None:
        async def limited() -> None:
            async with asyncio.timeout(0.5), database.session() as session:
                await session.execute(writing("lost"))
                await session.execute(text("SELECT pg_sleep(600)"))

        with pytest.raises(TimeoutError):
            await limited()
        assert database.pool_figures().checked_out == 0
        await until(lambda: not open_transactions(postgres_database))

    play(postgres_database, scenario)
    assert words(postgres_database) == []


def test_a_cancel_scope_takes_back(postgres_database: Profile) -> None:
    """A scope of anyio cancels again at every turn of the loop: the rollback goes on without the task."""
    run(postgres_database, TABLE)

    async def scenario(database: Database) -> None:
        with anyio.CancelScope() as scope:
            async with database.session() as session:
                await session.execute(writing("lost"))
                scope.cancel()
                await anyio.sleep(PATIENCE)
        assert scope.cancelled_caught
        await until(lambda: not open_transactions(postgres_database))
        await until(lambda: database.pool_figures().checked_out == 0)

    play(postgres_database, scenario)
    assert words(postgres_database) == []


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 10])
def test_cancelled_again_during_the_rollback(database: Profile, turns: int) -> None:
    run(database, TABLE)

    async def scenario(opened: Database) -> None:
        written = asyncio.Event()

        async def work() -> None:
            async with opened.session() as session:
                await session.execute(writing("lost"))
                written.set()
                await asyncio.sleep(PATIENCE)

        task = asyncio.create_task(work())
        await written.wait()
        task.cancel()
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        async with opened.session() as session:
            await session.execute(writing("kept"))
        await until(lambda: opened.pool_figures().checked_out == 0)

    play(database, scenario, pool_size=1, pool_max_overflow=0)
    assert words(database) == ["kept"]


def test_what_still_ends_is_awaited_before_the_pool_is_closed(postgres_database: Profile) -> None:
    """The task was cancelled twice and is gone; ``dispose`` comes after its rollback."""
    run(postgres_database, TABLE)

    async def scenario(database: Database) -> None:
        written = asyncio.Event()

        async def work() -> None:
            async with database.session() as session:
                await session.execute(writing("lost"))
                written.set()
                await asyncio.sleep(PATIENCE)

        task = asyncio.create_task(work())
        await written.wait()
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await database.dispose()
        await until(lambda: rows(postgres_database, OTHERS) == [])

    play(postgres_database, scenario)


def test_cancelled_at_any_turn_of_the_loop(database: Profile) -> None:
    """From before the connection is made until after the commit: all of the work or nothing, and nothing left."""
    run(database, TABLE)
    random = Random(1)

    async def scenario(opened: Database) -> set[str]:
        finished = set()

        async def work(word: str) -> None:
            async with opened.session() as session:
                session.add(Mark(word=f"{word} a"))
                await session.flush()
                session.add(Mark(word=f"{word} b"))
            finished.add(word)

        turns = 1
        for step in range(STEPS):
            word = f"{step:03d}"
            task = asyncio.create_task(work(word))
            for _ in range(random.randrange(turns, 2 * turns)):
                await asyncio.sleep(0)
            turns = 1 if task.done() else turns + 1 + turns // 4
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            assert opened.pool_figures().checked_out == 0
        return finished

    finished = play(database, scenario, pool_size=2, pool_max_overflow=0, pool_timeout=PATIENCE)
    assert 0 < len(finished) < STEPS
    kept = words(database)
    halves = {word[:3] for word in kept}
    assert finished <= halves
    assert sorted(kept) == sorted(f"{word} {half}" for word in halves for half in "ab")


@dataclass
class Load:
    """Two hundred tasks that write a word each and then take a moment; a third of them is cancelled at random."""

    slow: str
    cancelled: int = 0
    most: int = 0
    """Connections in use at once."""

    async def put_on(self, database: Database, look: Callable[[], None] = lambda: None) -> None:
        random = Random(2)

        async def work(word: str) -> None:
            async with database.session() as session:
                await session.execute(writing(word))
                await session.execute(text(self.slow))

        async def cancel_at_random(task: asyncio.Task[None]) -> None:
            await asyncio.sleep(random.random() * 0.5)
            task.cancel()

        tasks = [asyncio.create_task(work(f"{number:03d}")) for number in range(200)]
        cancelled = random.sample(tasks, 66)
        every = asyncio.gather(*tasks, *map(cancel_at_random, cancelled), return_exceptions=True)
        while not every.done():
            await asyncio.to_thread(look)
            self.most = max(self.most, database.pool_figures().checked_out)
        failures = [each for each in await every if isinstance(each, BaseException)]
        assert {type(each) for each in failures} == {asyncio.CancelledError}
        self.cancelled = len(failures)
        assert 0 < self.cancelled <= 66
        figures = database.pool_figures()
        assert (figures.checked_out, figures.waiting, figures.timeouts) == (0, 0, 0)


POOL = {"pool_size": 5, "pool_max_overflow": 5, "pool_timeout": PATIENCE}


def test_two_hundred_tasks_leave_nothing(postgres_database: Profile) -> None:
    """A pool of 5 + 5 never has more connections in use, and none when all is over."""
    profile = postgres_database
    run(profile, TABLE)
    load = Load("SELECT pg_sleep(0.01)")
    seen = 0

    def look() -> None:
        nonlocal seen
        seen = max(seen, len(rows(profile, OTHERS)))

    async def scenario(database: Database) -> None:
        await load.put_on(database, look)
        await until(lambda: not open_transactions(profile))
        await until(lambda: len(rows(profile, OTHERS)) <= 10)

    play(profile, scenario, **POOL)
    assert load.most == 10
    # The server takes a moment to end a session whose connection was thrown away; its successor is there by then.
    assert 5 < seen < 20
    assert len(words(profile)) >= 200 - load.cancelled


def test_two_hundred_tasks_leave_nothing_on_mariadb(mariadb_database: Profile) -> None:
    profile = mariadb_database
    run(profile, TABLE)
    load = Load("DO SLEEP(0.01)")
    ours = "SELECT id FROM information_schema.processlist WHERE db = database() AND id <> connection_id()"
    still_open = f"SELECT * FROM information_schema.innodb_trx WHERE trx_mysql_thread_id IN ({ours})"

    async def scenario(database: Database) -> None:
        await load.put_on(database)
        await until(lambda: not rows(profile, still_open))
        await until(lambda: len(rows(profile, ours)) <= 10)

    play(profile, scenario, **POOL)
    assert load.most == 10
    assert len(words(profile)) >= 200 - load.cancelled


def test_a_hundred_tasks_leave_nothing_on_sqlite(sqlite_database: Profile) -> None:
    """One writes at a time there; who waits for the file is cancelled like anybody else."""
    run(sqlite_database, TABLE)

    async def scenario(database: Database) -> None:
        tasks = []
        for number in range(100):
            tasks.append(asyncio.create_task(one(database, f"{number:03d}")))
            if number % 3 == 0:
                await asyncio.sleep(0)
                tasks[-number % 5 - 1].cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(each) for each in ended} == {type(None), asyncio.CancelledError}
        assert database.pool_figures().checked_out == 0

    async def one(database: Database, word: str) -> None:
        async with database.session() as session:
            await session.execute(text("SELECT 1"))
            await session.execute(writing(word))

    play(sqlite_database, scenario, pool_size=1, pool_max_overflow=0, pool_timeout=PATIENCE)
    assert 0 < len(words(sqlite_database)) < 100
