"""One session for one task: what happens otherwise, and what ``scoped_session`` does about it."""

from __future__ import annotations

import asyncio
import gc
import weakref
from contextlib import suppress
from typing import Any

import pytest
from playing_sessions import OTHERS, TABLE, open_transactions, play, rows, run, until, words
from sqlalchemy import text
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from migrator.profiles.model import Profile
from migrator.runtime import Database

SLOW = text("SELECT pg_sleep(0.1)")
PID = text("SELECT pg_backend_pid()")


class Base(DeclarativeBase):
    pass


class Mark(Base):
    __tablename__ = "marks"

    word: Mapped[str] = mapped_column(primary_key=True)


def writing(word: str) -> Any:
    return text("INSERT INTO marks VALUES (:word)").bindparams(word=word)


@pytest.fixture
def marks(postgres_database: Profile) -> Profile:
    run(postgres_database, TABLE)
    return postgres_database


def test_a_session_shared_by_two_tasks_fails(marks: Profile) -> None:
    """The second task comes while the session gets its connection for the first; nothing of either is kept."""

    async def scenario(database: Database) -> None:
        async def both(session: AsyncSession) -> None:
            await asyncio.gather(session.execute(writing("one")), session.execute(writing("two")))

        async def shared() -> None:
            async with database.session() as session:
                await both(session)

        with pytest.raises(
            InvalidRequestError,
            match="This session is provisioning a new connection; concurrent operations are not permitted",
        ):
            await shared()
        assert database.pool_figures().checked_out == 0
        await until(lambda: not open_transactions(marks))

    play(marks, scenario, pool_size=1, pool_max_overflow=0)
    assert words(marks) == []


def test_two_flushes_at_once_are_refused(marks: Profile) -> None:
    async def scenario(database: Database) -> None:
        async def shared() -> None:
            async with database.session() as session:
                session.add(Mark(word="zero"))
                await asyncio.gather(session.flush(), session.flush())

        with pytest.raises(InvalidRequestError, match="Session is already flushing"):
            await shared()
        assert database.pool_figures().checked_out == 0

    play(marks, scenario, pool_size=1, pool_max_overflow=0)
    assert words(marks) == []


def test_two_later_statements_go_unnoticed_in_one_transaction(marks: Profile) -> None:
    """What makes sharing dangerous: nothing is raised, and the exception of one task takes the other's work back."""

    async def scenario(database: Database) -> None:
        async def shared() -> None:
            async with database.session() as session:
                await session.execute(writing("zero"))
                await asyncio.gather(session.execute(writing("one")), session.execute(writing("two")))
                raise LookupError

        with pytest.raises(LookupError):
            await shared()

    play(marks, scenario)
    assert words(marks) == []


def test_a_commit_amid_another_tasks_statement_spoils_no_connection(marks: Profile) -> None:
    """Whatever the shared session did: the only connection of the pool serves the next one, its transaction over."""

    async def scenario(database: Database) -> None:
        async def shared() -> None:
            async with database.session() as session:
                await session.execute(text("SELECT 1"))
                slow = asyncio.create_task(session.execute(SLOW))
                await until(lambda: any(each[1] == "active" and "pg_sleep" in each[2] for each in rows(marks, OTHERS)))
                try:
                    await session.commit()
                finally:
                    with suppress(Exception):
                        await slow

        with suppress(Exception):  # psycopg puts the commit behind the statement; asyncpg refuses it
            await shared()
        await until(lambda: not open_transactions(marks))
        async with database.session() as session:
            await session.execute(writing("next"))

    play(marks, scenario, pool_size=1, pool_max_overflow=0)
    assert words(marks) == ["next"]


def test_scoped_sessions_of_two_tasks_do_not_meet(marks: Profile) -> None:
    async def scenario(database: Database) -> None:
        async def work(word: str) -> int:
            session = database.scoped_session
            try:
                await session.execute(writing(word))
                pid = await session.scalar(PID)
                await session.commit()
                return int(pid or 0)
            finally:
                await session.remove()

        pids = await asyncio.gather(*[work(f"{number:02d}") for number in range(20)])
        assert 1 < len(set(pids)) <= 10
        assert database.pool_figures().checked_out == 0

    play(marks, scenario, pool_size=5, pool_max_overflow=5)
    assert words(marks) == [f"{number:02d}" for number in range(20)]


def test_within_a_task_it_is_one_session(marks: Profile) -> None:
    async def scenario(database: Database) -> None:
        async def deep() -> AsyncSession:
            return database.scoped_session()

        mine = database.scoped_session()
        assert await deep() is mine
        assert await asyncio.create_task(deep()) is not mine
        await database.scoped_session.remove()
        assert await deep() is not mine

    play(marks, scenario)


@pytest.mark.parametrize("ending", ["returns", "raises", "cancelled"])
def test_a_task_that_forgets_its_session_leaks_nothing(marks: Profile, ending: str) -> None:
    """Without ``remove()`` the session is rolled back and closed when its task ends, and is kept by nobody."""

    async def scenario(database: Database) -> None:
        written = asyncio.Event()

        async def forgetful() -> weakref.ref[AsyncSession]:
            await database.scoped_session.execute(writing("lost"))
            written.set()
            if ending == "raises":
                raise LookupError
            if ending == "cancelled":
                await asyncio.Event().wait()
            return weakref.ref(database.scoped_session())

        task = asyncio.create_task(forgetful())
        await written.wait()
        if ending == "cancelled":
            task.cancel()
        [ended] = await asyncio.gather(task, return_exceptions=True)
        await until(lambda: database.pool_figures().checked_out == 0)
        await until(lambda: not open_transactions(marks))
        assert not database.scoped_session.registry.registry
        if ending == "returns":
            assert isinstance(ended, weakref.ref)
            gc.collect()
            assert ended() is None

    play(marks, scenario, pool_size=1, pool_max_overflow=0)
    assert words(marks) == []


def test_many_forgetful_tasks_wait_for_each_other(marks: Profile) -> None:
    async def scenario(database: Database) -> None:
        async def forgetful() -> None:
            await database.scoped_session.execute(text("SELECT 1"))

        await asyncio.gather(*[forgetful() for _ in range(100)])
        await until(lambda: database.pool_figures().checked_out == 0)
        assert database.pool_figures().timeouts == 0

    play(marks, scenario, pool_size=2, pool_max_overflow=0)


def test_disposing_closes_the_session_of_the_task_itself(marks: Profile) -> None:
    async def scenario(database: Database) -> None:
        await database.scoped_session.execute(writing("lost"))
        await database.dispose()
        await until(lambda: rows(marks, OTHERS) == [])

    play(marks, scenario)
    assert words(marks) == []


def test_outside_of_a_task_it_says_so(local_database: Profile) -> None:
    async def scenario(database: Database) -> None:
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def callback() -> None:
            try:
                database.scoped_session()
            except RuntimeError as error:
                answer.set_result(str(error))

        asyncio.get_running_loop().call_soon(callback)
        assert "use session() in a coroutine" in await answer

    play(local_database, scenario)
