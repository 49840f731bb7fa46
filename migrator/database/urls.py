"""A profile as an ``sqlalchemy.URL`` and as the arguments that a URL cannot carry."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote, urlencode

from migrator.database import tls
from migrator.database.keepalive import libpq_words
from migrator.errors import ConfigurationError
from migrator.profiles.address import unknown_driver
from migrator.profiles.model import Profile, with_server
from migrator.profiles.password import password_of
from migrator.profiles.settings import DRIVERS

if TYPE_CHECKING:
    from sqlalchemy import URL

_DEFAULTS: Final = Profile(name="", source="url")
_ODBC_DRIVER: Final = "ODBC Driver 18 for SQL Server"
_ASYNCPG_OPTIONS: Final = frozenset({"target_session_attrs", "prepared_statement_cache_size", "statement_cache_size"})
"""What asyncpg can take of the words after ``?``; the others are libpq's."""
_ASYNCPG_ONLY: Final = frozenset({"prepared_statement_cache_size", "statement_cache_size", "async_fallback"})
_SERVER_OPTION: Final = re.compile(r"-(?:c\s*|-)(?P<name>[\w.]+)=(?P<value>(?:\\.|\S)*)")


def sqlalchemy_url(profile: Profile, *, driver: str | None = None) -> URL:
    """Return the URL of a profile.

    Args:
        profile: a reachable one: an embedded server's address must have been filled in.
        driver: DBAPI; None means the application's (``DB_DRIVER``).

    Returns:
        A URL that shows its password as ``***``. It holds no password where ``DB_PASS_COMMAND`` gives it; the
        engines of `migrator.database.engines` ask for it at each connection.

    """
    from sqlalchemy import URL

    chosen = driver or profile.driver
    query = _query(profile, chosen)
    password = None if profile.password is None else profile.password.reveal()
    if profile.dialect == "sqlite":
        return URL.create(f"sqlite+{chosen}", database=profile.database, query=query)
    return URL.create(
        f"{profile.dialect}+{chosen}",
        username=profile.user,
        password=password,
        host=None if profile.is_socket else profile.host,
        port=None if profile.is_socket and profile.dialect != "postgresql" else profile.port,
        database=None if profile.dialect == "oracle" else profile.database,
        query=query,
    )


def standalone_url(profile: Profile, *, driver: str | None = None) -> URL:
    """Return a URL that needs no further arguments, for an ``env.py`` or a program that knows nothing but a URL.

    It holds the password, and TLS, timeouts and search path where they are not the default. What no URL can carry:
    ``disable`` and non-Latin passwords for MySQL's drivers, the patience of connecting for asyncpg.

    Raises:
        ConfigurationError: ``DB_PASS_COMMAND`` failed.

    """
    chosen = driver or profile.driver
    url = sqlalchemy_url(profile, driver=chosen)
    if profile.password_command is not None:
        url = url.set(password=password_of(profile))
    if chosen == "asyncpg":
        return url.update_query_dict(_asyncpg_words(profile))
    if _is_libpq(chosen):
        return url.update_query_dict(_libpq_words(profile))
    return url.update_query_dict(_mysql_words(profile)) if chosen in ("asyncmy", "pymysql") else url


def printable_url(profile: Profile, *, root: Path, driver: str | None, with_password: bool) -> str:
    """Return a stand-alone URL as text, the password as ``***`` unless it is asked for.

    Raises:
        ConfigurationError: the dialect has no such driver, or ``DB_PASS_COMMAND`` failed.
        Unreachable: the embedded server does not run, so that it has no address.

    """
    if driver is not None and driver not in DRIVERS[profile.dialect]:
        raise ConfigurationError(f"--driver {unknown_driver(profile.dialect, driver)}.")
    if profile.embedded is not None and profile.host is None:
        from migrator.database.embedded.overview import require_running

        server = require_running(root, profile.embedded)
        profile = with_server(profile, host=str(server.socket_dir), port=server.port, user=server.user)
    if not with_password:
        profile = replace(profile, password_command=None)
    return standalone_url(profile, driver=driver).render_as_string(hide_password=not with_password)


def _libpq_words(profile: Profile) -> dict[str, str]:
    known = connect_arguments(_DEFAULTS, driver="psycopg")
    arguments = connect_arguments(profile, driver="psycopg")
    return {name: str(value) for name, value in arguments.items() if value != known.get(name)}


def _asyncpg_words(profile: Profile) -> dict[str, str]:
    """SQLAlchemy hands on what stands after ``?``; asyncpg takes all but the TLS mode in a ``dsn`` of its own only."""
    tls_words = tls.for_libpq(profile) if profile.sslmode != "prefer" else {}
    settings = server_settings(profile)
    if profile.application_name != _DEFAULTS.application_name:
        settings["application_name"] = profile.application_name
    if not settings and tls_words.keys() <= {"sslmode"}:
        return {"ssl": profile.sslmode} if tls_words else {}
    return {"dsn": "postgresql://?" + urlencode({**tls_words, **settings}, quote_via=quote)}


def _mysql_words(profile: Profile) -> dict[str, str]:
    command = mysql_init_command(profile)
    words = {} if command is None else {"init_command": command}
    if not tls.is_required(profile):
        return words
    files = {"ssl_ca": tls.root_file(profile), "ssl_cert": profile.sslcert, "ssl_key": profile.sslkey}
    words |= {name: value for name, value in files.items() if value}
    return words | {"ssl_check_hostname": "true" if profile.sslmode == "verify-full" else "false"}


