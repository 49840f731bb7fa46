"""One run of a project's ``env.py``, inside an EnvironmentContext that keeps Alembic's promises for it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from alembic.config import Config
from alembic.operations import Operations
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import MigrationContext, MigrationStep
from alembic.script import ScriptDirectory
from alembic.util.langhelpers import ModuleClsProxy
from sqlalchemy import Connection

from migrator.chain.model import Chain
from migrator.database.ledger.place import TABLES
from migrator.database.state import LEASE
from migrator.execution.adapter.binding import Binding
from migrator.execution.adapter.connections import connection_of, settle

if TYPE_CHECKING:
    from migrator.execution.adapter.conduct import Conduct
    from migrator.execution.adapter.walking import Walk

__all__ = ["GuardedEnvironment", "MigrationContext", "MigrationStep", "Visit", "Work"]

Work: TypeAlias = Callable[[tuple[str, ...], MigrationContext], Iterable[MigrationStep]]
"""Given the version rows and the context, yields the steps that Alembic is to run."""

Lock: TypeAlias = Callable[[MigrationContext], AbstractContextManager[object]]


@dataclass(frozen=True)
class ChainWalk:
    """Somebody who moves a database along the chain at will, and the chain."""

    chain: Chain
    tour: Callable[[Walk], None]


@dataclass(frozen=True)
class ChainMove:
    """A work that yields revisions to run, and how they are to be run."""

    chain: Chain
    conduct: Conduct


@dataclass
class Visit:
    """One call of ``context.configure()``: one database, or one schema, that ``env.py`` led to."""

    context: MigrationContext
    location: str
    one_transaction: bool
    """``env.py`` holds a transaction around everything, so that revisions cannot commit one by one."""


class GuardedEnvironment(EnvironmentContext):
    """Alembic's EnvironmentContext, made exact for whatever ``env.py`` does.

    It sees to it that each revision is a transaction, that a statement before ``configure()`` does not turn the run
    into a rollback, and that the database is the one that was meant. It does not decide what to run.
    """

    def __init__(
        self,
        config: Config,
        script: ScriptDirectory,
        *,
        work: Work,
        binding: Binding | None,
        move: ChainMove | None = None,
        walk: ChainWalk | None = None,
        lock: Lock | None = None,
        commits: bool = False,
        unsaid: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """Prepare a run.

        Args:
            config: what ``env.py`` sees as ``context.config``.
            script: the revisions.
            work: what is to be run, given the version rows.
            binding: the database that is meant; None accepts the one of ``env.py``.
            move: when the work moves along the chain; None leaves version rows to Alembic (stamps, questions).
            walk: who moves the database at will, in place of the work.
            lock: taken around the work on each database; None where that is done already.
            commits: whether to commit what the work writes by itself.
            unsaid: arguments of ``configure()`` that hold where ``env.py`` does not give them.
            options: further arguments of Alembic's EnvironmentContext.

        """
        self.work = work
        self.binding = binding
        self.move = move
        self.walk = walk
        self.lock = lock
        self.commits = commits
        self.unsaid = unsaid or {}
        self.visits: list[Visit] = []
        self.inside_work = False
        """Whether an exception comes from the work or a revision rather than from ``env.py``."""
        super().__init__(config, script, fn=self._steps, **options)

    def configure(self, connection: Connection | None = None, *args: Any, **kwargs: Any) -> None:
        """Configure as ``env.py`` asks, on the bound database, with a transaction for each revision."""
        one_transaction = False
        if connection is not None:
            if self.binding is not None:
                connection = self.binding.bound(connection)
            one_transaction = settle(connection)
        kwargs = {**self.unsaid, **kwargs}
        kwargs["transaction_per_migration"] = True
        kwargs["include_name"] = _without_own_tables(kwargs.get("include_name"))
        super().configure(connection, *args, **kwargs)
        self.visits.append(
            Visit(context=self.get_context(), location=_location(connection), one_transaction=one_transaction)
        )

    def run_migrations(self, **kwargs: Any) -> None:
        """Run the work on the database that was configured last.

        Online moves along the chain keep the version table with statements of their own: compiled once, linear over
        a run, and exact about a row that somebody else has moved. Everything else is Alembic's.
        """
        context = self.get_context()
        if context.as_sql:
            # What a revision prints in offline mode is meant for the script: remarks, statements to run by hand.
            with redirect_stdout(context.output_buffer or sys.stdout):
                super().run_migrations(**kwargs)
            return
        if self.walk is not None:
            with Operations.context(context):
                self._walk(self.walk, context, kwargs)
            return
        with nullcontext() if self.lock is None else self.lock(context):
            if self.move is None:
                super().run_migrations(**kwargs)
                return
            with Operations.context(context):
                self._move_along(self.move, context, kwargs)

    def _move_along(self, move: ChainMove, context: MigrationContext, arguments: dict[str, Any]) -> None:
        from migrator.execution.adapter.step_runner import StepRunner
        from migrator.execution.adapter.steps import PlannedStep

        context.impl.start_migrations()
        heads = context.get_current_heads()
        if not heads:
            context._ensure_version_table()  # noqa: SLF001
        own_commits = not self.visits[-1].one_transaction
        runner = StepRunner(context, move.chain, heads, move.conduct, own_commits=own_commits)
        with runner.opened():
            for step in self._steps(heads, context):
                assert isinstance(step, PlannedStep)  # noqa: S101 - a move along the chain has no other steps
                runner.run(step, arguments)

    def _walk(self, walk: ChainWalk, context: MigrationContext, arguments: dict[str, Any]) -> None:
        from migrator.execution.adapter.walking import Walk

        self.inside_work = True
        own_commits = not self.visits[-1].one_transaction
        walk.tour(Walk(context, walk.chain, own_commits=own_commits, arguments=arguments))
        self.inside_work = False

    def _steps(self, heads: tuple[str, ...], context: MigrationContext) -> Iterable[MigrationStep]:
        self.inside_work = True
        for step in self.work(heads, context):
            yield step
            if not context.as_sql and not self.visits[-1].one_transaction:
                # A revision that commits by itself ends Alembic's transaction; its version row then stands in a
                # transaction that nobody would commit.
                settle(connection_of(context))
        if self.commits and not self.visits[-1].one_transaction:
            connection_of(context).commit()
        self.inside_work = False


# Alembic installs the module-level ``context.*`` functions for the class that it registered, not for subclasses of it.
ModuleClsProxy._setups[GuardedEnvironment] = ModuleClsProxy._setups[EnvironmentContext]  # noqa: SLF001


def _without_own_tables(theirs: Callable[..., bool] | None) -> Callable[..., bool]:
    """Autogenerate does not see the ledger beside the version table, or it would drop it."""

    def include(name: str | None, type_: str, parent_names: Any) -> bool:
        if type_ == "table" and name in (*TABLES, LEASE):
            return False
        return theirs is None or theirs(name, type_, parent_names)

    return include


def _location(connection: Connection | None) -> str:
    return "" if connection is None else connection.engine.url.render_as_string(hide_password=True)
