"""pytest-alembic's own tests on this repository's history, and the proof that they ran on the scratch database."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from projects import TinyProject, clean_environment
from pytest_alembic.tests import (
    test_model_definitions_match_ddl,
    test_single_head_revision,
    test_up_down_consistency,
    test_upgrade,
)
from servers import SERVERS_FOLDER, Servers
from sqlalchemy import create_engine

from migrator.database.connecting import connect
from migrator.database.embedded import find_running
from migrator.database.urls import standalone_url
from migrator.errors import VerificationFailed
from migrator.profiles.model import Profile
from migrator.project import Project
from migrator.testing.plugin import alembic_config, alembic_engine, migrator_project, scratch_profile
from migrator.verification.throwaway import PREFIX

__all__ = [
    "alembic_config",
    "alembic_engine",
    "migrator_project",
    "scratch_profile",
    "test_model_definitions_match_ddl",
    "test_single_head_revision",
    "test_up_down_consistency",
    "test_upgrade",
]


@pytest.fixture(autouse=True)
def named_server(servers: Servers, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scratch databases are made on the session's test server, not on the developer's own."""
    server = servers.profile("embedded-18")
    assert find_running(SERVERS_FOLDER, 18) is not None
    url = f"postgresql://{server.user}@/postgres?host={server.host}&port={server.port}"
    monkeypatch.setenv("MIGRATOR_SCRATCH_URL", url)


def test_scratch_database_is_the_one_that_is_migrated(
    alembic_runner: Any, scratch_profile: Profile, migrator_project: Project
) -> None:
    assert str(scratch_profile.database).startswith(PREFIX)
    with connect(scratch_profile) as connection:
        assert connection.fetch("SELECT to_regclass('alembic_version') IS NULL") == [(True,)]
        alembic_runner.migrate_up_to("heads", return_current=False)
        applied = {str(row[0]) for row in connection.fetch("SELECT version_num FROM alembic_version")}
        assert applied == set(migrator_project.chain.heads)
        alembic_runner.migrate_down_to("base", return_current=False)
        assert connection.fetch("SELECT version_num FROM alembic_version") == []


def test_no_other_database_can_be_opened_meanwhile(scratch_profile: Profile, local_database: Profile) -> None:
    engine = create_engine(standalone_url(local_database, driver="psycopg"))
    try:
        with pytest.raises(VerificationFailed, match="in place of the scratch database"):
            engine.connect()
    finally:
        engine.dispose()


OWN_CONNECTION = """
from alembic import context
from sqlalchemy import create_engine

with create_engine({url!r}).connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
"""


@pytest.mark.parametrize("test", ["test_upgrade", "test_up_down_consistency"])
def test_env_py_that_ignores_the_connection_does_no_harm(
    project: TinyProject, local_database: Profile, servers: Servers, tmp_path: Path, test: str
) -> None:
    """Fact 0.2: with a stock env.py pytest-alembic takes the configured database down to base, and passes."""
    project.use(local_database)
    project.revision("kept")
    assert project.run("upgrade").returncode == 0
    with connect(local_database) as connection:
        connection.execute("INSERT INTO kept (id) VALUES (1)")
    url = standalone_url(local_database, driver="psycopg").render_as_string(hide_password=False)
    (project.root / "migrations" / "env.py").write_text(OWN_CONNECTION.format(url=url))
    (project.root / "conftest.py").write_text("from migrator.testing.plugin import *\n")
    (project.root / "test_history.py").write_text(f"from pytest_alembic.tests import {test}\n")
    (project.root / "pytest.ini").write_text("[pytest]\npytest_alembic_tests_path = none.py\n")
    server = servers.profile("embedded-18")
    address = f"postgresql://{server.user}@/postgres?host={server.host}&port={server.port}"
    outcome = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"],
        cwd=project.root,
        env=clean_environment(tmp_path / "home", {"MIGRATOR_SCRATCH_URL": address}),
        check=False,
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == 1, outcome.stdout
    assert "in place of the scratch database" in outcome.stdout
    with connect(local_database) as connection:
        assert connection.fetch("SELECT id FROM kept") == [(1,)]
        assert connection.fetch("SELECT version_num FROM alembic_version") == [("kept",)]
