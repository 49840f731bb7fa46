"""The engines of an application, made of every setting that its profile has for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import create_engine
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.util import await_only

from migrator.runtime.connecting import close_what_is_given_up
from migrator.runtime.ending import keep_no_open_transaction
from migrator.runtime.idling import limit_idleness
from migrator.runtime.pooling import keeps_connections, leads_through_pooler, pool_options

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

    from migrator.profiles.model import Profile

E = TypeVar("E")


def async_engine(profile: Profile, *, root: Path) -> tuple[Profile, AsyncEngine]:
    """Make an asynchronous engine.

    Args:
        profile: which database.
        root: the project's folder, where an embedded server lives.

    Returns:
        The profile with an embedded server's address filled in, and the engine.

    Raises:
        ConfigurationError: no asynchronous driver of the dialect is installed, or the embedded server does not start.

    """
    profile, driver, engine = _made(create_async_engine, profile, root, asynchronous=True)
    _listen(engine.sync_engine, profile, asynchronous=True)
    if driver == "asyncpg":
        keep_no_open_transaction(engine.sync_engine)
    elif driver == "psycopg":
        close_what_is_given_up(engine.sync_engine)
    return profile, engine


def sync_engine(profile: Profile, *, root: Path) -> tuple[Profile, Engine]:
    """Make a synchronous engine; see `async_engine`."""
    profile, _driver, engine = _made(create_engine, profile, root, asynchronous=False)
    _listen(engine, profile, asynchronous=False)
    return profile, engine


def _made(create: Callable[..., E], profile: Profile, root: Path, *, asynchronous: bool) -> tuple[Profile, str, E]:
    """The reachable profile, the driver that suits the way of working, and the engine."""
    from migrator.database.connecting import missing_driver, reachable

    profile = reachable(profile, root=root)
    driver, options = _options(profile, asynchronous=asynchronous)
    try:
        return profile, driver, create(**options)
    except ImportError as error:
        raise missing_driver(profile, driver, error) from None


def _options(profile: Profile, *, asynchronous: bool) -> tuple[str, dict[str, Any]]:
    """The driver, and what ``create_engine`` and its asynchronous twin are called with."""
    from migrator.database.drivers import application_driver
    from migrator.database.urls import connect_arguments, sqlalchemy_url
    from migrator.runtime.pgbouncer import without_sessions

    driver = application_driver(profile, asynchronous=asynchronous)
    through_pooler = leads_through_pooler(profile)
    arguments = without_sessions(profile, driver) if through_pooler else connect_arguments(profile, driver=driver)
    if driver == "pysqlite":
        arguments = {**arguments, "check_same_thread": False}  # the pool lends a connection to one thread at a time
    return driver, {
        "url": sqlalchemy_url(profile, driver=driver),
        "connect_args": arguments,
        "echo": profile.echo,
        "hide_parameters": True,
        **pool_options(profile, asynchronous=asynchronous),
    }


def _listen(engine: Engine, profile: Profile, *, asynchronous: bool) -> None:
    _give_password(engine, profile, asynchronous=asynchronous)
    if profile.pool_max_idle is not None and keeps_connections(profile):
        limit_idleness(engine, profile, profile.pool_max_idle)
    if leads_through_pooler(profile):
        from migrator.runtime.pgbouncer import set_in_each_transaction

        set_in_each_transaction(engine, profile)
    elif profile.dialect == "postgresql":
        from migrator.runtime.stale_plans import prepare_stale_statements_anew

        prepare_stale_statements_anew(engine)


def _give_password(engine: Engine, profile: Profile, *, asynchronous: bool) -> None:
    """Give each new connection the password of that moment, without holding up the loop."""
    from migrator.database.engines import give_password, needs_bytes
    from migrator.profiles.password import current_password, may_change

    changes = may_change(profile)
    if not changes and not needs_bytes(profile):
        return

    def ask() -> str | None:
        if asynchronous and changes:
            return await_only(asyncio.to_thread(current_password, profile))
        return current_password(profile)

    give_password(engine, profile, ask)
