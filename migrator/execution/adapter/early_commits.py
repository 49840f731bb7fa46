"""Runs statements that take effect before their revision ends, in step with its journal."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from migrator.database.connection_reader import ConnectionReader
from migrator.database.patience import LOCK, Clock, attempts
from migrator.database.statements import LockClass, Statement, one_line
from migrator.events import InvalidIndexDropped, Listener
from migrator.execution.adapter.journaling import Emitted, Journal
from migrator.execution.adapter.timeouts import SessionTimeouts
from migrator.execution.half_applied import CannotGoOn
from migrator.execution.observing import Observer


class EarlyCommits:
    """Three ways to run such a statement, so that a death at any point leaves the truth in the journal.

    And what is done about one of which the journal does not say how it ended.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        timeouts: SessionTimeouts,
        observer: Observer,
        listen: Listener,
        own: Callable[[], AbstractContextManager[None]],
    ) -> None:
        """Prepare.

        Args:
            connection: the one that runs the revision.
            timeouts: of its session.
            observer: told what is waited for.
            listen: told of repairs.
            own: around this tool's own statements.

        """
        self._connection = connection
        self._dialect = connection.dialect
        self._timeouts = timeouts
        self._observer = observer
        self._listen = listen
        self._own = own

    def had_effect(self, journal: Journal, statement: Statement, emitted: Emitted) -> bool:
        """Ask the catalog about a statement that was begun, and write down the answer."""
        from migrator.database.probes import took_effect, unfinished_detach

        reader = ConnectionReader(self._connection)
        with self._own():
            self._await_end(lambda: journal.session_at_work(reader, emitted.digest), "another session that runs this")
            self._await_builder(statement)
            if finish := unfinished_detach(reader, statement):
                self._connection.exec_driver_sql(finish)
            found = took_effect(reader, statement)
            if found is None and not statement.repeatable:
                raise CannotGoOn(
                    f"nothing tells whether this took effect: {one_line(emitted.text, dialect=self._dialect.name)}"
                )
            if found:
                journal.confirm_digest(emitted.digest)
            else:
                journal.forget_doubtful(emitted.digest)
            return bool(found)

    def run_in_own_transaction(self, journal: Journal, execute: Callable[[], Emitted]) -> None:
        """A statement outside of a transaction that could be in one: it and its journal row take effect together."""
        with self._own():
            self._connection.exec_driver_sql("START TRANSACTION")
        try:
            ran = execute()
            with self._own():
                journal.done([ran])
                self._connection.exec_driver_sql("COMMIT")
        except Exception:
            with self._own(), suppress(SQLAlchemyError):
                self._connection.exec_driver_sql("ROLLBACK")
            self._timeouts.forget()
            raise

    def run_alone(
        self, journal: Journal, statement: Statement, emitted: Emitted, execute: Callable[[], Emitted]
    ) -> None:
        """A statement that no transaction can hold: what is intended is written down before it, and the end after."""
        with self._own():
            self._drop_rests(statement)
            position = journal.intend(emitted)
        try:
            ran = execute()
        except Exception:
            with self._own(), suppress(SQLAlchemyError):
                self._drop_rests(statement, told=False)
                journal.forget(position)
            raise
        with self._own():
            journal.confirm(position, ran)

    def run_committing(
        self, journal: Journal, uncommitted: list[Emitted], emitted: Emitted, execute: Callable[[], Emitted]
    ) -> None:
        """A statement that commits what stands before it: that, and the intention, in one; then the end of it."""
        with self._own():
            journal.done(uncommitted)
            uncommitted.clear()
            position = journal.intend(emitted)
        try:
            ran = execute()
        except Exception:
            with self._own(), suppress(SQLAlchemyError):
                journal.forget(position)
                self._commit_driver()
            raise
        with self._own():
            journal.confirm(position, ran)
            self._commit_driver()

    def _commit_driver(self) -> None:
        self._connection.connection.commit()

    def _await_builder(self, statement: Statement) -> None:
        """Wait for a session whose client has died, but which goes on building the very index."""
        from migrator.database.probes import index_builder

        reader = ConnectionReader(self._connection)
        if self._dialect.name == "postgresql":
            self._await_end(lambda: index_builder(reader, statement), f"another session that builds {statement.name}")

    def _await_end(self, at_work: Callable[[], int | None], whom: str) -> None:
        """Wait until no session is at work any more; nobody else has the migration lock, so that it will end."""
        if at_work() is None:
            return
        self._observer.statement(None, f"-- waiting for {whom}")
        try:
            for _ in attempts(LOCK, limit=math.inf, clock=Clock()):
                if at_work() is None:
                    return
        finally:
            self._observer.done()

    def _drop_rests(self, statement: Statement, *, told: bool = True) -> None:
        """Drop what a concurrent build that was cut half way has left, so that it can be built again."""
        if statement.lock is not LockClass.ONLINE or self._dialect.name != "postgresql":
            return
        from migrator.database.probes import invalid_index, reindex_leftovers

        reader = ConnectionReader(self._connection)
        self._await_builder(statement)
        index = invalid_index(reader, statement)
        for name in (*([index] if index else ()), *reindex_leftovers(reader, statement)):
            self._timeouts.require(LockClass.ONLINE)
            self._connection.exec_driver_sql(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
            if told:
                self._listen(InvalidIndexDropped(index=name))
