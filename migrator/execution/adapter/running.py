"""Runs ``env.py`` once: chooses the driver, hands a connection over, keeps the process as it was."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import alembic
from sqlalchemy import Connection, Engine

from migrator.chain.envfile import EnvironmentFile, read_environment_file
from migrator.execution.adapter.binding import Binding
from migrator.execution.adapter.config import ProfileConfig, make_config
from migrator.execution.adapter.directory import env_py, make_directory
from migrator.execution.adapter.environment import ChainMove, ChainWalk, GuardedEnvironment, Lock, Visit, Work
from migrator.execution.adapter.flask_app import application_context
from migrator.execution.adapter.translation import translated
from migrator.execution.environment_file import run as run_coroutine
from migrator.project import Project
from migrator.running_environment import environment_running

if TYPE_CHECKING:
    from migrator.execution.adapter.conduct import Conduct
    from migrator.execution.adapter.walking import Walk
    from migrator.profiles.model import Profile

PROFILE_VARIABLE = "MIGRATOR_ENV"
_ONE_AT_A_TIME = threading.Lock()
"""Alembic's ``context`` and ``op`` are module globals: two runs in one process would mix."""
_ALEMBIC = str(Path(alembic.__file__).parent)
_NARRATORS = ("alembic.runtime.", "alembic.autogenerate.", "alembic.ddl.")


@dataclass(frozen=True, kw_only=True)
class EnvironmentRun:
    """What a run of ``env.py`` is to be."""

    work: Work
    conduct: Conduct | None = None
    """How revisions are to be run; None: the work yields stamps or nothing."""
    walk: Callable[[Walk], None] | None = None
    """Is handed the database to move it at will, in place of the work."""
    commits: bool = False
    """The work itself writes, without a step, and what it writes is to be committed."""
    binding: Binding | None = None
    lock: Lock | None = None
    """Taken around the work on each database that ``env.py`` leads to."""
    as_sql: bool = False
    output: TextIO | None = None
    """Where ``--sql`` is written; stdout when None."""
    context_options: Mapping[str, Any] | None = None
    """Further keyword arguments for Alembic's EnvironmentContext, such as ``destination_rev``."""
    unsaid: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of ``context.configure()`` that hold where ``env.py`` does not give them."""
    command_options: Mapping[str, Any] | None = None
    """What ``env.py`` may look for in ``config.cmd_opts``."""


def run_environment(project: Project, run: EnvironmentRun) -> list[Visit]:
    """Execute ``env.py`` once and return the databases that it led to.

    Raises:
        MigratorError: ``env.py`` failed, in the words of :mod:`migrator.execution.adapter.translation`.
        Exception: whatever a revision raised, unchanged.

    """
    file = read_environment_file(project.layout.env_py)
    output = run.output or sys.stdout
    profile = run.binding.profile if run.binding is not None else project.profile
    with _ONE_AT_A_TIME, _process_kept_as_it_was(profile), environment_running():
        config = make_config(
            project.layout,
            section=project.section,
            x=project.x,
            url=_url_for(profile, file),
            output=output,
            options=run.command_options,
        )
        if run.binding is not None and file.takes_connection and not run.as_sql:
            return _with_own_connection(project, config, run, run.binding)
        return _execute(project, config, run)


def _execute(project: Project, config: ProfileConfig, run: EnvironmentRun) -> list[Visit]:
    with ExitStack() as stack:
        directory = make_directory(config, project.chain)
        stack.enter_context(application_context(env_py(directory), project.root))
        if run.binding is not None:
            stack.callback(run.binding.close)
        environment = GuardedEnvironment(
            config,
            directory,
            work=run.work,
            binding=run.binding,
            move=None if run.conduct is None else ChainMove(project.chain, run.conduct),
            walk=None if run.walk is None else ChainWalk(project.chain, run.walk),
            lock=run.lock,
            commits=run.commits,
            unsaid=run.unsaid,
            as_sql=run.as_sql,
            **(run.context_options or {}),
        )
        with translated(project, environment), environment:
            directory.run_env()
    return environment.visits


def _with_own_connection(project: Project, config: ProfileConfig, run: EnvironmentRun, binding: Binding) -> list[Visit]:
    from migrator.database.engines import create_migration_engine

    def execute(connection: Connection) -> list[Visit]:
        config.attributes["connection"] = _openable(connection)
        return _execute(project, config, run)

    engine = create_migration_engine(binding.profile)
    if isinstance(engine, Engine):
        try:
            with engine.connect() as connection:
                return execute(connection)
        finally:
            engine.dispose()

    async def execute_async() -> list[Visit]:
        try:
            async with engine.connect() as connection:
                return await connection.run_sync(execute)
        finally:
            await engine.dispose()

    return run_coroutine(execute_async())


def _openable(connection: Connection) -> Connection:
    """A connection whose ``connect()`` gives itself: pytest-alembic's recipe has ``env.py`` open what it is handed."""
    connection.connect = partial(nullcontext, connection)  # type: ignore[attr-defined]
    return connection


def _url_for(profile: Profile | None, file: EnvironmentFile) -> str | None:
    """The profile's URL with a driver that fits what ``env.py`` is, and all that a URL can carry."""
    if profile is None:
        return None
    from migrator.database.drivers import driver_for
    from migrator.database.urls import standalone_url
    from migrator.profiles.address import for_migrations

    target = for_migrations(profile)
    driver = driver_for(target, asynchronous=file.asynchronous)
    return standalone_url(target, driver=driver).render_as_string(hide_password=False)


@contextmanager
def _process_kept_as_it_was(profile: Profile | None) -> Iterator[None]:
    """Undo what ``env.py`` does to loggers and ``sys.path``; keep its prints off stdout, where results go.

    An ``env.py`` that reads its profile by itself (offline, say) finds the one that was asked for in the environment.
    """
    path, named = list(sys.path), os.environ.get(PROFILE_VARIABLE)
    if profile is not None and profile.path is not None:
        # By its file: a scratch database has the profile of the database that it stands for, under another name.
        os.environ[PROFILE_VARIABLE] = profile.path.name.removesuffix(".env")
    with _loggers_kept(), redirect_stdout(sys.stderr):
        try:
            yield
        finally:
            sys.path[:] = path
            if named is None:
                os.environ.pop(PROFILE_VARIABLE, None)
            else:
                os.environ[PROFILE_VARIABLE] = named


@contextmanager
def _loggers_kept() -> Iterator[None]:
    """``fileConfig`` disables every logger that exists and takes over the root logger: give them back."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    loggers = [logger for logger in root.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
    disabled = [(logger, logger.disabled) for logger in loggers]
    narrators = [logger for logger in loggers if logger.name.startswith(_NARRATORS)]
    for narrator in narrators:
        narrator.addFilter(_is_more_than_narration)
    pool = logging.getLogger("sqlalchemy.pool")
    pool_level = pool.level
    if pool_level == logging.NOTSET:
        # A connection that is gone cannot be reset; the pool would print a traceback beside our own account of it.
        pool.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        pool.setLevel(pool_level)
        for narrator in narrators:
            narrator.removeFilter(_is_more_than_narration)
        root.handlers[:] = handlers
        root.setLevel(level)
        for logger, was_disabled in disabled:
            logger.disabled = was_disabled


def _is_more_than_narration(record: logging.LogRecord) -> bool:
    """Alembic tells at level INFO what progress and result tell here: once is enough, and ``--quiet`` means it.

    A revision that borrows one of Alembic's loggers for words of its own is heard.
    """
    return record.levelno > logging.INFO or not record.pathname.startswith(_ALEMBIC)
