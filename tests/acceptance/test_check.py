"""``migrator check`` as CI runs it: exit codes, places, remedies; and never the profile's own database."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import Completed, TinyProject

from migrator.database.connecting import connect
from migrator.profiles.model import Profile

Run = Callable[..., Completed]

MODELS = """\
from sqlalchemy import MetaData, Table, Column, Integer, String

metadata = MetaData()
Table("users", metadata, Column("id", Integer, primary_key=True), Column("email", String(100)))
"""


def with_models(project: TinyProject, source: str = MODELS) -> None:
    (project.root / "models.py").write_text(source)
    env_py = project.root / "migrations" / "env.py"
    env_py.write_text(
        env_py.read_text().replace("target_metadata = None", "from models import metadata as target_metadata")
    )


def test_sound_chain_is_ok(project: TinyProject, run_migrator: Run) -> None:
    project.revision("r1")
    project.revision("r2")
    done = run_migrator("check", "--chain", cwd=project.root)
    assert (done.returncode, done.stdout) == (0, "OK: 2 revisions; chain.\n"), done.stderr


def test_broken_chain_exits_4_with_place_cause_and_remedy(project: TinyProject, run_migrator: Run) -> None:
    project.revision("create_users")
    project.revision("r2", parent="create_user")
    done = run_migrator("check", cwd=project.root)
    assert done.returncode == 4, done.stderr
    assert "migrations/versions/r2_create_r2.py:12: error[unknown-parent]" in done.stdout
    assert "create_users" in done.stdout
    assert "why:" in done.stdout
    assert "fix:" in done.stdout
    body = run_migrator("check", "--format", "json", cwd=project.root)
    assert body.returncode == 4
    assert [finding["rule"] for finding in body.json["findings"] if finding["severity"] == "error"] == [
        "unknown-parent"
    ]
    for command in (["upgrade"], ["status"], ["heads"]):
        assert run_migrator(*command, cwd=project.root).returncode in (4, 0)
    upgrade = run_migrator("upgrade", cwd=project.root)
    assert upgrade.returncode == 4
    assert "unknown-parent" in upgrade.stderr


def test_edited_revision_is_found_against_a_git_ref(project: TinyProject, run_migrator: Run) -> None:
    path = project.revision("r1")
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.com"]
    for command in (["init", "-qb", "main"], ["add", "-A"], ["commit", "-qm", "first"]):
        subprocess.run([*git, *command], cwd=project.root, check=True)
    assert run_migrator("check", "--chain", "--base", "main", cwd=project.root).returncode == 0
    path.write_text(path.read_text().replace("def upgrade():", "# only a comment\ndef upgrade():"))
    assert run_migrator("check", "--chain", "--base", "main", cwd=project.root).returncode == 0
    path.write_text(path.read_text().replace('"id"', '"identifier"'))
    edited = run_migrator("check", "--chain", "--base", "main", cwd=project.root)
    assert edited.returncode in (1, 4)
    assert "edited" in edited.stdout
    assert run_migrator("check", "--chain", "--base", "no-such-ref", cwd=project.root).returncode == 2


def test_models_are_compared_with_the_history_on_a_scratch_database(
    project: TinyProject, local_database: Profile, run_migrator: Run, servers: object
) -> None:
    project.use(local_database)
    with_models(project)
    project.revision("users")
    environment = {"MIGRATOR_SCRATCH_URL": scratch_url(local_database)}
    done = run_migrator("check", cwd=project.root, env=environment)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "users.email" in done.stdout
    with connect(local_database) as connection:
        assert connection.fetch("SELECT relname FROM pg_class WHERE relname IN ('users', 'alembic_version')") == []
        assert connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE 'migrator_scratch%'") == []


STOCK_ENV_PY = """\
import os
from alembic import context
from sqlalchemy import MetaData, create_engine

