"""URLs and connection arguments of each dialect and driver, checked offline against what SQLAlchemy makes of them."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from sqlalchemy import make_url

from migrator.database import tls
from migrator.database.drivers import driver_for
from migrator.database.engines import create_migration_engine
from migrator.database.urls import connect_arguments, server_settings, sqlalchemy_url, standalone_url
from migrator.errors import ConfigurationError
from migrator.profiles.address import profile_from_url
from migrator.profiles.model import Profile, Secret

ODD = "p%40:/@#?\"'ü한 \\&="
PARTS = Profile(name="p", source="file", host="db", port=5432, database="my db/x?y", user="u@s:r", password=Secret(ODD))
TLS_MODES = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]


def arguments_for(profile: Profile, driver: str) -> dict[str, Any]:
    """What the driver's own ``connect`` gets from SQLAlchemy, ``connect_args`` included."""
    engine = create_migration_engine(profile, driver=driver)
    synchronous = getattr(engine, "sync_engine", engine)
    _, arguments = synchronous.dialect.create_connect_args(synchronous.url)
    return {**arguments, **connect_arguments(profile, driver=driver)}


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_any_character_reaches_the_postgresql_driver(driver: str) -> None:
    arguments = arguments_for(PARTS, driver)
    assert (arguments["user"], arguments["password"]) == ("u@s:r", ODD)
    assert arguments.get("database", arguments.get("dbname")) == "my db/x?y"


@pytest.mark.parametrize("driver", ["asyncmy", "pymysql"])
def test_any_character_reaches_the_mysql_driver(driver: str) -> None:
    arguments = arguments_for(replace(PARTS, dialect="mysql", driver=driver), driver)
    assert (arguments["user"], arguments["password"]) == ("u@s:r", ODD)
    assert arguments.get("db", arguments.get("database")) == "my db/x?y"


def test_a_url_shows_its_password_as_stars() -> None:
    assert "ü" not in str(sqlalchemy_url(PARTS))
    assert ":***@" in str(sqlalchemy_url(PARTS))


def test_hosts_of_every_form() -> None:
    ipv6 = replace(PARTS, host="::1")
    assert "@[::1]:5432/" in str(sqlalchemy_url(ipv6))
    assert arguments_for(ipv6, "asyncpg")["host"] == "::1"
    socket = replace(PARTS, host="/var/run/postgresql", port=6000)
    for driver in ("asyncpg", "psycopg"):
        arguments = arguments_for(socket, driver)
        assert (arguments["host"], int(arguments["port"])) == ("/var/run/postgresql", 6000)
    mysql = replace(PARTS, dialect="mysql", host="/run/mysqld/mysqld.sock")
    assert arguments_for(mysql, "pymysql")["unix_socket"] == "/run/mysqld/mysqld.sock"


def test_sqlite_files_of_any_name() -> None:
    for name in ("/tmp/a b/ü%20#?.db", "rel.db", ":memory:"):
        url = sqlalchemy_url(Profile(name="p", source="file", dialect="sqlite", driver="pysqlite", database=name))
        assert url.database == name


def test_oracle_takes_the_name_as_a_service() -> None:
    oracle = replace(PARTS, dialect="oracle", driver="oracledb", port=1521, database="shop.example")
    url = sqlalchemy_url(oracle)
    assert (url.drivername, url.database, dict(url.query)) == (
        "oracle+oracledb",
        None,
        {"service_name": "shop.example"},
    )


@pytest.mark.parametrize(
    ("sslmode", "words"),
    [
        ("disable", {"Encrypt": "no"}),
        ("prefer", {"Encrypt": "optional"}),
        ("require", {"Encrypt": "yes", "TrustServerCertificate": "yes"}),
        ("verify-full", {"Encrypt": "yes", "TrustServerCertificate": "no"}),
    ],
)
def test_sql_server_has_its_own_words_for_tls(sslmode: str, words: dict[str, str]) -> None:
    url = sqlalchemy_url(replace(PARTS, dialect="mssql", driver="pyodbc", port=1433, sslmode=sslmode))
    assert dict(url.query) == {"driver": "ODBC Driver 18 for SQL Server", **words}
    given = profile_from_url("mssql+pyodbc://u:p@h/d?driver=FreeTDS")
    assert sqlalchemy_url(given).query["driver"] == "FreeTDS"


