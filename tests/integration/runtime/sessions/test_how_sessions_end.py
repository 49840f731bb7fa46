"""A session is committed at the end of its block, taken back on any exception, and closed in every case."""

from __future__ import annotations

import gc
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from playing_sessions import TABLE, open_transactions, play, rows, run, words
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from migrator.profiles.model import Profile
from migrator.runtime import Database, SyncDatabase

OWN_PID = text("SELECT pg_backend_pid()")


class Refused(Exception):
    """The application's own exception."""


def writing(word: str) -> Any:
    return text("INSERT INTO marks VALUES (:word)").bindparams(word=word)


@pytest.fixture
def marks(database: Profile) -> Profile:
    """A database with the table ``marks``, on each server in turn."""
    run(database, TABLE)
    return database


Use = Callable[[AsyncSession], Awaitable[None]]


def use(profile: Profile, body: Use) -> int:
    """Use one session, and count the connections that are still out afterwards."""

    async def scenario(database: Database) -> int:
        try:
            async with database.session() as session:
                await body(session)
        finally:
            assert database.pool_figures().checked_out == 0
        return database.pool_figures().idle

    return play(profile, scenario)


def test_success_is_committed(marks: Profile) -> None:
    async def body(session: AsyncSession) -> None:
        await session.execute(writing("kept"))

    assert use(marks, body) == 1
    assert words(marks) == ["kept"]


@pytest.mark.parametrize("failure", [Refused, KeyboardInterrupt, SystemExit])
def test_any_exception_takes_back_and_goes_on(marks: Profile, failure: type[BaseException]) -> None:
    async def body(session: AsyncSession) -> None:
        await session.execute(writing("lost"))
        raise failure("as it was raised")

    with pytest.raises(failure, match="as it was raised"):
        use(marks, body)
    assert words(marks) == []


def test_what_was_committed_in_the_middle_stays(marks: Profile) -> None:
    async def body(session: AsyncSession) -> None:
        await session.execute(writing("first"))
        await session.commit()
        await session.execute(writing("second"))
        raise Refused

    with pytest.raises(Refused):
        use(marks, body)
    assert words(marks) == ["first"]


def test_a_session_may_be_committed_or_closed_by_hand(marks: Profile) -> None:
    async def body(session: AsyncSession) -> None:
        await session.execute(writing("by hand"))
        await session.commit()
        await session.close()

    assert use(marks, body) == 1
    assert words(marks) == ["by hand"]


def test_after_a_failed_statement_the_next_session_is_clean(marks: Profile) -> None:
    async def scenario(database: Database) -> None:
        async def twice() -> None:
            async with database.session() as session:
                await session.execute(writing("twice"))
                await session.execute(writing("twice"))

        with pytest.raises(IntegrityError):
            await twice()
        async with database.session() as session:
            await session.execute(writing("after"))
        assert database.pool_figures().checked_out == 0

    play(marks, scenario, pool_size=1, pool_max_overflow=0)
    assert words(marks) == ["after"]


def test_a_savepoint_is_taken_back_alone(marks: Profile) -> None:
    async def body(session: AsyncSession) -> None:
        await session.execute(writing("outer"))
        with pytest.raises(IntegrityError):
            async with session.begin_nested():
                await session.execute(writing("outer"))
        await session.execute(writing("after"))

    use(marks, body)
    assert words(marks) == ["after", "outer"]


def test_what_fails_at_the_commit_is_raised_and_taken_back(postgres_database: Profile) -> None:
    run(
        postgres_database,
        "CREATE TABLE marks (word varchar(40), CONSTRAINT one UNIQUE (word) DEFERRABLE INITIALLY DEFERRED)",
    )

    async def body(session: AsyncSession) -> None:
        await session.execute(writing("same"))
        await session.execute(writing("same"))

    with pytest.raises(IntegrityError):
        use(postgres_database, body)
    assert words(postgres_database) == []
    assert open_transactions(postgres_database) == []


def test_a_rollback_that_fails_does_not_hide_the_cause(postgres_database: Profile) -> None:
    """The server has ended the connection: the caller still gets the exception that it raised, with a note."""

    async def body(session: AsyncSession) -> None:
        pid = await session.scalar(OWN_PID)
        assert rows(postgres_database, f"SELECT pg_terminate_backend({pid}, 60000)") == [(True,)]
        raise Refused("the reason")

    with pytest.raises(Refused, match="the reason"):
        use(postgres_database, body)


def test_a_connection_lost_in_the_middle_is_not_kept(postgres_database: Profile) -> None:
    async def scenario(database: Database) -> None:
        async def lost() -> None:
            async with database.session() as session:
                pid = await session.scalar(OWN_PID)
                assert rows(postgres_database, f"SELECT pg_terminate_backend({pid}, 60000)") == [(True,)]
                await session.execute(text("SELECT 1"))

        with pytest.raises(DBAPIError, match=r"(?i)clos|terminat"):
            await lost()
        assert database.pool_figures().checked_out == 0
        async with database.session() as session:
            assert await session.scalar(text("SELECT 1")) == 1

    play(postgres_database, scenario, pool_size=1, pool_max_overflow=0, pool_pre_ping=False)


def test_the_synchronous_twin_commits_and_takes_back(marks: Profile) -> None:
    with SyncDatabase(marks, root=Path.cwd()) as database:

        def use_it(failure: type[BaseException]) -> None:
            with database.session() as session:
                session.execute(writing("lost"))
                raise failure

        with database.session() as session:
            session.execute(writing("kept"))
        for failure in (Refused, KeyboardInterrupt):
            with pytest.raises(failure):
                use_it(failure)
        with pytest.raises(IntegrityError), database.session() as session:
            session.execute(writing("kept"))
        assert database.pool_figures().checked_out == 0
    assert words(marks) == ["kept"]


def test_the_synchronous_twin_hides_no_cause(local_database: Profile) -> None:
    profile = replace(local_database, pool_size=1, pool_max_overflow=0)
    with SyncDatabase(profile, root=Path.cwd()) as database:

        def lose_it() -> None:
            with database.session() as session:
                pid = session.scalar(OWN_PID)
                rows(local_database, f"SELECT pg_terminate_backend({pid}, 60000)")
                raise Refused("the reason")

        with pytest.raises(Refused, match="the reason"):
            lose_it()
        with database.session() as session:
            assert session.scalar(text("SELECT 1")) == 1
        assert database.pool_figures().checked_out == 0


def test_a_thread_that_forgets_its_scoped_session_leaks_nothing(marks: Profile) -> None:
    """SQLAlchemy keeps it with the thread: it is collected when the thread ends, and its connection reset."""
    with SyncDatabase(replace(marks, pool_size=1, pool_max_overflow=0), root=Path.cwd()) as database:
        for _ in range(3):
            thread = Thread(target=lambda: database.scoped_session.execute(writing("lost")))
            thread.start()
            thread.join()
            gc.collect()
            assert database.pool_figures().checked_out == 0
        with database.session() as session:
            session.execute(writing("kept"))
    assert words(marks) == ["kept"]
