"""The one table of settings: it drives reading, checking of names, ``profile show`` and the documentation."""

from __future__ import annotations

from typing import Final

from migrator.profiles.run_settings import RUN_SETTINGS
from migrator.profiles.setting import Kind, Setting

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
        meaning="Connections that the application keeps open; 0 keeps none, and opens one for each use.",
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
        name="DB_POOL_MAX_IDLE",
        field="pool_max_idle",
        kind=Kind.SECONDS,
        default_note="no limit",
        meaning="How long a connection of the application may lie idle: then it is replaced when it is asked for, and "
        "PostgreSQL (14 or newer), MySQL and MariaDB close it 5 s later.",
    ),
    Setting(
        name="DB_POOL_PRE_PING",
        field="pool_pre_ping",
        kind=Kind.FLAG,
        default="true",
        meaning="Test a pooled connection before it is used.",
    ),
    Setting(
        name="DB_PGBOUNCER",
        field="pgbouncer",
        kind=Kind.FLAG,
        default="false",
        meaning="The application connects through PgBouncer or another pooler in transaction mode: no prepared "
        "statement outlives its transaction, and timeouts and schemas are set in each transaction.",
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
    *RUN_SETTINGS,
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
