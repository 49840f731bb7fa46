"""Stands between a revision and the driver: each statement once, with the timeouts that it needs, and watched."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import SQLAlchemyError

from migrator.database.patience import LOCK, Clock, attempts
from migrator.database.statements import LockClass, Nature, Statement, one_line, read_statement
from migrator.events import InvalidIndexDropped, Listener
from migrator.execution.adapter.connections import ConnectionReader
from migrator.execution.adapter.journaling import Emitted, Journal
from migrator.execution.adapter.sessions import is_outside_transaction, session_of
from migrator.execution.adapter.timeouts import SessionTimeouts
from migrator.execution.half_applied import CannotGoOn
from migrator.execution.observing import Observer
from migrator.execution.replay import Replay, Verdict

_HARMLESS = (Nature.READ, Nature.SETTING)


class StatementGuard:
    """Every statement of a revision passes here on its way to the driver (SQLAlchemy's ``do_execute`` events).

    What runs in the revision's own transaction is only timed and watched: it takes effect with the version row or not
    at all. What is committed before that goes into the journal, in a way that a death at any point leaves the truth.
    """

    def __init__(
        self, connection: Connection, *, timeouts: SessionTimeouts, observer: Observer, listen: Listener
    ) -> None:
        self.running = ""
        """The statement that was sent last, without values."""
        self._connection = connection
        self._dialect = connection.dialect
        self._timeouts = timeouts
        self._observer = observer
        self._listen = listen
        self.session = session_of(connection)
        """The server's name for the connection."""
        self._journal: Journal | None = None
        self._replay: Replay | None = None
        self._uncommitted: list[Emitted] = []
        """What the transaction at hand has changed so far."""
        self._savepoints: list[tuple[str, int]] = []
        self._passes = True
        """Nothing is looked at: the statements are this tool's own."""
        self._hands_off = False
        """The revision sets its timeouts by itself."""
        self.has_left_something = False
        """Something was committed of which nothing is written down, so that the revision cannot be run again."""

    @contextmanager
    def attached(self) -> Iterator[None]:
        """Stand there for the time of a ``with`` block."""
        listeners: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
            (self._connection.engine, "do_execute", self._one),
            (self._connection.engine, "do_executemany", self._many),
            (self._connection.engine, "do_execute_no_params", self._plain),
            (self._connection, "commit", self._committing),
            (self._connection, "rollback", self._rolled_back),
            (self._connection, "savepoint", self._savepoint),
            (self._connection, "rollback_savepoint", self._rolled_back_to),
        )
        for target, name, listener in listeners:
            event.listen(target, name, listener)
        try:
            yield
        finally:
            for target, name, listener in listeners:
                event.remove(target, name, listener)

    @contextmanager
    def guarding(self, journal: Journal | None, replay: Replay | None) -> Iterator[None]:
        """Guard the statements of one revision for the time of a ``with`` block.

        Args:
            journal: of the revision; None: nothing is written down, and what is cut half way stays so.
            replay: what an earlier run of it has done; None: nothing.

        """
        self._journal, self._replay = journal, replay
        self._uncommitted.clear()
        self._savepoints.clear()
        self._hands_off = self._passes = self.has_left_something = False
        try:
            yield
        finally:
            self._passes = True
            self._journal = self._replay = None

    @contextmanager
    def own(self) -> Iterator[None]:
        """This tool's own statements and commits, for the time of a ``with`` block."""
        passed, self._passes = self._passes, True
        try:
            yield
        finally:
            self._passes = passed

    def conclude(self) -> None:
        """The revision's function has returned; what follows is this tool's.

        Raises:
            CannotGoOn: an earlier run did something that the revision no longer does.

        """
        self._passes = True
        if self._replay is not None:
            judgement = self._replay.conclude()
            if judgement.verdict is Verdict.STOP:
                raise CannotGoOn(judgement.reason)

    def _one(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool | None:
        if self._passes or context.root_connection is not self._connection:
            return None
        run = self._dialect.do_execute
        return self._take(cursor, statement, parameters, context, lambda: run(cursor, statement, parameters, context))

    def _many(self, cursor: Any, statement: str, parameters: Any, context: Any) -> bool | None:
        if self._passes or context.root_connection is not self._connection:
            return None
        run = self._dialect.do_executemany
        return self._take(cursor, statement, parameters, context, lambda: run(cursor, statement, parameters, context))

    def _plain(self, cursor: Any, statement: str, context: Any) -> bool | None:
        if self._passes or context.root_connection is not self._connection:
            return None
        run = self._dialect.do_execute_no_params
        return self._take(cursor, statement, None, context, lambda: run(cursor, statement, context))

    def _take(self, cursor: Any, text: str, values: Any, context: Any, run: Callable[[], object]) -> bool:
        statement = read_statement(text, self._dialect.name)
        if statement.nature in _HARMLESS:
            self._hands_off = self._hands_off or statement.sets_lock_timeout
            self._watched(text, run)
            return True
        if statement.nature is Nature.TRANSACTION:
            self._transaction_control(statement)
            run()
            return True
        emitted = Emitted(text, values)
        if self._journal is None:
            alone = statement.commits or is_outside_transaction(self._connection)
            self._run(statement, emitted, cursor, run)
            self.has_left_something = self.has_left_something or alone
        elif not self._is_done_already(statement, emitted, context):
            self._run_journaled(self._journal, statement, emitted, cursor, run)
        return True

    def _is_done_already(self, statement: Statement, emitted: Emitted, context: Any) -> bool:
        if self._replay is None or self._replay.is_over:
            return False
        judgement = self._replay.judge(text_digest=emitted.text_digest, digest=emitted.digest, verb=statement.verb)
        if judgement.verdict is Verdict.STOP:
            raise CannotGoOn(judgement.reason)
        done = judgement.verdict is Verdict.SKIP or (
            judgement.verdict is Verdict.DOUBT and self._had_effect(statement, emitted)
        )
        if done and judgement.entry is not None:
            # A loop that asks how many rows a statement has changed gets the answer of the first time.
            context._rowcount = judgement.entry.row_count  # noqa: SLF001
        return done

    def _had_effect(self, statement: Statement, emitted: Emitted) -> bool:
        """Ask the catalog about a statement that was begun, and write down the answer."""
        from migrator.database.probes import took_effect, unfinished_detach

        assert self._journal is not None  # noqa: S101 - there is no replay without a journal
        journal, reader = self._journal, ConnectionReader(self._connection)
        with self.own():
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

    def _run_journaled(
        self, journal: Journal, statement: Statement, emitted: Emitted, cursor: Any, run: Callable[[], object]
    ) -> None:
        if statement.commits:
            self._run_committing(journal, statement, emitted, cursor, run)
        elif not is_outside_transaction(self._connection):
            self._uncommitted.append(self._run(statement, emitted, cursor, run))
        elif statement.in_transaction and statement.nature in (Nature.DATA, Nature.SCHEMA):
            self._run_in_own_transaction(journal, statement, emitted, cursor, run)
        else:
            self._run_alone(journal, statement, emitted, cursor, run)

    def _run_in_own_transaction(
        self, journal: Journal, statement: Statement, emitted: Emitted, cursor: Any, run: Callable[[], object]
    ) -> None:
        """A statement outside of a transaction that could be in one: it and its journal row take effect together."""
        with self.own():
            self._connection.exec_driver_sql("START TRANSACTION")
        try:
            ran = self._run(statement, emitted, cursor, run)
            with self.own():
                journal.done([ran])
                self._connection.exec_driver_sql("COMMIT")
        except Exception:
            with self.own(), suppress(SQLAlchemyError):
                self._connection.exec_driver_sql("ROLLBACK")
            self._timeouts.forget()
            raise

    def _run_alone(
        self, journal: Journal, statement: Statement, emitted: Emitted, cursor: Any, run: Callable[[], object]
    ) -> None:
        """A statement that no transaction can hold: what is intended is written down before it, and the end after."""
        with self.own():
            self._drop_rests(statement)
            position = journal.intend(emitted)
        try:
            ran = self._run(statement, emitted, cursor, run)
        except Exception:
            with self.own(), suppress(SQLAlchemyError):
                self._drop_rests(statement, told=False)
                journal.forget(position)
            raise
        with self.own():
            journal.confirm(position, ran)

    def _run_committing(
        self, journal: Journal, statement: Statement, emitted: Emitted, cursor: Any, run: Callable[[], object]
    ) -> None:
        """A statement that commits what stands before it: that, and the intention, in one; then the end of it."""
        with self.own():
            journal.done(self._uncommitted)
            self._uncommitted.clear()
            position = journal.intend(emitted)
        try:
            ran = self._run(statement, emitted, cursor, run)
        except Exception:
            with self.own(), suppress(SQLAlchemyError):
                journal.forget(position)
                self._commit_driver()
            raise
        with self.own():
            journal.confirm(position, ran)
            self._commit_driver()

    def _commit_driver(self) -> None:
        self._connection.connection.commit()

    def _run(self, statement: Statement, emitted: Emitted, cursor: Any, run: Callable[[], object]) -> Emitted:
        if not self._hands_off:
            with self.own():
                self._timeouts.require(statement.lock)
        self._watched(emitted.text, run, patience=self._timeouts.strong or None)
        returns_rows = cursor.description is not None
        return Emitted(emitted.text, emitted.values, returns_rows=returns_rows, row_count=cursor.rowcount)

    def _watched(self, text: str, run: Callable[[], object], *, patience: float | None = None) -> None:
        self.running = text
        self._observer.statement(self.session, text, patience)
        try:
            run()
        finally:
            self._observer.done()

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

    def _transaction_control(self, statement: Statement) -> None:
        """A revision that says COMMIT or ROLLBACK as text."""
        if statement.verb.startswith(("COMMIT", "END")):
            self._write_down_uncommitted()
        elif statement.verb in ("ROLLBACK", "ABORT"):
            self._uncommitted.clear()
            self._timeouts.forget()

    def _committing(self, _connection: Connection) -> None:
        if not self._passes:
            self._write_down_uncommitted()

    def _write_down_uncommitted(self) -> None:
        if self._journal is None:
            self.has_left_something = True
        elif self._uncommitted:
            with self.own():
                self._journal.done(self._uncommitted)
            self._uncommitted.clear()
            self._savepoints.clear()

    def _rolled_back(self, _connection: Connection) -> None:
        self._uncommitted.clear()
        self._savepoints.clear()
        self._timeouts.forget()

    def _savepoint(self, _connection: Connection, name: str) -> None:
        self._savepoints.append((name, len(self._uncommitted)))

    def _rolled_back_to(self, _connection: Connection, name: str, _context: None) -> None:
        self._timeouts.forget()
        for known, length in reversed(self._savepoints):
            if known == name:
                del self._uncommitted[length:]
                return
