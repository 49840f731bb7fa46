"""Small projects whose live databases drift, opened in this process."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from projects import TinyProject

from migrator.database.connecting import connect
from migrator.profiles.model import Profile
from migrator.project import Project, open_project

USERS = """\
op.create_table("users", sa.Column("id", sa.Integer, primary_key=True), sa.Column("email", sa.String(100)))
op.create_index("ix_users_email", "users", ["email"])"""
USERS_AGE = 'op.add_column("users", sa.Column("age", sa.Integer))'


def scratch_url(profile: Profile) -> str:
    """A server for scratch databases: the one that the profile is on."""
    scheme = profile.dialect
    if profile.is_socket:
        return f"{scheme}://{profile.user}@/postgres?host={profile.host}&port={profile.port}"
    database = "postgres" if profile.dialect == "postgresql" else ""
    return f"{scheme}://{profile.user}@{profile.host}:{profile.port}/{database}"


def with_history(project: TinyProject, profile: Profile) -> None:
    """Three revisions: a table with an index, a column, another table."""
    extra = {} if profile.dialect == "sqlite" else {"MIGRATOR_SCRATCH_URL": scratch_url(profile)}
    project.use(profile, **extra)
    project.revision("r1", USERS, 'op.drop_table("users")', message="create users")
    project.revision("r2", USERS_AGE, 'op.drop_column("users", "age")', message="age of users")
    project.revision("orders")


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