def test_sql_server_and_oracle_passwords_survive_sqlalchemys_own_translation() -> None:
    """The dialects are asked without their drivers, which need libraries of the system."""
    from sqlalchemy.dialects.mssql.pyodbc import MSDialect_pyodbc

    url = sqlalchemy_url(replace(PARTS, dialect="mssql", driver="pyodbc", port=1433, password=Secret("p;w}d{")))
    ((text,), _) = MSDialect_pyodbc().create_connect_args(url)
    assert "PWD={p;w}}d{}" in text


# -- arguments --------------------------------------------------------------------------------------------------------


def test_nothing_is_sent_to_the_server_by_default() -> None:
    """A pooler refuses start-up parameters that it does not know."""
    assert server_settings(PARTS) == {}
    assert connect_arguments(PARTS, driver="asyncpg")["server_settings"] == {"application_name": "migrator"}
    assert "options" not in connect_arguments(PARTS, driver="psycopg")
    assert "init_command" not in connect_arguments(replace(PARTS, dialect="mysql"), driver="pymysql")


def test_options_of_an_address_reach_both_drivers() -> None:
    profile = profile_from_url(
        "postgresql://h/d?options=-c%20search_path%3Da%5C%20b%20--jit%3Doff&channel_binding=require"
    )
    assert server_settings(profile) == {"search_path": "a b", "jit": "off"}
    assert connect_arguments(profile, driver="psycopg")["options"] == "-c search_path=a\\ b -c jit=off"
    assert "channel_binding" not in sqlalchemy_url(profile, driver="asyncpg").query
    assert sqlalchemy_url(profile, driver="psycopg").query["channel_binding"] == "require"


def test_names_of_schemas_are_quoted() -> None:
    assert server_settings(replace(PARTS, search_path=('a"b', "Public")))["search_path"] == '"a""b", "Public"'


def test_timeouts_are_in_each_drivers_unit() -> None:
    quick = replace(PARTS, connect_timeout=1.5, lock_timeout=2500)
    assert connect_arguments(quick, driver="asyncpg")["timeout"] == 1.5
    assert connect_arguments(quick, driver="psycopg")["connect_timeout"] == 2
    assert connect_arguments(replace(quick, dialect="sqlite"), driver="aiosqlite") == {"timeout": 2.5}


@pytest.mark.parametrize("sslmode", TLS_MODES)
def test_tls_modes_of_postgresql(sslmode: str) -> None:
    profile = replace(PARTS, sslmode=sslmode, sslrootcert=None if sslmode != "verify-ca" else ssl_bundle())
    assert connect_arguments(profile, driver="psycopg")["sslmode"] == sslmode
    given = connect_arguments(profile, driver="asyncpg")["ssl"]
    if not sslmode.startswith("verify"):
        assert given == sslmode
        return
    assert isinstance(given, ssl.SSLContext)
    assert (given.verify_mode, given.check_hostname) == (ssl.CERT_REQUIRED, sslmode == "verify-full")


@pytest.mark.parametrize("sslmode", TLS_MODES)
def test_tls_modes_of_mysql(sslmode: str) -> None:
    profile = replace(
        PARTS, dialect="mysql", sslmode=sslmode, sslrootcert=None if sslmode != "verify-ca" else ssl_bundle()
    )
    given = connect_arguments(profile, driver="asyncmy").get("ssl")
    if sslmode in ("disable", "allow", "prefer"):
        assert given is None
    else:
        assert isinstance(given, ssl.SSLContext)
        assert (given.verify_mode is ssl.CERT_REQUIRED, given.check_hostname) == (
            sslmode != "require",
            sslmode == "verify-full",
        )
    assert connect_arguments(profile, driver="pymysql").get("ssl_disabled", False) is (sslmode == "disable")


