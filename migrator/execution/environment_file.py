"""What an ``env.py`` written by ``migrator init`` imports: the profile's engine, and how to run a coroutine anywhere.

Works the same under plain ``alembic`` and under ``migrator``. Not responsible for the migration context: ``env.py``
keeps ``context.configure()`` in plain sight.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from migrator.interruption import ended_by_signal

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import URL, Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

    from migrator.profiles.model import Profile

Result = TypeVar("Result")

PROFILES = "env_profiles"


def engine(config: Config) -> Engine:
    """Make a synchronous engine without a pool for the profile that ``MIGRATOR_ENV`` names (default: local).

    Raises:
        ConfigurationError: there is no profile, or it cannot be used as it is.

    """
    return cast("Engine", _engine(config, asynchronous=False))


def async_engine(config: Config) -> AsyncEngine:
    """Make an asynchronous engine without a pool for the profile that ``MIGRATOR_ENV`` names (default: local).

    Raises:
        ConfigurationError: there is no profile, or it cannot be used as it is.

    """
    return cast("AsyncEngine", _engine(config, asynchronous=True))


def offline_url(config: Config) -> URL:
    """Give the URL whose dialect ``--sql`` writes for; nothing connects to it."""
    from migrator.database.urls import sqlalchemy_url

    return sqlalchemy_url(_profile(project_root(config)))


def run(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end, in a thread with a loop of its own where a loop is already running here."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        try:
            return asyncio.run(work)
        except asyncio.CancelledError as cancelled:
            raise ended_by_signal(cancelled) or cancelled from None
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="migrations") as own_thread:
        return own_thread.submit(copy_context().run, asyncio.run, work).result()


def connection_profile(config: Config) -> Profile:
    """Read the profile, and start or find its embedded server when it asks for one."""
    from migrator.database.connecting import reachable

    root = project_root(config)
    return reachable(_profile(root), root=root)


def project_root(config: Config) -> Path:
    """Find the folder that holds ``env_profiles/``: beside the configuration file, or above the migrations folder."""
    files = [name for name in (config.config_file_name, getattr(config, "toml_file_name", None)) if name]
    folders = [Path(str(name)).absolute().parent for name in files]
    script_location = config.get_alembic_option("script_location")
    if script_location and ":" not in script_location:
        folders += Path(script_location).absolute().parents
    folders.append(Path.cwd())
    return next((folder for folder in folders if (folder / PROFILES).is_dir()), folders[0])


def _engine(config: Config, *, asynchronous: bool) -> Engine | AsyncEngine:
    from migrator.database.drivers import driver_for
    from migrator.database.engines import create_migration_engine

    profile = connection_profile(config)
    return create_migration_engine(
        profile, asynchronous=asynchronous, driver=driver_for(profile, asynchronous=asynchronous)
    )


def _profile(root: Path) -> Profile:
    from migrator.profiles.loading import require_profile

    return require_profile(None, root=root, environ=os.environ)
