"""Sessions that play the application, and a run that is observed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import psycopg

from migrator.database.connecting import connect
from migrator.database.light import LightConnection
from migrator.events import Event
from migrator.execution.observing import Observer
from migrator.profiles.model import Profile

E = TypeVar("E")


@dataclass
class Stage:
    """A database with a table ``t``, and who is connected to it."""

    profile: Profile
    events: list[Event] = field(default_factory=list)
    _open: ExitStack = field(default_factory=ExitStack)
    _threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(max_workers=20))

    def session(self, application: str = "web", **settings: Any) -> psycopg.Connection[Any]:
        """A session in autocommit, closed at the end of the test."""
        profile = self.profile
        connection = psycopg.connect(
            **{
                "host": profile.host,
                "port": profile.port,
                "user": profile.user,
                "dbname": profile.database,
                "password": profile.password.reveal() if profile.password else None,
                "application_name": application,
                "autocommit": True,
                **settings,
            }
        )
        self._open.callback(connection.close)
        return connection

    def reader_in_transaction(self, application: str = "web") -> psycopg.Connection[Any]:
        """A session that is idle in a transaction which has read ``t``."""
        connection = self.session(application)
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM t WHERE id = 4711")
        return connection

    def later(self, work: Callable[..., E], *arguments: Any) -> Future[E]:
        """Do something in a thread."""
        return self._threads.submit(work, *arguments)

    def open_it(self, **settings: Any) -> Callable[[], LightConnection]:
        """What opens the observer's connection."""
        return lambda: connect(self.profile, application_name="observer", **settings)

    @contextmanager
    def observer(
        self,
        *,
        open_it: Callable[[], LightConnection] | None = None,
        victim_budget: float = 0.0,
        kill_after: float | None = None,
    ) -> Iterator[Observer]:
        """An observer of the revision ``a1``."""
        with Observer(
            open_it or self.open_it(), listen=self.events.append, victim_budget=victim_budget, kill_after=kill_after
        ) as observer:
            observer.step("a1")
            yield observer

    def told(self, kind: type[E]) -> list[E]:
        """The events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def close(self) -> None:
        """End every session on the server, so that every thread which waits for one ends too."""
        with connect(self.profile) as reader:
            reader.fetch(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        self._threads.shutdown()
        self._open.close()


@contextmanager
def stage_of(profile: Profile) -> Iterator[Stage]:
    """A stage, cleared at the end."""
    stage = Stage(profile)
    try:
        with connect(profile) as connection:
            connection.execute("CREATE TABLE t (id integer)")
        yield stage
    finally:
        stage.close()


def observed(
    observer: Observer, connection: psycopg.Connection[Any], statement: str, patience: float | None = None
) -> None:
    """Run a statement as a revision does."""
    observer.statement(connection.info.backend_pid, statement, patience)
    try:
        connection.execute(statement)
    finally:
        observer.done()


def seconds_of(work: Callable[..., object], *arguments: Any) -> float:
    """How long something takes."""
    began = time.monotonic()
    work(*arguments)
    return time.monotonic() - began


def eventually(condition: Callable[[], bool], *, seconds: float = 20) -> None:
    """Wait until something is so."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it never came to be"
        time.sleep(0.02)


def waits(profile: Profile, session: int, *, for_what: str = "Lock") -> bool:
    """Whether a session waits for a lock."""
    with connect(profile) as connection:
        return bool(
            connection.fetch(
                "SELECT 1 FROM pg_stat_activity WHERE pid = CAST(? AS integer) AND wait_event_type = ?",
                session,
                for_what,
            )
        )
