"""A project with a short history, applied to a database on each kind of server."""

from __future__ import annotations



import pytest
from drifters import opened
from projects import TinyProject

from migrator.execution.upgrading import upgrade
from migrator.profiles.model import Profile

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


@pytest.fixture
def at_head(project: TinyProject, local_database: Profile) -> TinyProject:
    """The project, its database on the embedded PostgreSQL 18 at head."""
    with_history(project, local_database)
    upgrade(opened(project))
    return project
