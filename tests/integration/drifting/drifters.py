"""Small projects whose live databases drift, opened in this process."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from projects import TinyProject

from migrator.database.connecting import connect
from migrator.profiles.model import Profile
from migrator.project import Project, open_project


def opened(project: TinyProject, **settings: str) -> Project:
    """The project with its local profile, and nothing of this machine's environment but what is given."""
    return open_project(start=project.root, environ=settings)


def run_sql(profile: Profile, *statements: str) -> None:
    with closing(connect(profile)) as connection:
        for statement in statements:
            connection.execute(statement)


def rows_of(profile: Profile, query: str) -> list[tuple[Any, ...]]:
    with closing(connect(profile)) as connection:
        return connection.fetch(query)


def written_file(project: TinyProject, before: set[Path]) -> Path:
    """The one revision file that was not there before."""
    new = set(project.versions.glob("*.py")) - before
    assert len(new) == 1, new
    return new.pop()