engine = create_engine(os.environ["APP_DATABASE_URL"])
with engine.connect() as connection:
    context.configure(connection=connection, target_metadata=MetaData())
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
"""


@pytest.mark.parametrize("with_profile", [True, False])
def test_scratch_run_never_touches_the_database_of_an_env_py_that_insists(
    with_profile: bool, project: TinyProject, local_database: Profile, run_migrator: Run
) -> None:
    """Facts 0.2: a stock env.py and pytest-alembic destroy the configured database; a check here must not."""
    from migrator.database.urls import sqlalchemy_url

    if with_profile:
        project.use(local_database)
    else:
        for file in (project.root / "env_profiles").iterdir():
            file.unlink()
        (project.root / "env_profiles").rmdir()
    (project.root / "migrations" / "env.py").write_text(STOCK_ENV_PY)
    project.revision("users")
    with connect(local_database) as connection:
        connection.execute("CREATE TABLE precious (id int)")
        connection.execute("INSERT INTO precious VALUES (1)")
    environment = {
        "MIGRATOR_SCRATCH_URL": scratch_url(local_database),
        "APP_DATABASE_URL": sqlalchemy_url(local_database, driver="psycopg").render_as_string(hide_password=False),
    }
    done = run_migrator("check", cwd=project.root, env=environment)
    assert "users" in done.stdout, done.stderr
    with connect(local_database) as connection:
        found = connection.fetch(
            "SELECT relname FROM pg_class WHERE relname IN ('users', 'alembic_version', 'precious')"
        )
        assert found == [("precious",)]
        assert connection.fetch("SELECT id FROM precious") == [(1,)]


def test_history_that_does_not_build_is_a_finding(
    project: TinyProject, local_database: Profile, run_migrator: Run
) -> None:
    project.use(local_database)
    with_models(project)
    project.revision("r1", 'op.execute("SELECT 1/0")', "pass")
    done = run_migrator("check", cwd=project.root, env={"MIGRATOR_SCRATCH_URL": scratch_url(local_database)})
    assert done.returncode == 1, done.stdout
    assert "history-does-not-build" in done.stdout
    assert "division by zero" in done.stdout


def test_no_project_says_how_to_begin(tmp_path: Path, run_migrator: Run) -> None:
    (tmp_path / "empty").mkdir()
    done = run_migrator("check", cwd=tmp_path / "empty")
    assert done.returncode == 3
    assert "migrator init" in done.stderr


def test_extension_that_the_embedded_server_lacks_is_not_the_revision_s_fault(
    project: TinyProject, local_database: Profile, run_migrator: Run
) -> None:
    project.use(local_database)
    with_models(project)
    project.revision("r1", """op.execute('CREATE EXTENSION "uuid-ossp"')""", "pass")
    try:
        done = run_migrator("check", cwd=project.root)
    finally:
        run_migrator("local", "stop", cwd=project.root)
    assert done.returncode == 0, done.stdout + done.stderr
    assert 'Not checked: models against history: A revision needs the extension "uuid-ossp"' in done.stdout
    assert "MIGRATOR_SCRATCH_URL=" in done.stdout


def test_env_py_that_fails_is_told_with_its_own_remedy(
    project: TinyProject, local_database: Profile, run_migrator: Run
) -> None:
    project.revision("r1")
    project.use(local_database)
    with_models(project)
    (project.root / "models.py").write_text("import not_installed_anywhere\n")
    done = run_migrator("check", cwd=project.root, env={"MIGRATOR_SCRATCH_URL": scratch_url(local_database)})
    assert done.returncode == 1
    assert "not_installed_anywhere" in done.stdout
    assert "install migrator into the environment" in done.stdout
    assert "correct the revision" not in done.stdout
    assert done.stdout.endswith("Checked: 1 revisions; chain.\n")


def scratch_url(profile: Profile) -> str:
    """The embedded test server, named as the place for scratch databases."""
    return f"postgresql://{profile.user}@/postgres?host={profile.host}&port={profile.port}"


@pytest.mark.parametrize("command", [["status"], ["upgrade", "--dry-run"], ["history", "-i"], ["current"], ["check"]])
def test_every_command_shows_what_the_process_overrides_of_a_protected_profile(
    command: list[str], project: TinyProject, local_database: Profile, run_migrator: Run
) -> None:
    project.use(local_database, env="prod", MIGRATOR_PROTECTED="true", DB_APPLICATION_NAME="service")
    project.revision("r1")
    environment = {"DB_APPLICATION_NAME": "somebody-else", "MIGRATOR_SCRATCH_URL": scratch_url(local_database)}
    done = run_migrator(*command, "--env", "prod", cwd=project.root, env=environment)
    assert "the process environment overrides DB_APPLICATION_NAME of protected profile prod" in done.stderr