def ssl_bundle() -> str:
    """Some file of certificates of this machine."""
    found = tls._system_bundle()
    return found if found != "system" else pytest.skip("no certificates on this machine")


def test_tls_does_not_apply_to_sockets() -> None:
    profile = replace(PARTS, host="/run/pg", sslmode="verify-full")
    assert connect_arguments(profile, driver="asyncpg")["ssl"] is False
    assert "sslmode" not in connect_arguments(profile, driver="psycopg")


# -- URLs that stand alone --------------------------------------------------------------------------------------------


def test_a_url_that_stands_alone_carries_what_is_not_the_default(tmp_path: Path) -> None:
    assert str(standalone_url(PARTS, driver="psycopg")) == str(sqlalchemy_url(PARTS, driver="psycopg"))
    profile = replace(PARTS, sslmode="require", lock_timeout=5, search_path=("a b",))
    assert dict(standalone_url(profile, driver="psycopg").query) == {
        "sslmode": "require",
        "options": '-c search_path="a\\ b" -c lock_timeout=5',
    }
    assert dict(standalone_url(profile, driver="asyncpg").query) == {
        "dsn": "postgresql://?sslmode=require&search_path=%22a%20b%22&lock_timeout=5"
    }
    assert dict(standalone_url(replace(PARTS, sslmode="require"), driver="asyncpg").query) == {"ssl": "require"}
    ours = make_url(standalone_url(profile, driver="psycopg").render_as_string(hide_password=False))
    assert ours.password == ODD


def test_a_url_that_stands_alone_holds_the_commands_password() -> None:
    profile = replace(PARTS, password=None, password_command="printf '%s' s@p")
    assert standalone_url(profile).password == "s@p"
    assert sqlalchemy_url(profile).password is None


# -- engines ----------------------------------------------------------------------------------------------------------


def test_an_engine_is_of_the_drivers_kind_unless_asked_otherwise() -> None:
    from sqlalchemy import Engine
    from sqlalchemy.ext.asyncio import AsyncEngine

    assert isinstance(create_migration_engine(PARTS), AsyncEngine)
    synchronous = create_migration_engine(PARTS, asynchronous=False)
    assert isinstance(synchronous, Engine)
    assert synchronous.driver == "psycopg"
    psycopg = replace(PARTS, migration_driver="psycopg")
    assert isinstance(create_migration_engine(psycopg), Engine)
    assert isinstance(create_migration_engine(psycopg, asynchronous=True), AsyncEngine)


def test_a_driver_of_the_wrong_kind_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="asyncpg works only asynchronously"):
        create_migration_engine(PARTS, asynchronous=False, driver="asyncpg")


@pytest.mark.parametrize("dialect", ["postgresql", "mysql", "mariadb", "sqlite", "oracle", "mssql"])
def test_every_dialect_has_a_driver_of_each_kind(dialect: str) -> None:
    from migrator.profiles.settings import DRIVERS

    profile = replace(PARTS, dialect=dialect, driver=DRIVERS[dialect][0], migration_driver=DRIVERS[dialect][0])
    for asynchronous in (True, False):
        assert driver_for(profile, asynchronous=asynchronous) in DRIVERS[dialect]


def test_a_driver_that_is_not_installed_is_named_with_its_extra() -> None:
    profile = replace(PARTS, dialect="oracle", migration_driver="oracledb")
    try:
        import oracledb  # noqa: F401
    except ImportError:
        with pytest.raises(ConfigurationError, match=r"oracledb.*not installed") as told:
            create_migration_engine(profile)
        assert told.value.remedy == 'pip install "migrator[oracle]"'


def test_migrations_use_the_direct_address() -> None:
    pooled = replace(PARTS, migration_host="direct", migration_port=5433, url_options=MappingProxyType({}))
    engine = create_migration_engine(pooled)
    assert (engine.url.host, engine.url.port) == ("direct", 5433)
    assert sqlalchemy_url(pooled).host == "db"
