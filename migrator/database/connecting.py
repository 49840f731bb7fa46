"""Connecting with the bare driver: what the light path uses, where SQLAlchemy would cost more than the question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from migrator.database.failures import CannotConnect, DatabaseError, Reason
from migrator.database.light import LightConnection
from migrator.database.urls import connect_arguments, mysql_password, odbc_encryption
from migrator.errors import ConfigurationError
from migrator.profiles.address import for_migrations
from migrator.profiles.model import Profile, with_database, with_server
from migrator.profiles.password import password_of

__all__ = [
    "CannotConnect",
    "DatabaseError",
    "LightConnection",
    "Reason",
    "connect",
    "missing_driver",
    "reachable",
    "watching",
]

_EXTRAS: Final = {
    "postgresql": "migrator",
    "mysql": "migrator[mysql]",
    "mariadb": "migrator[mysql]",
    "sqlite": "migrator[sqlite]",
    "oracle": "migrator[oracle]",
    "mssql": "migrator[mssql]",
}


def connect(profile: Profile, *, application_name: str | None = None, autocommit: bool = True) -> LightConnection:
    """Open a light connection with the driver that runs migrations, past a pooler where the profile says how.

    Args:
        profile: a reachable one.
        application_name: instead of the profile's.
        autocommit: False: the caller commits.

    Raises:
        CannotConnect: the server was not reached or refused the login (``reason`` says which).
        ConfigurationError: the driver is not installed, or ``DB_PASS_COMMAND`` failed.

    """
    target = for_migrations(profile)
    if target.embedded is not None and target.host is None:
        raise AssertionError("an embedded profile must go through reachable() first")
    driver = _light_driver(target.migration_driver)
    try:
        if target.dialect == "sqlite":
            from migrator.database.light_dbapi import SqliteConnection

            return SqliteConnection(target, autocommit=autocommit)
        arguments = connect_arguments(target, driver=driver, application_name=application_name)
        if driver == "asyncpg":
            return _asyncpg(target, arguments, autocommit=autocommit)
        if driver in ("pymysql", "asyncmy"):
            return _mysql(target, driver, arguments, autocommit=autocommit)
        return _dbapi(target, driver, arguments, autocommit=autocommit)
    except ImportError as error:
        raise missing_driver(target, driver, error) from None


def watching(profile: Profile) -> Callable[[], LightConnection] | None:
    """What opens a light connection for looking on while a run is at work; it shows on the server what it is for.

    Args:
        profile: a reachable one.

    Returns:
        None for SQLite, where a second connection has nothing to tell.

    """
    if profile.dialect == "sqlite":
        return None
    return lambda: connect(profile, application_name=f"{profile.application_name} watch")


def _light_driver(driver: str) -> str:
    """The synchronous sibling of an asynchronous driver, which needs no loop."""
    if driver in ("asyncmy", "pymysql"):
        return "pymysql" if find_spec("pymysql") else "asyncmy"
    return {"aioodbc": "pyodbc", "aiosqlite": "pysqlite"}.get(driver, driver)


def _asyncpg(profile: Profile, arguments: dict[str, Any], *, autocommit: bool) -> LightConnection:
    import asyncpg

    from migrator.database.light_async import AsyncpgConnection

    password = password_of(profile)
    attributes = {name: value for name, value in profile.url_options.items() if name == "target_session_attrs"}

    async def open_it() -> Any:
        return await asyncpg.connect(
            host=profile.host,
            port=profile.port,
            user=profile.user,
            password=password,
            database=profile.database,
            statement_cache_size=0,
            **attributes,
            **arguments,
        )

    return AsyncpgConnection(open_it, profile=profile, autocommit=autocommit)


def _mysql(profile: Profile, driver: str, arguments: dict[str, Any], *, autocommit: bool) -> LightConnection:
    place = {"unix_socket": profile.host} if profile.is_socket else {"host": profile.host, "port": profile.port}
    arguments = {
        **{name: value for name, value in profile.url_options.items() if name == "charset"},
        **arguments,
        **place,
        "user": profile.user,
        "password": mysql_password(password_of(profile)),
        "database": profile.database,
        "autocommit": autocommit,
    }
    if driver == "pymysql":
        import pymysql

        from migrator.database.light_dbapi import DbapiConnection

        return DbapiConnection(lambda: pymysql.connect(**arguments), module=driver, profile=profile)
    import asyncmy

    from migrator.database.light_async import AsyncmyConnection

    async def open_it() -> Any:
        return await asyncmy.connect(**arguments)

    return AsyncmyConnection(open_it, profile=profile, autocommit=autocommit)


def _dbapi(profile: Profile, driver: str, arguments: dict[str, Any], *, autocommit: bool) -> LightConnection:
    from migrator.database.light_dbapi import DbapiConnection

    password = password_of(profile)
    open_it: Any
    if driver in ("psycopg", "psycopg2"):
        libpq = {name: value for name, value in profile.url_options.items() if name != "options"}
        place = {"host": profile.host, "port": profile.port, "user": profile.user, "dbname": profile.database}
        arguments = {**libpq, **place, "password": password, **arguments}
        open_it = (
            _psycopg(arguments, autocommit=autocommit) if driver == "psycopg" else _psycopg2(arguments, autocommit)
        )
    elif driver == "oracledb":
        open_it = _oracledb(profile, arguments, password=password, autocommit=autocommit)
    else:
        open_it = _pyodbc(profile, arguments, password=password, autocommit=autocommit)
    return DbapiConnection(open_it, module=driver, profile=profile)


def _psycopg(arguments: dict[str, Any], *, autocommit: bool) -> Any:
    import psycopg

    return lambda: psycopg.connect(autocommit=autocommit, prepare_threshold=None, **arguments)


def _psycopg2(arguments: dict[str, Any], autocommit: bool) -> Any:
    import psycopg2  # type: ignore[import-not-found, import-untyped, unused-ignore]

    def open_it() -> Any:
        connection = psycopg2.connect(**arguments)
        connection.autocommit = autocommit
        return connection

    return open_it


def _oracledb(profile: Profile, arguments: dict[str, Any], *, password: str | None, autocommit: bool) -> Any:
    import oracledb

    place = {"dsn": f"{profile.host}:{profile.port}/{profile.database}", **arguments}

    def open_it() -> Any:
        connection = oracledb.connect(user=profile.user, password=password, **place)
        connection.autocommit = autocommit
        return connection

    return open_it


def _pyodbc(profile: Profile, arguments: dict[str, Any], *, password: str | None, autocommit: bool) -> Any:
    import pyodbc

    parts = {
        "DRIVER": profile.url_options.get("driver", "ODBC Driver 18 for SQL Server"),
        "SERVER": f"{profile.host},{profile.port}",
        "DATABASE": profile.database or "",
        "UID": profile.user or "",
        "PWD": password or "",
        **odbc_encryption(profile),
    }
    text = ";".join(f"{name}={{{value.replace('}', '}}')}}}" for name, value in parts.items())
    return lambda: pyodbc.connect(text, autocommit=autocommit, **arguments)


def missing_driver(profile: Profile, driver: str, error: ImportError) -> ConfigurationError:
    """The error to raise when a driver's module is not there."""
    return ConfigurationError(
        f"The driver {driver} of the profile {profile.name!r} is not installed: {error}.",
        remedy=f'pip install "{_EXTRAS[profile.dialect]}"' if driver != "psycopg2" else "pip install psycopg2-binary",
    )


def reachable(profile: Profile, *, root: Path) -> Profile:
    """Return the profile with the address of its embedded server, started if need be, its database created if missing.

    A profile without ``DB_EMBEDDED`` is returned as it is.

    Raises:
        ConfigurationError: the embedded server is not installed or cannot be started.

    """
    if profile.embedded is None or profile.host is not None:
        return profile
    from migrator.database import embedded

    server = embedded.find_running(root, profile.embedded)
    if server is None:
        server = embedded.ensure_running(root, profile.embedded)
    found = with_server(profile, host=str(server.socket_dir), port=server.port, user=server.user)
    if not _has_database(found):
        embedded.ensure_database(server, str(profile.database))
    return found


def _has_database(profile: Profile) -> bool:
    """Ask the embedded server, which belongs to the project, so that a missing database is made without asking."""
    administration = with_database(replace(profile, search_path=(), schema=None), "postgres")
    with connect(administration) as connection:
        return bool(connection.fetch("SELECT 1 FROM pg_database WHERE datname = ?", str(profile.database)))
