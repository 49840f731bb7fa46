"""Stands between a revision and the driver: each statement once, with the timeouts that it needs, and watched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from migrator.database.statements import Nature, Statement, read_statement
from migrator.events import Listener
from migrator.execution.adapter.early_commits import EarlyCommits
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
        self._early = EarlyCommits(connection, timeouts=timeouts, observer=observer, listen=listen, own=self.own)
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
        elif not self._is_done_already(self._journal, statement, emitted, context):
            self._run_journaled(self._journal, statement, emitted, cursor, run)
        return True

    def _is_done_already(self, journal: Journal, statement: Statement, emitted: Emitted, context: Any) -> bool:
        if self._replay is None or self._replay.is_over:
            return False
        judgement = self._replay.judge(text_digest=emitted.text_digest, digest=emitted.digest, verb=statement.verb)
        if judgement.verdict is Verdict.STOP:
            raise CannotGoOn(judgement.reason)
        done = judgement.verdict is Verdict.SKIP or (
            judgement.verdict is Verdict.DOUBT and self._early.had_effect(journal, statement, emitted)
        )
        if done and judgement.entry is not None:
            # A loop that asks how many rows a statement has changed gets the answer of the first time.
            context._rowcount = judgement.entry.row_count  # noqa: SLF001
        return done

    def _run_journaled(
        self, journal: Journal, statement: Statement, emitted: Emitted, cursor: Any, run: Callable[[], object]
    ) -> None:
        def execute() -> Emitted:
            return self._run(statement, emitted, cursor, run)

        if statement.commits:
            self._early.run_committing(journal, self._uncommitted, emitted, execute)
        elif not is_outside_transaction(self._connection):
            self._uncommitted.append(execute())
        elif statement.in_transaction and statement.nature in (Nature.DATA, Nature.SCHEMA):
            self._early.run_in_own_transaction(journal, execute)
        else:
            self._early.run_alone(journal, statement, emitted, execute)

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
