"""Moves one database up and down at a caller's word, inside one run of ``env.py``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import Connection, ExceptionContext, event
from sqlalchemy.exc import SQLAlchemyError

from migrator import RevisionOptions
from migrator.chain.model import Chain, Revision
from migrator.database.connection_reader import ConnectionReader
from migrator.database.failures import codes_of
from migrator.errors import UsageError
from migrator.execution.adapter.binding import Binding
from migrator.execution.adapter.connections import connection_of, settle
from migrator.execution.adapter.environment import MigrationContext, MigrationStep
from migrator.execution.adapter.running import EnvironmentRun, run_environment
from migrator.execution.adapter.sqlite import begin_where_the_driver_does_not
from migrator.execution.adapter.steps import script_directory, step_of
from migrator.execution.adapter.translation import nothing_run
from migrator.execution.adapter.version_table import VersionTableWriter
from migrator.execution.version_rows import VersionRows
from migrator.interruption import ended_by_signal
from migrator.project import Project

_ABORTED: Final = "25P02"
"""SQLSTATE of what comes after a refused statement in the same transaction."""
_NONE_MADE: Final[Mapping[Any, set[Any]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Moved:
    """How one step went."""

    seconds: float
    error: Exception | None = None
    """What the revision, or the server, raised; the step's transaction was rolled back.

    Where the revision has passed over what the server refused, and PostgreSQL then refused all else, the first refusal.
    """
    alone: Exception | None = None
    """What it raised in a run of its own, and not in the run that has also applied what is below it."""


class Walk:
    """The database of one run of ``env.py``, moved step by step.

    Each step is what an upgrade or downgrade makes of it: a transaction of its own with its version rows, committed
    when the call returns. There is no ledger, no lock and no second attempt, since the database is nobody else's.
    """

    def __init__(
        self, context: MigrationContext, chain: Chain, *, own_commits: bool, arguments: dict[str, Any]
    ) -> None:
        """Prepare.

        Args:
            context: configured by ``env.py``.
            chain: the revision files.
            own_commits: False: ``env.py`` holds a transaction around everything.
            arguments: what ``env.py`` hands to every ``upgrade()``.

        """
        self._context = context
        self._chain = chain
        self._own_commits = own_commits
        self._arguments = arguments
        self._connection = connection_of(context)
        self._made: dict[Any, set[Any]] = {}
        """The types that were made so far, as SQLAlchemy notes them in Alembic's memo."""
        self.is_usable = True
        """False: the connection was lost."""
        self.statements: list[str] = []
        """What the last step has sent to the server, as text."""
        context.impl.start_migrations()
        if self._connection.dialect.name == "postgresql":
            # A crash loses nothing of a database that is thrown away.
            self._connection.exec_driver_sql("SET synchronous_commit = off")
        if not context.get_current_heads():
            context._ensure_version_table()  # noqa: SLF001
        self._writer = VersionTableWriter(context, self._connection)
        self._read_rows()
        self._refused: Exception | None = None
        """What the server refused last in this step for a reason of its own, and not for an earlier refusal."""
        event.listen(self._connection, "before_cursor_execute", self._note)
        event.listen(self._connection.engine, "handle_error", self._note_refusal)

    @property
    def version_table(self) -> str:
        """Name of the table with the applied revisions."""
        return str(self._context.version_table)

    @property
    def version_table_schema(self) -> str | None:
        """Its schema, where ``env.py`` names one."""
        schema = self._context.version_table_schema
        return None if schema is None else str(schema)

    @property
    def rows(self) -> tuple[str, ...]:
        """What the version table holds, as far as the steps tell; sorted."""
        return tuple(sorted(self._rows.rows))

    @property
    def reader(self) -> ConnectionReader | None:
        """What alone can see the steps, where ``env.py`` holds a transaction; None: any connection can."""
        return None if self._own_commits else ConnectionReader(self._connection)

    def options(self, revision: Revision) -> RevisionOptions:
        """What a revision declares about how it is to be run; the file is executed for it.

        Raises:
            Exception: whatever importing the file raises.

        """
        declared = getattr(script_directory(self._context).get_revision(revision.id).module, "migrator", None)
        return declared if isinstance(declared, RevisionOptions) else RevisionOptions()

    def up(self, revision: Revision) -> Moved:
        """Run ``upgrade()`` of a revision that everything below is applied of.

        First as in a command of its own, as a database that is at its parent meets it; if that fails, as in the one
        command that a new database is made with.
        """
        moved = self._step(revision, upgrade=True)
        if moved.error is not None and self._made and self.is_usable:
            together = self._step(revision, upgrade=True, made=self._made)
            if str(together.error) != str(moved.error):
                moved = replace(together, alone=moved.error)
        for kind, names in self._context.impl.memo.items():
            self._made.setdefault(kind, set()).update(names)
        return moved

    def down(self, revision: Revision) -> Moved:
        """Run ``downgrade()`` of a revision that nothing applied stands on."""
        return self._step(revision, upgrade=False)

    def _step(self, revision: Revision, *, upgrade: bool, made: Mapping[Any, set[Any]] = _NONE_MADE) -> Moved:
        started = time.perf_counter()
        self.statements.clear()
        self._refused = None
        # For as long as a context of Alembic lives, no type is made twice: not even one that a downgrade() has dropped.
        memo = self._context.impl.memo
        memo.clear()
        memo.update({kind: set(names) for kind, names in made.items()})
        try:
            self._run(revision, upgrade=upgrade)
        except Exception as error:
            signal = ended_by_signal(error)
            if signal is not None:
                raise signal from error
            seconds = time.perf_counter() - started
            error = self._first_refusal(error)
            self._recover()
            return Moved(seconds, error)
        return Moved(time.perf_counter() - started)

    def _run(self, revision: Revision, *, upgrade: bool) -> None:
        context, connection = self._context, self._connection
        step = step_of(context, revision, upgrade=upgrade)
        change = self._rows.apply(revision.id) if upgrade else self._rows.revert(revision.id)
        within = nullcontext() if self._own_commits else connection.begin_nested()
        with within, context.begin_transaction(_per_migration=True):
            if self._own_commits:
                begin_where_the_driver_does_not(connection, revision)
            step.migration_fn(**self._arguments)
            sent = len(self.statements)
            self._writer.write(change, others_follow=False)
            del self.statements[sent:]
            for callback in context.on_version_apply_callbacks:
                callback(ctx=context, step=step.info, heads=set(self._rows.rows), run_args=self._arguments)
        if self._own_commits:
            # A revision that commits by itself ends Alembic's transaction: what came after it is committed here.
            settle(connection)

    def _note(self, _connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
        self.statements.append(statement)

    def _note_refusal(self, context: ExceptionContext) -> None:
        refused = context.sqlalchemy_exception
        if refused is not None and codes_of(context.original_exception)[0] != _ABORTED:
            self._refused = refused

    def _first_refusal(self, error: Exception) -> Exception:
        """What has ended the transaction, where an error only tells that something has."""
        refused = self._refused
        if refused is None or refused is error or codes_of(error)[0] != _ABORTED:
            return error
        refused.add_note("the revision went on after it, in a transaction that takes no more statements")
        return refused

    def _recover(self) -> None:
        """After a failure the version table alone knows where the database is."""
        try:
            if self._own_commits:
                self._connection.rollback()
            self._read_rows()
        except SQLAlchemyError:
            self.is_usable = False

    def _read_rows(self) -> None:
        self._rows = VersionRows(self._chain, self._context.get_current_heads())
        if self._own_commits:
            self._connection.commit()


Tour = Callable[[Walk], None]
"""What is done with a walk: it drives it from its beginning to its end."""


def walk(project: Project, binding: Binding, tour: Tour) -> None:
    """Run ``env.py`` once and drive the database that it leads to.

    Args:
        project: on a scratch database.
        binding: that database.
        tour: called once, while ``env.py`` waits in ``context.run_migrations()``.

    Raises:
        ConfigurationError: ``env.py`` cannot be run, or ended without running anything.
        UsageError: it led to several databases.
        Exception: whatever the tour raises.

    """
    visited: list[Walk] = []

    def drive(found: Walk) -> None:
        if visited:
            raise UsageError(
                "env.py runs migrations more than once in one run, and one scratch database cannot stand for all",
                where=project.display(str(project.layout.env_py)),
            )
        visited.append(found)
        tour(found)

    run = EnvironmentRun(
        work=_nothing,
        walk=drive,
        binding=binding,
        context_options={"destination_rev": "heads", "tag": None},
        command_options={"revision": "heads", "tag": None, "sql": False},
    )
    run_environment(project, run)
    if not visited:
        raise nothing_run(project)


def _nothing(_heads: tuple[str, ...], _context: MigrationContext) -> Iterable[MigrationStep]:
    return ()
