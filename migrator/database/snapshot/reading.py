"""The schema of a database as a snapshot, whatever the dialect."""

from __future__ import annotations

from migrator.database.snapshot.model import Snapshot
from migrator.database.state import Reader
from migrator.errors import ConfigurationError


def read_snapshot(reader: Reader, *, leave_out: frozenset[str] = frozenset()) -> Snapshot:
    """Read everything of a database that a revision can change, without changing the session.

    Owners and passwords are left out, what extensions bring, and this tool's own tables.

    Args:
        reader: of the database; in a transaction it sees what that has done so far.
        leave_out: names of tables that don't count, with their schema or without: the version table.

    Raises:
        ConfigurationError: the dialect has no snapshots.

    """
    names = frozenset(name.lower() for name in leave_out)
    match reader.dialect:
        case "postgresql":
            from migrator.database.snapshot.postgresql.reading import read as read_postgresql

            return read_postgresql(reader, names)
        case "mysql" | "mariadb":
            from migrator.database.snapshot.mysql.reading import read as read_mysql

            return read_mysql(reader, names)
        case "sqlite":
            from migrator.database.snapshot.sqlite.reading import read as read_sqlite

            return read_sqlite(reader, names)
    raise ConfigurationError(f"schemas of dialect {reader.dialect!r} cannot be compared")
