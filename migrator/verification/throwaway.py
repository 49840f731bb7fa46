"""Make, mark, drop and clear away throwaway databases; that a maker is alive is known by its open session.

SQLite files are made in `migrator.verification.throwaway_files`.
"""

from __future__ import annotations

import re
import uuid
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from migrator.database.failures import DatabaseError
from migrator.errors import ConfigurationError, MigratorError

if TYPE_CHECKING:
    from migrator.database.connecting import LightConnection

PREFIX = "migrator_scratch_"
_NAME = re.compile(rf"{PREFIX}[0-9a-f]{{12}}")
_MARK = "migrator scratch"
_A_WEEK = 604_800
"""In seconds."""
_NEVER_IDLE_TOO_LONG = "SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'idle_session_timeout'"


def new_name() -> str:
    """A name that no other database has, and that says what it is."""
    return f"{PREFIX}{uuid.uuid4().hex[:12]}"


class Throwaways(Protocol):
    """The throwaway databases of one server."""

    def create(self, name: str, *, copy_of: str | None = None) -> None:
        """Make and mark a database; this connection stays open as the sign that its maker is alive.

        Raises:
            ConfigurationError: it was to be a copy, and the server makes none.

        """

    def is_here(self, name: str) -> bool:
        """Whether this connection is on that database, and the database is marked."""

    def drop(self, name: str) -> None:
        """Drop a throwaway database with whoever is still connected."""

    def sweep(self) -> None:
        """Drop the throwaway databases whose makers are gone."""


def throwaways_on(connection: LightConnection) -> Throwaways:
    """Choose the way of the connection's dialect.

    Raises:
        ConfigurationError: there is none.

    """
    if connection.dialect == "postgresql":
        return _OnPostgresql(connection)
    if connection.dialect in {"mysql", "mariadb"}:
        return _OnMysql(connection)
    raise ConfigurationError(
        f"A throwaway database can't be made on {connection.dialect}.",
        remedy="give a database of its own to the check: migrator check --env NAME",
    )


class _OnPostgresql:
    """The mark is the database's comment; the maker's session bears the database's name as application_name."""

    def __init__(self, connection: LightConnection) -> None:
        self._connection = connection

    def create(self, name: str, *, copy_of: str | None = None) -> None:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._connection.fetch(_NEVER_IDLE_TOO_LONG)
        self._connection.execute(f"CREATE DATABASE {name}{'' if copy_of is None else f' TEMPLATE {copy_of}'}")
        self._connection.execute(f"COMMENT ON DATABASE {name} IS '{_MARK} {now}'")

    def is_here(self, name: str) -> bool:
        rows = self._connection.fetch(
            "SELECT 1 FROM pg_database WHERE datname = current_database() AND datname = ?"
            " AND shobj_description(oid, 'pg_database') LIKE ?",
            name,
            f"{_MARK}%",
        )
        return bool(rows)

    def drop(self, name: str) -> None:
        _require_name(name)
        self._connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def sweep(self) -> None:
        rows = self._connection.fetch(
            "SELECT d.datname FROM pg_database d"
            " WHERE d.datname LIKE ? AND shobj_description(d.oid, 'pg_database') LIKE ?"
            " AND pg_has_role(d.datdba, 'MEMBER')"
            " AND NOT EXISTS (SELECT 1 FROM pg_stat_activity a WHERE a.application_name = d.datname)",
            f"{PREFIX}%",
            f"{_MARK}%",
        )
        for (name,) in rows:
            if _NAME.fullmatch(str(name)):
                with suppress(MigratorError):  # another command sweeps at this moment
                    self.drop(str(name))


class _OnMysql:
    """The mark is the database's comment, which MySQL does not have; the maker's session holds a lock of its name."""

    def __init__(self, connection: LightConnection) -> None:
        self._connection = connection

    def create(self, name: str, *, copy_of: str | None = None) -> None:
        if copy_of is not None:
            raise ConfigurationError(f"{self._connection.dialect} makes no copies of databases.")
        # The session is idle until the work is done, however long that takes.
        self._connection.execute(f"SET SESSION wait_timeout = {_A_WEEK}")
        self._connection.fetch("SELECT GET_LOCK(?, 0)", name)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        mark = f" COMMENT '{_MARK} {now}'" if self._has_comments() else ""
        self._connection.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4{mark}")

    def is_here(self, name: str) -> bool:
        return (
            bool(_NAME.fullmatch(name))
            and self._connection.fetch("SELECT DATABASE(), IS_FREE_LOCK(?)", name) == [(name, 0)]
            and name in self._marked()
        )

    def _has_comments(self) -> bool:
        return bool(
            self._connection.fetch(
                "SELECT 1 FROM information_schema.columns WHERE table_schema = 'information_schema'"
                " AND table_name = 'SCHEMATA' AND column_name = 'SCHEMA_COMMENT'"
            )
        )

    def _marked(self) -> list[str]:
        """The databases that bear the mark; where there are no comments the name has to do."""
        where, mark = (" AND schema_comment LIKE ?", (f"{_MARK}%",)) if self._has_comments() else ("", ())
        rows = self._connection.fetch(
            f"SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE ?{where}",  # noqa: S608 (fixed)
            f"{PREFIX}%",
            *mark,
        )
        return [str(name) for (name,) in rows if _NAME.fullmatch(str(name))]

    def drop(self, name: str) -> None:
        _require_name(name)
        sessions = self._connection.fetch(
            "SELECT id FROM information_schema.processlist WHERE db = ? AND id <> CONNECTION_ID()", name
        )
        for (session,) in sessions:
            with suppress(DatabaseError):  # it has ended by itself in between
                self._connection.execute(f"KILL {int(session)}")
        self._connection.execute(f"DROP DATABASE IF EXISTS {name}")

    def sweep(self) -> None:
        for name in self._marked():
            if self._connection.fetch("SELECT IS_FREE_LOCK(?)", name) == [(1,)]:
                with suppress(MigratorError):
                    self.drop(name)


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{name} is not a scratch database, and is not dropped.")
