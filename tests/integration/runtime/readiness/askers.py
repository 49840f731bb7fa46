"""An application that asks whether its schema suits it, asynchronous or not, in one language."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from migrator.database.connecting import connect
from migrator.profiles.model import Profile
from migrator.runtime import Database, Readiness, SyncDatabase


class Asker:
    """One of the two twins; its answers are awaited here."""

    def __init__(self, root: Path, *, asynchronous: bool, name: str = "local") -> None:
        self.database = (Database if asynchronous else SyncDatabase).from_profile(name, root=root)
        self._runner = asyncio.Runner()

    @property
    def engine(self) -> Engine:
        """The engine, whose events count statements."""
        engine = self.database.engine
        return engine if isinstance(engine, Engine) else engine.sync_engine

    def _awaited(self, answer: Any) -> Any:
        async def wait() -> Any:
            return await answer

        return self._runner.run(wait()) if asyncio.iscoroutine(answer) else answer

    def readiness(self, revision: str = "heads") -> Readiness:
        """Look once."""
        found = self._awaited(self.database.readiness(revision))
        assert isinstance(found, Readiness)
        return found

    def require_head(self, revision: str = "heads", *, timeout: float = 0.0) -> Readiness:
        """Wait."""
        found = self._awaited(self.database.require_head(revision, timeout=timeout))
        assert isinstance(found, Readiness)
        return found

    def ask(self, question: str) -> Any:
        """The only value of an answer."""
        if isinstance(self.database, SyncDatabase):
            with self.database.engine.connect() as connection:
                return connection.exec_driver_sql(question).scalar()
        return self._awaited(_scalar(self.database, question))

    def dispose(self) -> None:
        """Close its connections."""
        self._awaited(self.database.dispose())
        self._runner.close()


async def _scalar(database: Database, question: str) -> Any:
    async with database.engine.connect() as connection:
        return (await connection.exec_driver_sql(question)).scalar()


@contextmanager
def asking(root: Path, *, asynchronous: bool, name: str = "local") -> Iterator[Asker]:
    """An application on a profile of a project; its connections are closed afterwards."""
    asker = Asker(root, asynchronous=asynchronous, name=name)
    try:
        yield asker
    finally:
        asker.dispose()


@contextmanager
def statements(asker: Asker) -> Iterator[list[str]]:
    """What is handed to the driver meanwhile, beginnings and ends of transactions included."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(" ".join(statement.split()))

    event.listen(asker.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(asker.engine, "before_cursor_execute", note)


def run(profile: Profile, *orders: str) -> None:
    """Run statements on the server, each committed by itself."""
    with connect(profile) as connection:
        for order in orders:
            connection.execute(order)


def fetch(profile: Profile, question: str) -> list[tuple[Any, ...]]:
    """Rows of an answer."""
    with connect(profile) as connection:
        return [tuple(row) for row in connection.fetch(question)]


def stamp(profile: Profile, *revisions: str, table: str = "alembic_version") -> None:
    """Write a version table as Alembic does, without a ledger."""
    run(
        profile,
        f"DROP TABLE IF EXISTS {table}",
        f"CREATE TABLE {table} (version_num VARCHAR(32) NOT NULL PRIMARY KEY)",
        *(f"INSERT INTO {table} VALUES ('{revision}')" for revision in revisions),
    )


def eventually(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    """Wait until something is so that only the server can tell."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it never came to be"
        time.sleep(0.05)
