"""SQLAlchemy engines of a profile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from migrator.database.connecting import missing_driver
from migrator.database.drivers import driver_for
from migrator.database.urls import connect_arguments, mysql_password, sqlalchemy_url
from migrator.errors import ConfigurationError
from migrator.profiles.address import for_migrations
from migrator.profiles.model import ASYNCHRONOUS_ONLY, SYNCHRONOUS_ONLY, Profile
from migrator.profiles.password import password_of

if TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.ext.asyncio import AsyncEngine


def create_migration_engine(
    profile: Profile,
    *,
    asynchronous: bool | None = None,
    driver: str | None = None,
    application_name: str | None = None,
) -> Engine | AsyncEngine:
    """Make the engine that runs migrations: no pool, past a pooler where the profile says how.

    Args:
        profile: a reachable one.
        asynchronous: which kind; None: asynchronous only where the driver is.
        driver: DBAPI; None means ``DB_MIGRATION_DRIVER``, or its relative of the other kind (asyncpg: psycopg).
        application_name: instead of the profile's.

    Raises:
        ConfigurationError: the driver is not installed, or cannot work in the way that was asked for.

    """
    target = for_migrations(profile)
    if asynchronous is None:
        asynchronous = (driver or target.migration_driver) in ASYNCHRONOUS_ONLY
    chosen = driver or driver_for(target, asynchronous=asynchronous)
    _require(chosen, asynchronous=asynchronous)
    import sqlalchemy

    url = sqlalchemy_url(target, driver=chosen)
    arguments = connect_arguments(target, driver=chosen, application_name=application_name)
    options: dict[str, Any] = {
        "poolclass": sqlalchemy.NullPool,
        "connect_args": arguments,
        "echo": profile.echo,
        "hide_parameters": True,
    }
    try:
        if asynchronous:
            from sqlalchemy.ext.asyncio import create_async_engine

            engine = create_async_engine(url, **options)
            _give_password(engine.sync_engine, target)
            return engine
        made = sqlalchemy.create_engine(url, **options)
    except ImportError as error:
        raise missing_driver(target, chosen, error) from None
    _give_password(made, target)
    return made


def _require(driver: str, *, asynchronous: bool) -> None:
    wrong = SYNCHRONOUS_ONLY if asynchronous else ASYNCHRONOUS_ONLY
    if driver in wrong:
        raise ConfigurationError(
            f"The driver {driver} works {'only synchronously' if asynchronous else 'only asynchronously'}.",
            remedy="set DB_MIGRATION_DRIVER to a driver of the kind that env.py needs (psycopg is both)",
        )


def _give_password(engine: Engine, profile: Profile) -> None:
    """Give the password at each connection where the URL cannot: a token may be older than one run is long."""
    if profile.password_command is not None or needs_bytes(profile):
        give_password(engine, profile, lambda: password_of(profile))


def needs_bytes(profile: Profile) -> bool:
    """Whether the drivers want the password as bytes, which a URL cannot hold: MySQL's."""
    return profile.dialect in ("mysql", "mariadb")


def give_password(engine: Engine, profile: Profile, ask: Callable[[], str | None]) -> None:
    """Ask for the password at each connection that an engine makes.

    Args:
        engine: of the profile.
        profile: whose drivers decide what a password looks like.
        ask: gives it; called where the connection is made, in an asynchronous engine too.

    """
    from sqlalchemy import event

    as_bytes = needs_bytes(profile)

    @event.listens_for(engine, "do_connect")
    def fill_in(_dialect: Any, _record: Any, _arguments: Any, parameters: dict[str, Any]) -> None:
        password = ask()
        parameters["password"] = mysql_password(password) if as_bytes else password
