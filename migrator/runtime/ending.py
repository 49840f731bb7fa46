"""How sessions end: whatever happens to the task that used one, its transaction is over and its connection is free."""

from __future__ import annotations

import asyncio
from asyncio import Task, current_task
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.exc import IllegalStateChangeError
from sqlalchemy.ext.asyncio import AsyncSession, async_scoped_session, async_sessionmaker
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from migrator.redaction import redact

_FIRST_PAUSE = 0.01
_LONGEST_PAUSE = 1.0
"""Seconds between attempts to close a session that another task is in the middle of using."""


class Endings:
    """The ends of sessions that nobody waits for any more; the loop itself would not keep them alive."""

    def __init__(self) -> None:
        self._left: set[Task[None]] = set()

    def begin(self, work: Coroutine[Any, Any, None]) -> Task[None]:
        """Start work that goes on although nobody waits for it."""
        task = asyncio.ensure_future(work)
        self._left.add(task)
        task.add_done_callback(self._ended)
        return task

    async def see_to(self, work: Coroutine[Any, Any, None]) -> None:
        """Await work that must happen: when the waiting task is cancelled again, it goes on without it."""
        await asyncio.shield(self.begin(work))

    async def wait(self) -> None:
        """Await what was begun."""
        await asyncio.gather(*self._left, return_exceptions=True)

    def _ended(self, task: Task[None]) -> None:
        self._left.discard(task)
        if not task.cancelled():
            task.exception()  # read, or the loop reports it: a connection that fails here is thrown away all the same


def keep_no_open_transaction(engine: Engine) -> None:
    """Throw a connection away that comes back to the pool with a transaction open on the server.

    For asyncpg alone: where two tasks share a session, a commit may fail because the other's statement is running.
    SQLAlchemy then believes that the transaction is over, and each later use of the connection would fail.
    """

    @event.listens_for(engine, "checkin")
    def look(connection: Any, record: ConnectionPoolEntry) -> None:
        if connection is not None and connection.driver_connection.is_in_transaction():
            record.invalidate()


def close_now(session: Session) -> None:
    """Close a session so that its connection is free even where the server does not take back what was open.

    Raises:
        SQLAlchemyError: it did not; the connection was thrown away.

    """
    transaction = session.get_transaction()
    try:
        session.close()
    except IllegalStateChangeError:
        raise
    except Exception:
        # The session has forgotten its transaction by now, which still holds the connection.
        if transaction is not None:
            transaction.close(invalidate=True)
        raise


def take_back_now(session: Session, cause: BaseException) -> None:
    """Roll back and close. Should that fail too, the cause is still what the caller hears of: the server takes back."""
    with _told_with(cause):
        try:
            session.rollback()
        finally:
            close_now(session)


async def close(session: AsyncSession) -> None:
    """Close a session as soon as no other task, with which it is shared by mistake, is in the middle of a change.

    Raises:
        SQLAlchemyError: see `close_now`.

    """
    pause = _FIRST_PAUSE
    while True:
        try:
            return await session.run_sync(close_now)
        except IllegalStateChangeError:
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE)


async def take_back(session: AsyncSession, cause: BaseException) -> None:
    """Roll back and close: see `take_back_now`."""
    with _told_with(cause):
        try:
            await session.rollback()
        finally:
            await close(session)


@contextmanager
def _told_with(cause: BaseException) -> Iterator[None]:
    try:
        yield
    except Exception as failure:  # noqa: BLE001 - whatever a driver says of a connection that is lost
        cause.add_note(f"The rollback failed as well: {redact(str(failure))}")


def sessions_of_tasks(
    factory: async_sessionmaker[AsyncSession], endings: Endings
) -> async_scoped_session[AsyncSession]:
    """One session for each task: rolled back and closed when the task ends without ``remove()``."""

    def ended(task: Task[Any]) -> None:
        session = sessions.registry.registry.pop(task, None)
        if session is not None:
            endings.begin(close(session))

    def this_task() -> Task[Any]:
        task = current_task()
        if task is None:
            raise RuntimeError("scoped_session belongs to a task, and none is running: use session() in a coroutine.")
        task.remove_done_callback(ended)  # it is added once, however often a task comes here
        task.add_done_callback(ended)
        return task

    sessions = async_scoped_session(factory, scopefunc=this_task)
    return sessions
