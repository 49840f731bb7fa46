"""A database address in one text: taken apart as SQLAlchemy does, without importing it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

from migrator.profiles.model import Profile, Secret
from migrator.profiles.settings import DEFAULT_PORTS, DIALECT_NAMES, DRIVERS, SSL_MODES

_ADDRESS = re.compile(
    r"(?P<name>[\w+]+)://"
    r"(?:(?P<user>[^:/]*)(?::(?P<password>[^@]*))?@)?"
    r"(?:(?:\[(?P<ipv6>[^/?]+)\]|(?P<host>[^/:?]+))?(?::(?P<port>[^/?]*))?)?"
    r"(?:/(?P<database>[^?]*))?"
    r"(?:\?(?P<query>.*))?",
    re.DOTALL,
)
_DRIVER_NAMES: Final = {"psycopg_async": "psycopg", "oracledb_async": "oracledb"}
_QUERY_SETTINGS: Final = {
    "sslmode": "sslmode",
    "ssl": "sslmode",
    "sslrootcert": "sslrootcert",
    "sslcert": "sslcert",
    "sslkey": "sslkey",
    "application_name": "application_name",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The parts that an address gives; None where it gives none."""

    dialect: str
    driver: str | None = None
    host: str | None = None
    port: int | None = None
    database: str | None = None
    user: str | None = None
    password: str | None = None
    known: Mapping[str, str | float]
    """Attributes of a profile that stood after ``?``, such as ``sslmode``."""
    options: Mapping[str, str]
    """Whatever else stood there, for the driver."""


def parse_address(text: str) -> Address:
    """Take a database URL apart.

    Raises:
        ValueError: it is none; the message never quotes it, since it may hold a password.

    """
    match = _ADDRESS.fullmatch(text.strip())
    if match is None:
        raise ValueError("is no database URL; write it like postgresql://user@host:5432/name")
    dialect, driver = _dialect_and_driver(match["name"])
    host = match["ipv6"] or (unquote(match["host"]) if match["host"] else None)
    if host and "@" in host:
        raise ValueError("holds an @ in user or password; write it as %40, or use DB_USER and DB_PASS")
    query = dict(parse_qsl(match["query"] or "", keep_blank_values=True))
    host = query.pop("host", None) or query.pop("unix_socket", None) or host
    port = _port(match["port"] or query.pop("port", ""))
    database = match["database"]
    return Address(
        dialect=dialect,
        driver=driver,
        host=host,
        port=port,
        database=(unquote(database) if database else None) or query.pop("service_name", None),
        user=(unquote(match["user"]) if match["user"] else None) or query.pop("user", None),
        password=unquote(match["password"]) if match["password"] is not None else query.pop("password", None),
        known=MappingProxyType(_known(query)),
        options=MappingProxyType(query),
    )


def _dialect_and_driver(name: str) -> tuple[str, str | None]:
    import difflib

    written, _, driver = name.partition("+")
    dialect = DIALECT_NAMES.get(written.lower())
    if dialect is None:
        near = difflib.get_close_matches(written.lower(), DIALECT_NAMES, n=1)
        raise ValueError(
            f"begins with {written!r}, which is no known dialect" + (f"; did you mean {near[0]}?" if near else "")
        )
    if not driver:
        return dialect, None
    driver = _DRIVER_NAMES.get(driver, driver)
    if driver not in DRIVERS[dialect]:
        raise ValueError(unknown_driver(dialect, driver))
    return dialect, driver


def unknown_driver(dialect: str, driver: str) -> str:
    """Say that a dialect has no such driver, and which it has."""
    import difflib

    near = difflib.get_close_matches(driver, DRIVERS[dialect], n=1, cutoff=0.5)
    hint = f"did you mean {near[0]}?" if near else f"use {' or '.join(DRIVERS[dialect])}"
    return f"names the driver {driver!r}, which {dialect} does not have here; {hint}"


def _port(text: str) -> int | None:
    if not text:
        return None
    if not text.isascii() or not text.isdigit():
        raise ValueError("holds a port that is not a number; a : or / in the password must be written %3A or %2F")
    return int(text)


def _known(query: dict[str, str]) -> dict[str, str | float]:
    known: dict[str, str | float] = {field: query.pop(key) for key, field in _QUERY_SETTINGS.items() if key in query}
    if str(known.get("sslmode")).lower() == "true":
        known["sslmode"] = "require"
    if "connect_timeout" in query:
        text = query.pop("connect_timeout")
        if not text.isascii() or not text.isdigit():
            raise ValueError(f"holds connect_timeout={text!r}, which is not a number of seconds")
        known["connect_timeout"] = float(text)
    if known.get("sslmode", SSL_MODES[0]) not in SSL_MODES:
        raise ValueError(f"holds sslmode={known['sslmode']!r}; use one of {', '.join(SSL_MODES)}")
    return known


def with_address(profile: Profile, address: Address) -> Profile:
    """The profile on the server that an address names; what the address leaves open stays, but never a password."""
    same = address.dialect == profile.dialect
    driver = address.driver or (profile.driver if same else DRIVERS[address.dialect][0])
    keeps_migration_driver = same and address.driver is None
    known: dict[str, Any] = dict(address.known)
    return replace(
        profile,
        dialect=address.dialect,
        driver=driver,
        migration_driver=profile.migration_driver if keeps_migration_driver else driver,
        host=address.host or default_host(address.dialect),
        port=address.port or DEFAULT_PORTS.get(address.dialect),
        database=address.database or profile.database,
        user=address.user,
        password=None if address.password is None else Secret(address.password),
        password_command=None,
        embedded=None,
        url_options=address.options,
        migration_host=None,
        migration_port=None,
        migration_url=None,
        **known,
    )


def default_host(dialect: str) -> str | None:
    """Where a server is when nobody says."""
    return None if dialect == "sqlite" else "localhost"


def profile_from_url(url: str, *, name: str = "url") -> Profile:
    """A profile of nothing but an address, such as ``MIGRATOR_SCRATCH_URL``.

    Raises:
        ValueError: it is no database URL.

    """
    address = parse_address(url)
    return with_address(
        Profile(name=name, source="url", dialect=address.dialect, driver=DRIVERS[address.dialect][0]), address
    )


def for_migrations(profile: Profile) -> Profile:
    """The profile as migrations use it: ``DB_MIGRATION_URL``, or host and port of their own, past a pooler."""
    if profile.migration_url is not None:
        address = parse_address(profile.migration_url.reveal())
        moved = with_address(profile, address)
        if address.password is None and address.user in (None, profile.user):
            return replace(
                moved, user=profile.user, password=profile.password, password_command=profile.password_command
            )
        return moved
    if profile.migration_host is None and profile.migration_port is None:
        return profile
    return replace(
        profile,
        host=profile.migration_host or profile.host,
        port=profile.migration_port or profile.port,
        migration_host=None,
        migration_port=None,
    )
