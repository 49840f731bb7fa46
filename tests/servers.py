"""The real servers that tests run on: found once in a session, or named as missing; never replaced by a fake."""

from __future__ import annotations

import fcntl
import hashlib
import os
import platform
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import psycopg
import pymysql
from psycopg import sql

from migrator.database import embedded
from migrator.profiles.model import Profile, Secret

REPOSITORY = Path(__file__).resolve().parent.parent
SERVERS_FOLDER = REPOSITORY / ".migrator" / "tests"
"""The embedded test servers live here, apart from the developer's own, and are used again by the next run."""
PREFIX = f"migrator_test_{hashlib.sha256(platform.node().encode()).hexdigest()[:6]}_"

EMBEDDED = {"embedded-16": 16, "embedded-18": 18}
POSTGRESQL = (*EMBEDDED, "postgresql")
ALL = (*POSTGRESQL, "mariadb", "sqlite")

POSTGRES_URL = os.environ.get("MIGRATOR_TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
MARIADB_URL = os.environ.get("MIGRATOR_TEST_MARIADB_URL", "mysql://root@127.0.0.1:3306/test")


class ServerMissing(Exception):
    """A server that tests want is not there."""


def unique_name() -> str:
    """A database name that no other run has, and from which the next run sees whose it was."""
    return f"{PREFIX}{os.getpid()}_{uuid.uuid4().hex[:8]}"


@dataclass
class Servers:
    """The servers of a test session."""

    missing: dict[str, str] = field(default_factory=dict)
    """Server to the reason why it can't be used, for the summary at the end."""
    _found: dict[str, Profile] = field(default_factory=dict)
    _in_use: IO[str] | None = None

    def profile(self, server: str) -> Profile:
        """A profile of the server's maintenance database.

        Raises:
            ServerMissing: it is not there.

        """
        if server in self.missing:
            raise ServerMissing(self.missing[server])
        if server not in self._found:
            try:
                self._found[server] = self._find(server)
            except ServerMissing as reason:
                self.missing[server] = str(reason)
                raise
            _sweep(self._found[server])
        return self._found[server]

    def _find(self, server: str) -> Profile:
        if server in EMBEDDED:
            return self._embedded(EMBEDDED[server])
        if server == "sqlite":
            return Profile(
                name="test", source="process", dialect="sqlite", driver="aiosqlite", migration_driver="aiosqlite"
            )
        url, dialect, driver = {
            "postgresql": (POSTGRES_URL, "postgresql", "asyncpg"),
            "mariadb": (MARIADB_URL, "mysql", "asyncmy"),
        }[server]
        profile = _profile_of(url, dialect, driver)
        try:
            with _administration(profile):
                pass
        except (psycopg.OperationalError, pymysql.err.OperationalError) as error:
            variable = "MIGRATOR_TEST_POSTGRES_URL" if dialect == "postgresql" else "MIGRATOR_TEST_MARIADB_URL"
            raise ServerMissing(
                f"no {server} at {profile.host}:{profile.port} ({str(error).splitlines()[0]}); set {variable}"
            ) from error
        return profile

    def _embedded(self, major: int) -> Profile:
        if self._in_use is None:
            SERVERS_FOLDER.mkdir(parents=True, exist_ok=True)
            self._in_use = (SERVERS_FOLDER / "in-use").open("a")
            fcntl.flock(self._in_use, fcntl.LOCK_SH)
        server = embedded.ensure_running(SERVERS_FOLDER, major)
        return Profile(
            name="test",
            source="process",
            host=str(server.socket_dir),
            port=server.port,
            user=server.user,
            database="postgres",
        )

    @contextmanager
    def database(self, server: str, *, folder: Path, driver: str | None = None) -> Iterator[Profile]:
        """A fresh database on a server, dropped afterwards with whoever is still connected.

        Raises:
            ServerMissing: the server is not there.

        """
        administration = self.profile(server)
        profile = replace(administration, database=unique_name())
        if driver:
            profile = replace(profile, driver=driver, migration_driver=driver)
        if server == "sqlite":
            yield replace(profile, database=str(folder / f"{profile.database}.sqlite3"))
            return
        _create(administration, str(profile.database))
        try:
            yield profile
        finally:
            _drop(administration, str(profile.database))

    def close(self) -> None:
        """Stop the embedded servers, unless another test session uses them."""
        if self._in_use is None:
            return
        with self._in_use, suppress(BlockingIOError):
            fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for major in EMBEDDED.values():
                embedded.stop(SERVERS_FOLDER, major)


def _profile_of(url: str, dialect: str, driver: str) -> Profile:
    from sqlalchemy import make_url

    parts = make_url(url)
    return Profile(
        name="test",
        source="process",
        dialect=dialect,
        driver=driver,
        migration_driver=driver,
        host=parts.host or "127.0.0.1",
        port=parts.port or {"postgresql": 5432, "mysql": 3306}[dialect],
        user=parts.username,
        password=Secret(str(parts.password)) if parts.password else None,
        database=parts.database,
    )


@contextmanager
def _administration(profile: Profile) -> Iterator[Callable[..., list[tuple[Any, ...]]]]:
    """A function that runs a statement on a server outside of any transaction and returns its rows."""
    password = profile.password.reveal() if profile.password else ""
    if profile.dialect == "postgresql":
        with psycopg.connect(
            host=profile.host,
            port=profile.port,
            user=profile.user,
            password=password,
            dbname=profile.database,
            connect_timeout=5,
            autocommit=True,
        ) as connection:

            def run(statement: Any, *parameters: Any) -> list[tuple[Any, ...]]:
                cursor = connection.execute(statement, parameters or None)
                return cursor.fetchall() if cursor.description else []

            yield run
        return
    mysql = pymysql.connect(
        host=profile.host or "127.0.0.1",
        port=profile.port or 3306,
        user=profile.user,
        password=password,
        connect_timeout=5,
        autocommit=True,
    )
    try:
        cursor = mysql.cursor()

        def run_mysql(statement: str, *parameters: Any) -> list[tuple[Any, ...]]:
            cursor.execute(statement, parameters or None)
            return list(cursor.fetchall())

        yield run_mysql
    finally:
        mysql.close()


def _create(administration: Profile, name: str) -> None:
    with _administration(administration) as run:
        if administration.dialect == "postgresql":
            run(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        else:
            run(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")


def _drop(administration: Profile, name: str) -> None:
    with _administration(administration) as run:
        if administration.dialect == "postgresql":
            run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
            return
        for (session,) in run("SELECT id FROM information_schema.processlist WHERE db = %s", name):
            with suppress(pymysql.err.OperationalError):
                run(f"KILL {int(session)}")
        run(f"DROP DATABASE IF EXISTS `{name}`")


def _sweep(administration: Profile) -> None:
    """Drop what killed runs on this machine left."""
    if administration.dialect == "sqlite":
        return
    with _administration(administration) as run:
        catalog = "SELECT datname FROM pg_database" if administration.dialect == "postgresql" else "SHOW DATABASES"
        names = [str(name) for (name,) in run(catalog)]
    for name in names:
        if name.startswith(PREFIX) and not _is_alive(int(name.removeprefix(PREFIX).split("_")[0])):
            _drop(administration, name)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
