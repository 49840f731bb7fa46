"""An application's database in a test: opened as an application does, looked at from outside."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Engine, event

from migrator.database.connecting import connect
from migrator.profiles.model import Profile
from migrator.runtime import Database

T = TypeVar("T")
PATIENCE = 60.0
"""Seconds after which a test gives up waiting for what must happen."""
TABLE = "CREATE TABLE marks (word varchar(40) PRIMARY KEY)"

OTHERS = (
    "SELECT pid, state, query FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


def play(profile: Profile, scenario: Callable[[Database], Awaitable[T]], **settings: Any) -> T:
    """Run a scenario on the database of a profile, with other settings than the profile's, and dispose of it.

    The threads of aiosqlite tell the loop of their end: it has to be there, for one that was cancelled early as well.
    """

    async def run() -> T:
        async with Database(replace(profile, **settings), root=Path.cwd()) as database:
            found = await scenario(database)
        await until(lambda: not any("_connection_worker_thread" in each.name for each in threading.enumerate()))
        return found

    return asyncio.run(run())


def rows(profile: Profile, query: str) -> list[tuple[Any, ...]]:
    """What another connection reads at this moment."""
    with connect(profile) as connection:
        return [tuple(row) for row in connection.fetch(query)]


def words(profile: Profile) -> list[str]:
    """The words in ``marks``, as another connection sees them."""
    return [str(word) for (word,) in rows(profile, "SELECT word FROM marks ORDER BY word")]


def run(profile: Profile, *statements: str) -> None:
    """Execute statements, each committed."""
    with connect(profile) as connection:
        for statement in statements:
            connection.execute(statement)


async def until(is_so: Callable[[], Any]) -> None:
    """Let the loop go on until something is so; it is asked in a thread."""
    ends = time.monotonic() + PATIENCE
    while not await asyncio.to_thread(is_so):
        assert time.monotonic() < ends, f"{is_so} never came true"
        await asyncio.sleep(0.01)


def open_transactions(profile: Profile) -> list[tuple[Any, ...]]:
    """Sessions of the application in which something is open or runs, as the server sees them."""
    return [each for each in rows(profile, OTHERS) if each[1] != "idle"]


def waits_for_a_lock(profile: Profile) -> bool:
    """Whether a session of the application waits for a lock now."""
    query = OTHERS + " AND wait_event_type = 'Lock'"
    return rows(profile, query) != []


@contextmanager
def statements_of(engine: Engine) -> Iterator[list[str]]:
    """The statements that go to the server meanwhile, BEGIN and COMMIT aside."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
