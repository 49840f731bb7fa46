"""Make, mark, drop and clear away throwaway databases; that a maker is alive is known by its open session."""

from __future__ import annotations

import fcntl
import re
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from migrator.database.failures import DatabaseError
from migrator.errors import ConfigurationError, MigratorError

if TYPE_CHECKING:
    from migrator.database.connecting import LightConnection

PREFIX = "migrator_scratch_"
_NAME = re.compile(rf"{PREFIX}[0-9a-f]{{12}}")
_MARK = "migrator scratch"


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
    """The mark is the name alone, since databases have no comment; the maker's session holds a lock of that name."""

    def __init__(self, connection: LightConnection) -> None:
        self._connection = connection

    def create(self, name: str, *, copy_of: str | None = None) -> None:
        if copy_of is not None:
            raise ConfigurationError(f"{self._connection.dialect} makes no copies of databases.")
        self._connection.fetch("SELECT GET_LOCK(?, 0)", name)
        self._connection.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")

    def is_here(self, name: str) -> bool:
        return bool(_NAME.fullmatch(name)) and self._connection.fetch("SELECT DATABASE()") == [(name,)]

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
        rows = self._connection.fetch(
            "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE ?", f"{PREFIX}%"
        )
        for (name,) in rows:
            if _NAME.fullmatch(str(name)) and self._connection.fetch("SELECT IS_FREE_LOCK(?)", name) == [(1,)]:
                with suppress(MigratorError):
                    self.drop(str(name))


def _require_name(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{name} is not a scratch database, and is not dropped.")


@contextmanager
def throwaway_file() -> Iterator[Path]:
    """Give the path of an SQLite file that does not exist yet, in a folder that is removed afterwards."""
    _sweep_folders(Path(tempfile.gettempdir()))
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    with (folder / "in-use").open("w") as in_use:
        fcntl.flock(in_use, fcntl.LOCK_EX)
        try:
            yield folder / f"{PREFIX}{uuid.uuid4().hex[:12]}.sqlite3"
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _sweep_folders(place: Path) -> None:
    """Remove the folders whose makers are gone: their lock is free."""
    for left in place.glob(f"{PREFIX}*/in-use"):
        try:
            with left.open("a") as in_use:
                fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(left.parent, ignore_errors=True)
        except OSError:
            continue
