"""What the version table and the catalog say, read with the bare driver. Reading never writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from migrator.database.catalog import catalog_of
from migrator.errors import ConfigurationError

if TYPE_CHECKING:
    from migrator.database.ledger.applied import RecordedRevision
    from migrator.database.ledger.journal import CutRevision
    from migrator.profiles.model import Profile


LEASE: Final = "migrator_lease"
"""The table of locks, in databases of dialects that have none."""


class Reader(Protocol):
    """Whatever can run a query: the light connection, or a thin layer over SQLAlchemy's."""

    @property
    def dialect(self) -> str:
        """Name of the SQL dialect, such as ``postgresql``."""

    def fetch(self, sql: str, /, *parameters: Any) -> list[tuple[Any, ...]]:
        """Rows of a query; ``?`` stands for each parameter."""


@dataclass(frozen=True, slots=True)
class VersionTable:
    """Where the applied revisions are written down."""

    name: str = "alembic_version"
    schema: str | None = None

    def __str__(self) -> str:
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseState:
    """What one database says about itself."""

    rows: tuple[str, ...]
    """Revisions in the version table, sorted."""
    version_table_exists: bool
    tables: tuple[str, ...] = ()
    """Other tables of the schema; read only when the version table holds no row."""
    identity: tuple[str, ...] = ()
    """Values that are equal only for the same database on the same running server."""
    server: str = ""
    """Product and version, such as ``PostgreSQL 18.1``."""
    location: str = ""
    """Where it is, as shown to people: never with a password."""
    cut: tuple[CutRevision, ...] = ()
    """Revisions that are being run, or were cut half way after something of them took effect."""
    recorded: Mapping[str, RecordedRevision] | None = None
    """What the ledger knows of every revision; read only where a version row is unknown to the code at hand."""


def read_state(reader: Reader, version_table: VersionTable, *, location: str = "") -> DatabaseState:
    """Read the version rows; when there are none, also which tables exist."""
    exists, rows = _read_rows(reader, version_table)
    tables: tuple[str, ...] = ()
    if not rows:
        parameters = (version_table.schema,) if version_table.schema else ()
        listed = reader.fetch(catalog_of(reader.dialect).tables(version_table.schema), *parameters)
        tables = tuple(sorted(str(row[0]) for row in listed if not _is_own(str(row[0]), version_table)))
    if tables:
        # Another process may have committed its first revision between the two questions: its tables would be seen,
        # and not the version row that was committed with them.
        exists, rows = _read_rows(reader, version_table)
    return DatabaseState(rows=rows, version_table_exists=exists, tables=() if rows else tables, location=location)


def _is_own(table: str, version_table: VersionTable) -> bool:
    """Whether a table is this tool's: an empty database stays one when somebody has taken its lock."""
    from migrator.database.ledger.place import TABLES

    return table == version_table.name or table.lower() in (*TABLES, LEASE)


def read_version_rows(reader: Reader, version_table: VersionTable, *, exists: bool = False) -> tuple[str, ...]:
    """Read the version rows, sorted; none where there is no version table.

    Args:
        reader: of the database.
        version_table: which one.
        exists: it was there a moment ago, which spares a question.

    """
    return _rows_of(reader, version_table) if exists else _read_rows(reader, version_table)[1]


def _read_rows(reader: Reader, version_table: VersionTable) -> tuple[bool, tuple[str, ...]]:
    """Whether the version table exists, and its rows."""
    catalog = catalog_of(reader.dialect)
    if not reader.fetch(catalog.table_exists(version_table.schema), *_named(version_table)):
        return False, ()
    return True, _rows_of(reader, version_table)


def _rows_of(reader: Reader, version_table: VersionTable) -> tuple[str, ...]:
    table = catalog_of(reader.dialect).quoted(version_table.name, version_table.schema)
    return tuple(sorted(str(row[0]) for row in reader.fetch(f"SELECT version_num FROM {table}")))  # noqa: S608


def read_identity(reader: Reader) -> tuple[str, ...]:
    """Read what tells this database from every other; of SQLite it is the file's own path."""
    if reader.dialect == "sqlite":
        file = str(reader.fetch(catalog_of("sqlite").identity)[0][0] or "")
        return (str(Path(file).resolve()) if file else "",)
    return tuple(str(value) for value in reader.fetch(catalog_of(reader.dialect).identity)[0])


def read_server(reader: Reader) -> str:
    """Read the server's product and version."""
    catalog = catalog_of(reader.dialect)
    return catalog.product(str(reader.fetch(catalog.version)[0][0]))


def version_table_of(profile: Profile | None, declared: VersionTable | None) -> VersionTable:
    """The version table's place: the profile's word, else what ``env.py`` declares, else Alembic's default."""
    declared = declared or VersionTable()
    if profile is None:
        return declared
    return VersionTable(
        name=profile.version_table or declared.name,
        schema=profile.version_table_schema or declared.schema,
    )


def _named(version_table: VersionTable) -> tuple[str, ...]:
    return (version_table.name, version_table.schema) if version_table.schema else (version_table.name,)


def require_supported(dialect: str) -> None:
    """Refuse a dialect whose catalog cannot be read.

    Raises:
        ConfigurationError: the dialect is none of the five.

    """
    try:
        catalog_of(dialect)
    except KeyError:
        raise ConfigurationError(f"databases of dialect {dialect!r} are not supported") from None
