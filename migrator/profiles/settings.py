"""The one table of settings: it drives reading, checking of names, ``profile show`` and the documentation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What a value must look like."""

    TEXT = "text"
    HOST = "host"
    PORT = "port"
    COUNT = "count"
    SECONDS = "seconds"
    MILLISECONDS = "milliseconds"
    FLAG = "true or false"
    CHOICE = "one of"
    FILE = "file"
    URL = "URL"
    SCHEMAS = "schemas"
    COMMAND = "command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One name that a profile understands."""

    name: str
    field: str
    """Attribute of `migrator.profiles.model.Profile`."""
    kind: Kind
    meaning: str
    default: str | None = None
    """As it would be written in a profile file; None: nothing is set."""
    default_note: str | None = None
    """What holds without it, where that depends on other settings."""
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    secret: bool = False
    connection: bool = False
    """Whether it says which server, database or user: what ``DB_URL`` says as a whole."""
    process_only: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The name and its aliases."""
        return (self.name, *self.aliases)


SSL_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")

DIALECT_NAMES: Final = {
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "pg": "postgresql",
    "mysql": "mysql",
    "mariadb": "mariadb",
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "oracle": "oracle",
    "mssql": "mssql",
    "sqlserver": "mssql",
}
DRIVERS: Final = {
    "postgresql": ("asyncpg", "psycopg", "psycopg2"),
    "mysql": ("asyncmy", "pymysql"),
    "mariadb": ("asyncmy", "pymysql"),
    "sqlite": ("aiosqlite", "pysqlite"),
    "oracle": ("oracledb",),
    "mssql": ("aioodbc", "pyodbc"),
}
"""Drivers a dialect, the default first."""
DEFAULT_PORTS: Final = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306, "oracle": 1521, "mssql": 1433}

SETTINGS: Final = (
    Setting(
        name="DB_URL",
        field="",
        kind=Kind.URL,
        meaning="Whole address instead of the parts below, such as "
        "`postgresql+asyncpg://user:pass@host:5432/name?sslmode=require`. Special characters in "
        "user and password must be percent-encoded here; the parts need no encoding.",
        secret=True,
    ),
    Setting(
        name="DB_DIALECT",
        field="dialect",
        kind=Kind.CHOICE,
        choices=tuple(DIALECT_NAMES),
        default="postgresql",
        meaning="Kind of database.",
        connection=True,
    ),
    Setting(
        name="DB_DRIVER",
        field="driver",
        kind=Kind.TEXT,
        default_note="asyncpg, asyncmy, aiosqlite, oracledb or aioodbc, by dialect",
        meaning="DBAPI that the application uses.",
    ),
    Setting(
        name="DB_MIGRATION_DRIVER",
        field="migration_driver",
        kind=Kind.TEXT,
        default_note="the same as DB_DRIVER",
        meaning="DBAPI that runs migrations; may differ from the application's.",
    ),
    Setting(
        name="DB_HOST",
        field="host",
        kind=Kind.HOST,
        default_note="localhost",
        meaning="Host name, IPv4 or IPv6 address, or absolute path of a Unix socket's folder (MySQL: of the socket).",
        connection=True,
    ),
    Setting(
        name="DB_PORT",
        field="port",
        kind=Kind.PORT,
        default_note="5432, 3306, 1521 or 1433, by dialect",
        meaning="Port of the server. A value such as `tcp://10.0.0.1:5432`, which Kubernetes sets for a Service named "
        "`db`, is passed over.",
        connection=True,
    ),
    Setting(
        name="DB_NAME",
        field="database",
        kind=Kind.TEXT,
        default_note="required",
        meaning="Database; for SQLite its file, relative to the project (or `:memory:`), for Oracle the service name.",
        connection=True,
    ),
    Setting(
        name="DB_USER",
        field="user",
        kind=Kind.TEXT,
        default_note="left to the driver",
        meaning="User to log in as.",
        connection=True,
    ),
    Setting(
        name="DB_PASS",
        field="password",
        kind=Kind.TEXT,
        aliases=("DB_PASSWORD", "DB_PW"),
        meaning="Password. Better given by `DB_PASS_FILE` or `DB_PASS_COMMAND`.",
        secret=True,
        connection=True,
    ),
    Setting(
        name="DB_PASS_COMMAND",
        field="password_command",
        kind=Kind.COMMAND,
        meaning="Command that prints the password, for short-lived tokens. Started without a shell, only when a "
        "password is needed, in the project's folder.",
    ),
    Setting(
        name="DB_EMBEDDED",
        field="embedded",
        kind=Kind.CHOICE,
        choices=("16", "18"),
        meaning="Use the embedded PostgreSQL server of this major version; it brings its own host, port and user.",
    ),
    Setting(
        name="DB_SCHEMA",
        field="schema",
        kind=Kind.SCHEMAS,
        default_note="the server's search path",
        meaning="Schema that unqualified names mean; further ones after commas (`app,public`) are searched after it.",
    ),
    Setting(
        name="DB_SSLMODE",
        field="sslmode",
        kind=Kind.CHOICE,
        choices=SSL_MODES,
        default="prefer",
        meaning="TLS, in libpq's words, translated for every driver. Outside PostgreSQL, `allow` counts as `prefer`.",
    ),
    Setting(
        name="DB_SSLROOTCERT",
        field="sslrootcert",
        kind=Kind.FILE,
        meaning="Certificates (PEM) of the authorities that may have signed the server's, relative to the project; "
        "`system` for the machine's own, which `verify-full` uses without it.",
    ),
    Setting(
        name="DB_SSLCERT", field="sslcert", kind=Kind.FILE, meaning="Client certificate (PEM), relative to the project."
    ),
    Setting(
        name="DB_SSLKEY",
        field="sslkey",
        kind=Kind.FILE,
        meaning="Private key of the client certificate (PEM), relative to the project.",
    ),
    Setting(
        name="DB_CONNECT_TIMEOUT",
        field="connect_timeout",
        kind=Kind.SECONDS,
        default="10",
        meaning="How long one attempt to connect may take.",
    ),
    Setting(
        name="DB_STATEMENT_TIMEOUT",
        field="statement_timeout",
        kind=Kind.MILLISECONDS,
        default_note="left to the server",
        meaning="Longest time of one statement.",
    ),
    Setting(
        name="DB_LOCK_TIMEOUT",
        field="lock_timeout",
        kind=Kind.MILLISECONDS,
        default_note="left to the server",
        meaning="Longest time that a statement waits for a lock.",
    ),
    Setting(
        name="DB_APPLICATION_NAME",
        field="application_name",
        kind=Kind.TEXT,
        default="migrator",
        meaning="Name that the server shows for the connection (PostgreSQL).",
    ),
    Setting(
        name="DB_POOL_SIZE",
        field="pool_size",
        kind=Kind.COUNT,
        default="5",
        meaning="Connections that the application keeps open.",
    ),
    Setting(
        name="DB_MAX_OVERFLOW",
        field="pool_max_overflow",
        kind=Kind.COUNT,
        default="10",
        meaning="Connections that the application may open beyond that.",
    ),
    Setting(
        name="DB_POOL_TIMEOUT",
        field="pool_timeout",
        kind=Kind.SECONDS,
        default="30",
        meaning="How long a request of the application waits for a connection.",
    ),
    Setting(
        name="DB_POOL_RECYCLE",
        field="pool_recycle",
        kind=Kind.SECONDS,
        default_note="never",
        meaning="Age at which the application replaces a connection.",
    ),
    Setting(
        name="DB_POOL_PRE_PING",
        field="pool_pre_ping",
        kind=Kind.FLAG,
        default="true",
        meaning="Test a pooled connection before it is used.",
    ),
    Setting(
        name="DB_ECHO",
        field="echo",
        kind=Kind.FLAG,
        default="false",
        meaning="Log every statement (never its parameters).",
    ),
    Setting(
        name="DB_VERSION_TABLE",
        field="version_table",
        kind=Kind.TEXT,
        default_note="what env.py says, else alembic_version",
        meaning="Table that holds the revision of the database.",
    ),
    Setting(
        name="DB_VERSION_TABLE_SCHEMA",
        field="version_table_schema",
        kind=Kind.TEXT,
        default_note="what env.py says, else DB_SCHEMA",
        meaning="Schema of that table.",
    ),
    Setting(
        name="DB_MIGRATION_HOST",
        field="migration_host",
        kind=Kind.HOST,
        default_note="the same as DB_HOST",
        meaning="Host for migrations, where DB_HOST is a connection pooler.",
    ),
    Setting(
        name="DB_MIGRATION_PORT",
        field="migration_port",
        kind=Kind.PORT,
        default_note="the same as DB_PORT",
        meaning="Port for migrations, where DB_PORT is a connection pooler's.",
    ),
    Setting(
        name="DB_MIGRATION_URL",
        field="migration_url",
        kind=Kind.URL,
        secret=True,
        meaning="Whole address for migrations: a direct one, or another user.",
    ),
    Setting(
        name="MIGRATOR_ENV",
        field="",
        kind=Kind.TEXT,
        default="local",
        process_only=True,
        meaning="Profile to use where `--env` is not given. In the process environment only.",
    ),
    Setting(
        name="MIGRATOR_PROTECTED",
        field="protected",
        kind=Kind.FLAG,
        default="false",
        meaning="Refuse downgrade, stamp, autogenerate against it and destructive plans without an explicit flag.",
    ),
    Setting(
        name="MIGRATOR_LOCK_WAIT",
        field="lock_wait",
        kind=Kind.SECONDS,
        default="300",
        meaning="How long to wait for another migration of the same database to finish; 0 tries once. `--lock-wait`.",
    ),
    Setting(
        name="MIGRATOR_WAIT_FOR_DB",
        field="wait_for_db",
        kind=Kind.SECONDS,
        default="0",
        meaning="How long upgrade, downgrade and stamp wait for a server that does not answer yet. `--wait`.",
    ),
    Setting(
        name="MIGRATOR_IF_AHEAD",
        field="if_ahead",
        kind=Kind.CHOICE,
        choices=("ok", "warn", "fail"),
        default="fail",
        meaning="What `upgrade` (to the heads) does where the database is ahead of this code: end with 0, with 0 and a "
        "warning, or with 11.",
    ),
    Setting(
        name="MIGRATOR_LOCK_TIMEOUT",
        field="table_lock_timeout",
        kind=Kind.SECONDS,
        default_note="DB_LOCK_TIMEOUT, else 2s",
        meaning="How long a statement of a revision waits for a strong lock on a table before the revision is rolled "
        "back and tried again; 0 waits without end.",
    ),
    Setting(
        name="MIGRATOR_LOCK_BUDGET",
        field="lock_budget",
        kind=Kind.SECONDS,
        default="300",
        meaning="How long a revision is tried again when it does not get its locks; 0 tries once.",
    ),
    Setting(
        name="MIGRATOR_VICTIM_BUDGET",
        field="victim_budget",
        kind=Kind.SECONDS,
        default="6",
        meaning="How long other sessions may queue behind one statement that waits for a lock, added up over all of "
        "them: 6 is 20 sessions for 300 ms. Then it is cancelled and tried again; 0 never cancels.",
    ),
    Setting(
        name="MIGRATOR_DEADLINE",
        field="deadline",
        kind=Kind.SECONDS,
        default_note="none",
        meaning="Start no revision that is not expected to end within so long after the start of the command: a pod's "
        "grace period, say. `--deadline`.",
    ),
    Setting(
        name="MIGRATOR_LEDGER",
        field="ledger",
        kind=Kind.FLAG,
        default="true",
        meaning="Write down in the database what was applied, when, by whom and from which source; `migrator log` "
        "shows it. Without it a revision that was cut half way cannot be finished.",
    ),
    Setting(
        name="MIGRATOR_LEDGER_SCHEMA",
        field="ledger_schema",
        kind=Kind.TEXT,
        default_note="migrator on PostgreSQL where it may be created, else beside the version table",
        meaning="Schema that the ledger's tables are created in, at the first write.",
    ),
    Setting(
        name="MIGRATOR_METRICS_FILE",
        field="metrics_file",
        kind=Kind.TEXT,
        default_note="none",
        meaning="File that a run writes its figures to, in the text format of Prometheus. `--metrics-file`.",
    ),
    *(
        Setting(
            name=f"MIGRATOR_{when}_{what}".upper(),
            field=f"{when}_{what}",
            kind=Kind.COMMAND,
            default_note="none",
            meaning=f"Hook to run {when} each {'run' if what == 'run' else 'revision'} that changes the database: a "
            "command, or `python:module:function`. It gets the report as JSON on its standard input.",
        )
        for what in ("run", "revision")
        for when in ("before", "after")
    ),
    Setting(
        name="MIGRATOR_SCRATCH_URL",
        field="scratch_url",
        kind=Kind.URL,
        secret=True,
        default_note="an embedded server",
        meaning="Server on which throwaway databases may be created; never the profile's own database.",
    ),
)

BY_NAME: Final = {name: setting for setting in SETTINGS for name in setting.names}
"""Every name and alias to its setting."""

_FILE_SUFFIX = "_FILE"


def find_setting(name: str) -> Setting | None:
    """The setting of a name or alias, exactly as written."""
    return BY_NAME.get(name)


def find_file_setting(name: str) -> Setting | None:
    """The setting that a secret file's name gives: ``DB_PASS_FILE`` to that of ``DB_PASS``."""
    if not name.endswith(_FILE_SUFFIX):
        return None
    setting = BY_NAME.get(name.removesuffix(_FILE_SUFFIX))
    return None if setting is None or setting.process_only else setting


def belongs_here(name: str) -> bool:
    """Whether a name in a profile file claims to be a setting of this tool."""
    return name.upper().startswith(("DB_", "MIGRATOR_"))


def nearest_setting(name: str) -> str | None:
    """The known name that someone who wrote this one probably meant."""
    import difflib

    known = [*BY_NAME, *(f"{known}{_FILE_SUFFIX}" for known in ("DB_PASS", "DB_PASSWORD", "DB_PW", "DB_URL"))]
    near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=0.6)
    return near[0] if near else None
