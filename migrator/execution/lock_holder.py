"""Who is migrating a project's database at this moment, for those who only ask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator.database.state import Reader, VersionTable
from migrator.project import Project

if TYPE_CHECKING:
    from migrator.events import LockHolder


def holder_of(project: Project, reader: Reader, version_table: VersionTable, location: str) -> LockHolder | None:
    """Find who has the migration lock, and what its run is on; None when nobody has, or the server does not tell.

    Args:
        project: whose profile names the database as the lock does.
        reader: of the database.
        version_table: runs on different ones do not exclude each other.
        location: of the database, for a project without a profile.

    """
    from migrator.database.lock.holders import RunNotes, find_holder
    from migrator.database.lock.mutex import digest

    profile = project.profile
    if profile is not None:
        database, schema = profile.database, profile.schema
    else:
        database, schema = database_of(location), None
    found = find_holder(reader, key=digest(database, schema, version_table), database=database)
    return None if found is None else RunNotes(version_table, project.care.ledger_schema).about(found, reader)


def database_of(location: str) -> str | None:
    """The database's name in a URL, as SQLAlchemy reads it; of SQLite the file."""
    from urllib.parse import unquote

    from migrator.profiles.address import parse_address

    try:
        return parse_address(location).database
    except ValueError:  # several hosts, say, which a profile cannot have
        return unquote(location.partition("?")[0].partition("://")[2].partition("/")[2]) or None