def _query(profile: Profile, driver: str) -> dict[str, str]:
    query = {
        name: value for name, value in profile.url_options.items() if not (name == "options" and _is_libpq(driver))
    }
    if driver == "asyncpg":
        query = {name: value for name, value in query.items() if name in _ASYNCPG_OPTIONS}
    elif _is_libpq(driver):
        query = {name: value for name, value in query.items() if name not in _ASYNCPG_ONLY}
    if profile.is_socket:
        query["host" if profile.dialect == "postgresql" else "unix_socket"] = str(profile.host)
    if profile.dialect == "oracle" and profile.database:
        query["service_name"] = profile.database
    if profile.dialect == "mssql":
        query = {"driver": _ODBC_DRIVER, **odbc_encryption(profile), **query}
    return query


def odbc_encryption(profile: Profile) -> dict[str, str]:
    """ODBC's two words for the six modes: whether to encrypt, and whether any certificate will do."""
    encrypt = "yes" if profile.sslmode not in ("disable", "allow", "prefer") else "no"
    if encrypt == "no":
        return {"Encrypt": "no" if profile.sslmode == "disable" else "optional"}
    return {"Encrypt": "yes", "TrustServerCertificate": "yes" if profile.sslmode == "require" else "no"}


def connect_arguments(
    profile: Profile, *, driver: str | None = None, application_name: str | None = None
) -> dict[str, Any]:
    """Return ``connect_args`` for a driver: TLS, timeouts, search path and the name that the server shows.

    Args:
        profile: a reachable one.
        driver: DBAPI; None means the application's (``DB_DRIVER``).
        application_name: instead of the profile's.

    """
    chosen = driver or profile.driver
    name = application_name or profile.application_name
    seconds = max(1, round(profile.connect_timeout))
    if chosen == "asyncpg":
        return {
            "ssl": tls.for_asyncpg(profile),
            "timeout": profile.connect_timeout,
            "server_settings": {"application_name": name, **server_settings(profile)},
        }
    if _is_libpq(chosen):
        options = " ".join(f"-c {name}={_escaped(value)}" for name, value in server_settings(profile).items())
        arguments = {"connect_timeout": seconds, "application_name": name, **tls.for_libpq(profile)}
        arguments |= libpq_words(profile.url_options)
        return {**arguments, "options": options} if options else arguments
    if chosen in ("asyncmy", "pymysql"):
        arguments = {"connect_timeout": seconds, **tls.for_mysql(profile, chosen)}
        command = mysql_init_command(profile)
        return {**arguments, "init_command": command} if command else arguments
    if chosen in ("aiosqlite", "pysqlite"):
        return {} if profile.lock_timeout is None else {"timeout": profile.lock_timeout / 1000}
    if chosen == "oracledb":
        return {"tcp_connect_timeout": profile.connect_timeout, **_oracle_tls(profile)}
    return {"timeout": seconds}


def _is_libpq(driver: str) -> bool:
    return driver in ("psycopg", "psycopg2")


def server_settings(profile: Profile) -> dict[str, str]:
    """PostgreSQL settings of a session, sent while connecting: none unless the profile asks for some.

    A pooler refuses start-up parameters that it does not know, so nothing is sent by default.
    """
    written = profile.url_options.get("options", "")
    settings = {match["name"]: re.sub(r"\\(.)", r"\1", match["value"]) for match in _SERVER_OPTION.finditer(written)}
    if profile.search_path or profile.schema:
        names = profile.search_path or (str(profile.schema),)
        settings["search_path"] = ", ".join('"' + name.replace('"', '""') + '"' for name in names)
    if profile.statement_timeout is not None:
        settings["statement_timeout"] = str(profile.statement_timeout)
    if profile.lock_timeout is not None:
        settings["lock_timeout"] = str(profile.lock_timeout)
    return settings


def _escaped(value: str) -> str:
    return re.sub(r"([\\\s])", r"\\\1", value)


def mysql_init_command(profile: Profile) -> str | None:
    """Timeouts of a MySQL or MariaDB session; each server reads the other's comments as comments."""
    settings = []
    if profile.lock_timeout is not None:
        seconds = max(1, round(profile.lock_timeout / 1000))
        settings.append(f"SESSION lock_wait_timeout = {seconds}, SESSION innodb_lock_wait_timeout = {seconds}")
    if profile.statement_timeout is not None:
        milliseconds = profile.statement_timeout
        settings.append(
            f"@migrator_statement_timeout = {milliseconds}"
            f" /*M!100100 , SESSION max_statement_time = {milliseconds / 1000:g} */"
            f" /*!50708 , SESSION max_execution_time = {milliseconds} */"
        )
    return "SET " + ", ".join(settings) if settings else None


def mysql_password(password: str | None) -> bytes:
    """The password as the server hashed it: PyMySQL and asyncmy would take a ``str`` for Latin-1."""
    return (password or "").encode()


def _oracle_tls(profile: Profile) -> dict[str, Any]:
    if not tls.is_required(profile):
        return {}
    match_name = "on" if profile.sslmode == "verify-full" else "off"
    dsn = f"tcps://{profile.host}:{profile.port}/{profile.database}?ssl_server_dn_match={match_name}"
    return {"dsn": dsn, "ssl_context": tls.context(profile)}
