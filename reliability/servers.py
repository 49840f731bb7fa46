"""The servers that runs are tried on, and their databases: addresses, templates, and what is asked of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pymysql
from sqlalchemy import URL, make_url

from migrator.database import embedded

REPOSITORY = Path(__file__).resolve().parent.parent
EMBEDDED_ROOT = REPOSITORY / ".migrator" / "reliability"
POSTGRES_URL = os.environ.get("MIGRATOR_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
MARIADB_URL = os.environ.get("MIGRATOR_TEST_MARIADB_URL", "mysql://root@127.0.0.1:3306/test")
_NUMBERS = count(1)


@dataclass(frozen=True)
class Address:
    """A server, or one of its databases."""

    label: str
    dialect: str
    host: str
    port: int
    user: str
    password: str | None
    database: str

    @property
    def socket(self) -> str | None:
        """Path of the Unix socket; None for TCP."""
        return f"{self.host}/.s.PGSQL.{self.port}" if self.host.startswith("/") else None

    def at(self, host: str, port: int) -> Address:
        """The same database by another way."""
        return replace(self, host=host, port=port)

    def named(self, database: str) -> Address:
        """Another database of the server."""
        return replace(self, database=database)

    def url(self, driver: str) -> str:
        """As SQLAlchemy takes it."""
        way: dict[str, Any] = {"host": self.host, "port": self.port}
        if self.socket:
            way = {"query": {"host": self.host, "port": str(self.port)}}
        url = URL.create(
            f"{self.dialect}+{driver}", username=self.user, password=self.password, database=self.database, **way
        )
        return url.render_as_string(hide_password=False)

    def settings(self, driver: str) -> dict[str, str]:
        """As a profile takes it."""
        settings = {
            "DB_DIALECT": self.dialect,
            "DB_DRIVER": driver,
            "DB_HOST": self.host,
            "DB_PORT": str(self.port),
            "DB_NAME": self.database,
            "DB_USER": self.user,
        }
        return settings if self.password is None else {**settings, "DB_PASS": self.password}

    def ask(self, statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Run one statement outside of any transaction and return its rows."""
        if self.dialect == "postgresql":
            with self._postgresql() as connection:
                cursor = connection.execute(statement, parameters or None)
                return cursor.fetchall() if cursor.description else []
        with self._mariadb() as cursor:
            cursor.execute(statement, parameters or None)
            return list(cursor.fetchall())

    def _postgresql(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password or "",
            dbname=self.database,
            connect_timeout=10,
            autocommit=True,
            application_name="reliability",
        )

    @contextmanager
    def _mariadb(self) -> Iterator[Any]:
        connection = pymysql.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=self.password or "",
            database=self.database or None,
            connect_timeout=10,
            autocommit=True,
        )
        try:
            yield connection.cursor()
        finally:
            connection.close()

    def end_session(self, session: int) -> None:
        """End a session from the server's side."""
        if self.dialect == "postgresql":
            self.ask("SELECT pg_terminate_backend(%s, 5000)", session)
            return
        with suppress(pymysql.err.OperationalError):
            self.ask(f"KILL CONNECTION {int(session)}")

    def create(self, template: Address | None = None) -> Address:
        """Make a new database, empty or as a copy; nobody may be connected to what is copied."""
        name = f"reliability_{os.getpid()}_{next(_NUMBERS)}"
        if self.dialect == "postgresql":
            self.ask(f'CREATE DATABASE "{name}" TEMPLATE "{template.database if template else "template0"}"')
        else:
            self.ask(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
        return self.named(name)

    def drop(self, database: Address) -> None:
        """Drop a database with whoever is connected to it."""
        if self.dialect == "postgresql":
            self.ask(f'DROP DATABASE IF EXISTS "{database.database}" WITH (FORCE)')
            return
        for (session,) in self.ask("SELECT id FROM information_schema.processlist WHERE db = %s", database.database):
            self.end_session(session)
        self.ask(f"DROP DATABASE IF EXISTS `{database.database}`")


def given(url: str, label: str) -> Address:
    """A server that runs already, by its address."""
    parts = make_url(url)
    dialect = "postgresql" if parts.drivername.startswith("postgres") else "mysql"
    return Address(
        label=label,
        dialect=dialect,
        host=parts.host or "127.0.0.1",
        port=parts.port or {"postgresql": 5432, "mysql": 3306}[dialect],
        user=parts.username or "postgres",
        password=str(parts.password) if parts.password else None,
        database=parts.database or "postgres",
    )


def embedded_server(major: int, root: Path = EMBEDDED_ROOT, *, durable: bool = False) -> Address:
    """The embedded PostgreSQL.

    Args:
        major: its version.
        root: folder that its data belongs to.
        durable: whether it waits for the disk. The death of a client needs no durable disk to be survived, and
            thousands of databases come sooner without.

    """
    root.mkdir(parents=True, exist_ok=True)
    server = embedded.ensure_running(root, major)
    address = Address(
        label=f"PostgreSQL {major}",
        dialect="postgresql",
        host=str(server.socket_dir),
        port=server.port,
        user=server.user,
        password=None,
        database="postgres",
    )
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        address.ask(f"ALTER SYSTEM SET {setting} = {'on' if durable else 'off'}")
    address.ask("SELECT pg_reload_conf()")
    return address


def postgresql_server() -> Address:
    """The PostgreSQL of this machine."""
    address = given(POSTGRES_URL, "PostgreSQL")
    major = int(address.ask("SHOW server_version_num")[0][0]) // 10000
    return replace(address, label=f"PostgreSQL {major}")


def mariadb_server() -> Address:
    """The MariaDB of this machine."""
    return given(MARIADB_URL, "MariaDB")


def stop_embedded() -> None:
    """Stop the embedded servers of these runs; their data stays for the next ones."""
    for major in embedded.MAJORS:
        embedded.stop(EMBEDDED_ROOT, major)
