"""Databases that stand at an older revision, kept on the embedded server so that the next run need not build them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from migrator.chain.model import Revision
from migrator.database.connecting import connect
from migrator.database.failures import DatabaseError
from migrator.database.light import LightConnection
from migrator.execution.adapter.versions import version
from migrator.profiles.model import Profile
from migrator.project import Project

PREFIX: Final = "migrator_kept_"
_MARK: Final = "migrator kept"
_AGE: Final = timedelta(days=7)
_MOST: Final = 6


def name_for(project: Project, revisions: Sequence[Revision]) -> str | None:
    """The name of the database that the revisions lead to, by all that decides what it is like.

    None where that cannot be told from files alone: a revision imports code of the project.
    """
    importing = {id_ for id_, _ in project.reading.imports}
    if any(revision.id in importing for revision in revisions):
        return None
    paths = [revision.path for revision in revisions]
    layout = project.layout
    digest = hashlib.sha256(repr((project.section, project.x, version("alembic"), version("sqlalchemy"))).encode())
    for path in (layout.env_py, layout.ini, layout.root / "pyproject.toml", *paths):
        file = None if path is None else Path(path)
        content = file.read_bytes() if file is not None and file.is_file() else b""
        digest.update(f"{path} {len(content)}\0".encode() + content)
    return f"{PREFIX}{digest.hexdigest()[:16]}"


def keep(scratch: Profile, name: str) -> None:
    """Keep a copy of a scratch database under a name, and let go of those that nobody has asked for in a week.

    Args:
        scratch: on the embedded server; nobody else is connected to it.
        name: see `name_for`.

    """
    with connect(scratch) as connection, suppress(DatabaseError):  # another run may keep the same one just now
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {scratch.database}")
        _mark(connection, name)
        _let_go(connection)


def use(scratch: Profile, name: str) -> None:
    """Note that a kept database has been asked for, so that it is kept for another week."""
    with connect(scratch) as connection, suppress(DatabaseError):
        _mark(connection, name)


def _mark(connection: LightConnection, name: str) -> None:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    connection.execute(f"COMMENT ON DATABASE {name} IS '{_MARK} {now}'")


def _let_go(connection: LightConnection) -> None:
    rows = connection.fetch(
        "SELECT datname, shobj_description(oid, 'pg_database') FROM pg_database"
        " WHERE datname LIKE ? AND shobj_description(oid, 'pg_database') LIKE ?",
        f"{PREFIX}%",
        f"{_MARK} %",
    )
    newest_first = sorted(((str(text).removeprefix(f"{_MARK} "), str(name)) for name, text in rows), reverse=True)
    oldest = (datetime.now(UTC) - _AGE).isoformat(timespec="seconds")
    for number, (used, name) in enumerate(newest_first):
        if number >= _MOST or used < oldest:
            with suppress(DatabaseError):  # somebody copies it just now
                connection.execute(f"DROP DATABASE IF EXISTS {name}")
