"""Turns what ``env.py`` and Alembic raise outside of a revision into this package's errors."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError, InterfaceError, NoSuchModuleError, OperationalError

from migrator.errors import ConfigurationError, MigratorError, Unreachable, UsageError
from migrator.project import Project


class RunningWork(Protocol):
    """Whoever knows whether a revision is being run."""

    inside_work: bool


@contextmanager
def translated(project: Project, running: RunningWork) -> Iterator[None]:
    """Translate exceptions of ``env.py``; those of a revision pass unchanged, since the run reports them itself."""
    try:
        yield
    except (MigratorError, KeyboardInterrupt):
        raise
    except (Exception, SystemExit) as error:
        if running.inside_work:
            raise
        raise _meaning_of(error, project) from error


def _meaning_of(error: BaseException, project: Project) -> MigratorError:
    where = _place_in_project(error, project)
    if isinstance(error, CommandError):
        return UsageError(str(error), where=where)
    if isinstance(error, ModuleNotFoundError):
        return _module_missing(error.name or str(error), where, project)
    if isinstance(error, NoSuchModuleError):
        return ConfigurationError(f"env.py names a database that SQLAlchemy has no driver for: {error}", where=where)
    if is_connection_failure(error):
        return Unreachable(
            f"the connection that env.py makes failed: {cause_in_words(error)}",
            where=where,
            state="unknown; nothing was run",
            remedy="start the database or correct the connection, then run the same command again",
        )
    remedy = "run the same command with --debug to see where it failed"
    if isinstance(error, TypeError) and "unexpected keyword argument" in str(error) and project.profile is not None:
        remedy = (
            "env.py may pass options that only another driver knows: name that one in DB_DRIVER, such as "
            "DB_DRIVER=psycopg; where it failed: --debug"
        )
    return ConfigurationError(
        f"env.py failed: {kind_and_cause(error)}", where=where, state="nothing was run", remedy=remedy
    )


def _module_missing(name: str, where: str, project: Project) -> ConfigurationError:
    if (project.root / name).is_dir() or (project.root / f"{name}.py").is_file():
        file = "alembic.ini" if project.layout.ini is not None else "pyproject.toml"
        return ConfigurationError(
            f"env.py needs the module {name!r} of this project, which is not on Python's import path",
            where=where,
            state="nothing was run",
            remedy=f"install the project (pip install -e .), or set prepend_sys_path = . in {file}",
        )
    return ConfigurationError(
        f"env.py needs the module {name!r}, which is not installed beside migrator",
        where=where,
        state="nothing was run",
        remedy="install migrator into the environment that the project itself runs in",
    )


def is_connection_failure(error: BaseException) -> bool:
    """Whether an exception means that there is no usable connection, as far as its type tells."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if isinstance(error, OperationalError | InterfaceError):
        return error.statement is None
    if isinstance(error, ConnectionError | TimeoutError):
        return True
    module = type(error).__module__
    if module.startswith("asyncpg"):
        return type(error).__name__ in _ASYNCPG_LOGIN_FAILURES
    return isinstance(error, OSError) and error.filename is None


_ASYNCPG_LOGIN_FAILURES = frozenset(
    {
        "InvalidPasswordError",
        "InvalidAuthorizationSpecificationError",
        "InvalidCatalogNameError",
        "CannotConnectNowError",
        "TooManyConnectionsError",
        "ClientConfigurationError",
    }
)


def cause_in_words(error: BaseException) -> str:
    """The driver's own message, without SQLAlchemy's links and statement."""
    original = getattr(error, "orig", None) or error
    lines = [line.strip() for line in str(original).splitlines() if line.strip()]
    text = " ".join(lines) or type(original).__name__
    return text.partition("(Background on this error")[0].strip()


def kind_and_cause(error: BaseException) -> str:
    """The exception's type and what it says, once when it says nothing."""
    kind, cause = type(error).__name__, cause_in_words(error)
    return kind if cause == kind else f"{kind}: {cause}"


def place_below(root: Path, error: BaseException) -> str | None:
    """``file:line`` of the innermost frame that lies below a folder and is nobody else's package."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if root not in path.parents:
            continue
        below = path.relative_to(root)
        if not {"site-packages", ".venv"}.intersection(below.parts):
            return f"{below}:{frame.lineno}"
    return None


def _place_in_project(error: BaseException, project: Project) -> str:
    return place_below(project.root, error) or project.display(str(project.layout.env_py))


def nothing_run(project: Project) -> ConfigurationError:
    """The error for an ``env.py`` that came to its end before a revision could be run."""
    return ConfigurationError(
        "env.py ended without calling context.run_migrations(): no revision was run",
        where=project.display(str(project.layout.env_py)),
        state="nothing was applied",
        remedy="call context.configure(connection=...) and context.run_migrations() in env.py",
    )
