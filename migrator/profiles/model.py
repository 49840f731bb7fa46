"""A profile: which database, with which driver, and how carefully. ``database/`` makes connections of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, final

SYNCHRONOUS_ONLY: Final = frozenset({"pysqlite", "pymysql", "psycopg2", "pyodbc"})
ASYNCHRONOUS_ONLY: Final = frozenset({"asyncpg", "asyncmy", "aiosqlite", "aioodbc"})


def _no_options() -> Mapping[str, str]:
    return MappingProxyType({})


def _no_origins() -> Mapping[str, Origin]:
    return MappingProxyType({})


@final
class Secret:
    """A text that shows itself as ``***`` wherever it is printed, formatted or logged."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """Return the text itself: for a driver, never for a message."""
        return self._value

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __format__(self, specification: str) -> str:
        return format("***", specification)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)


OriginKind = Literal["flag", "process", "secret-file", "local-file", "file", "default"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where the value of one setting came from."""

    kind: OriginKind
    file: str | None = None
    """Profile file, relative to the project's root; for a secret file, the path as it was given."""
    line: int | None = None
    name: str | None = None
    """The name that was actually used, when it is not the setting's own: an alias, ``DB_URL`` or ``DB_PASS_FILE``."""

    def __str__(self) -> str:
        """Such as ``env_profiles/prod.env:3`` or ``process environment (DB_PASSWORD)``."""
        place = {
            "flag": "command line",
            "process": "process environment",
            "default": "default",
            "secret-file": f"secret file {self.file}",
        }.get(self.kind, f"{self.file}:{self.line}")
        return f"{place} ({self.name})" if self.name else place


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One database and how to treat it, as gathered from flags, process environment and files."""

    name: str
    source: Literal["file", "process", "url"]
    path: Path | None = None
    """``env_profiles/NAME.env``; None when the process environment alone makes the profile."""
    root: Path | None = None
    """The project's folder, from which relative paths start; None: the current one."""

    dialect: str = "postgresql"
    driver: str = "asyncpg"
    """DBAPI that the application uses, as SQLAlchemy names it."""
    migration_driver: str = "asyncpg"
    """DBAPI that runs migrations."""
    host: str | None = None
    """Host name, address, or the folder of a Unix socket."""
    port: int | None = None
    database: str | None = None
    """Database; file of an SQLite database, service name of an Oracle one."""
    user: str | None = None
    password: Secret | None = None
    password_command: str | None = None
    """Command that prints a short-lived password; run by `migrator.profiles.password.password_of` only."""
    schema: str | None = None
    search_path: tuple[str, ...] = ()
    """All of ``DB_SCHEMA``; the first is `schema`."""
    url_options: Mapping[str, str] = field(default_factory=_no_options, repr=False)
    """What ``DB_URL`` said after ``?`` beyond the settings known here."""

    sslmode: str = "prefer"
    sslrootcert: str | None = None
    sslcert: str | None = None
    sslkey: str | None = None

    connect_timeout: float = 10.0
    """Seconds."""
    statement_timeout: int | None = None
    """Milliseconds; None leaves it to the server."""
    lock_timeout: int | None = None
    """Milliseconds; None leaves it to the server."""
    application_name: str = "migrator"

    pool_size: int = 5
    pool_max_overflow: int = 10
    pool_timeout: float = 30.0
    """Seconds that a request waits for a connection of the pool."""
    pool_recycle: float | None = None
    """Seconds after which a pooled connection is replaced."""
    pool_max_idle: float | None = None
    """Seconds that a pooled connection may lie idle."""
    pool_pre_ping: bool = True
    pgbouncer: bool = False
    """The application's connections lead through a pooler in transaction mode."""
    echo: bool = False

    embedded: int | None = None
    """Major version of the embedded PostgreSQL server that holds this database."""
    version_table: str | None = None
    """None leaves it to ``env.py``, then ``alembic_version``."""
    version_table_schema: str | None = None

    migration_host: str | None = None
    migration_port: int | None = None
    migration_url: Secret | None = None
    """Whole address for migrations, where the application's leads through a pooler."""
    scratch_url: Secret | None = None

    protected: bool = False
    lock_wait: float = 300.0
    """Seconds to wait for another migration to finish."""
    wait_for_db: float = 0.0
    """Seconds to wait for the server to answer."""
    if_ahead: Literal["ok", "warn", "fail"] = "fail"
    """What an upgrade does where the database is ahead of this code."""
    table_lock_timeout: float | None = None
    """Seconds that a statement waits for a strong lock; None: ``lock_timeout``, else two seconds."""
    lock_budget: float = 300.0
    """Seconds that a revision is tried again for the sake of its locks."""
    victim_budget: float = 6.0
    """Seconds that others may queue behind one waiting statement, summed over their sessions."""
    deadline: float | None = None
    """Seconds after the command's start by which a new revision must be expected to end."""
    ledger: bool = True
    ledger_schema: str | None = None
    """None: a schema of its own where that can be made, else beside the version table."""
    metrics_file: str | None = None
    before_run: str | None = None
    after_run: str | None = None
    before_revision: str | None = None
    after_revision: str | None = None

    origins: Mapping[str, Origin] = field(default_factory=_no_origins, repr=False)
    """Setting name, such as ``DB_HOST``, to where its value came from."""
    overridden: tuple[str, ...] = ()
    """Settings that a protected profile's files give and the process environment overrides."""

    @property
    def is_socket(self) -> bool:
        """Whether the host is a Unix socket (folder or file)."""
        return bool(self.host) and str(self.host).startswith("/")

    @property
    def location(self) -> str:
        """Where the migrations go, for people: ``postgresql://user@host:5432/name``, never with a password."""
        if self.embedded is not None:
            return f"embedded PostgreSQL {self.embedded}, database {self.database}"
        if self.dialect == "sqlite":
            return f"sqlite:///{self.database}"
        user = f"{self.user}@" if self.user else ""
        host, port = self.migration_host or self.host or "", self.migration_port or self.port
        place = f"[{host}]" if self.is_socket or ":" in host else host
        return (
            f"{self.dialect}://{user}{place}{f':{port}' if port and not self.is_socket else ''}/{self.database or ''}"
        )


def with_server(
    profile: Profile, *, host: str, port: int | None, user: str | None, password: str | None = None
) -> Profile:
    """The same database name and settings on another server, which the profile's own address no longer reaches."""
    return replace(
        profile,
        host=host,
        port=port,
        user=user,
        password=None if password is None else Secret(password),
        password_command=None,
        migration_host=None,
        migration_port=None,
        migration_url=None,
    )


def with_database(profile: Profile, name: str) -> Profile:
    """Another database on the same server."""
    return replace(profile, database=name)
