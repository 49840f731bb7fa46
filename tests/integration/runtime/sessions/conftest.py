"""Databases for sessions: built by this repository's migrations, and emptied before each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from projects import run_command
from servers import REPOSITORY, ServerMissing, Servers

from migrator.database.connecting import connect
from migrator.profiles.model import Profile

TWO = (("embedded-18", "asyncpg"), ("postgresql", "psycopg"))


def fresh(servers: Servers, server: str, driver: str, folder: Path) -> Iterator[Profile]:
    """A fresh database, or a test that is skipped and counted."""
    try:
        servers.profile(server)
    except ServerMissing as reason:
        pytest.skip(f"{server}: {reason}")
    with servers.database(server, folder=folder, driver=driver) as profile:
        yield profile


@pytest.fixture(params=TWO, ids="-".join)
def either_database(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[Profile]:
    """A fresh database on two PostgreSQL servers with a driver each."""
    yield from fresh(servers, *request.param, tmp_path)


@pytest.fixture(scope="module", params=TWO, ids="-".join)
def migrated(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Profile]:
    """The example service's database at the head of its migrations, on two servers with a driver each."""
    folder = tmp_path_factory.mktemp("sessions")
    for profile in fresh(servers, *request.param, folder):
        settings = {
            "DB_HOST": profile.host,
            "DB_PORT": profile.port,
            "DB_NAME": profile.database,
            "DB_USER": profile.user,
            "DB_PASS": profile.password.reveal() if profile.password else None,
        }
        environment = {name: str(value) for name, value in settings.items() if value is not None}
        upgraded = run_command("--env", "ci", "upgrade", cwd=REPOSITORY, home=folder / "home", env=environment)
        assert upgraded.returncode == 0, upgraded.stderr
        yield profile


@pytest.fixture
def shop(migrated: Profile) -> Profile:
    """The example service's database without a row in its tables."""
    with connect(migrated) as connection:
        connection.execute("TRUNCATE users, tags RESTART IDENTITY CASCADE")
    return migrated
