"""``revision --autogenerate`` compares with a scratch database, shows what it found, drops nothing by accident."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from projects import Completed, TinyProject

from migrator.profiles.model import Profile

MODELS = """
from sqlalchemy import Column, Integer, MetaData, String, Table
metadata = MetaData()
users = Table("users", metadata, Column("id", Integer, primary_key=True), Column("email", String(50)))
"""


@pytest.fixture
def models(project: TinyProject, sqlite_database: Profile) -> TinyProject:
    """A project whose env.py knows models with one table, users; nothing is in the history yet."""
    project.use(sqlite_database)
    (project.root / "models.py").write_text(MODELS)
    env_py = project.root / "migrations" / "env.py"
    lines = env_py.read_text().splitlines()
    (place,) = (number for number, line in enumerate(lines) if line.startswith("target_metadata = None"))
    lines[place] = "from models import metadata as target_metadata"
    env_py.write_text("\n".join(lines) + "\n")
    return project


def files(project: TinyProject) -> list[str]:
    return sorted(path.name for path in project.versions.glob("*.py"))


def first_revision(project: TinyProject) -> None:
    assert project.run("revision", "--autogenerate", "-m", "first").returncode == 0


def test_what_the_models_add_is_shown_written_and_applied(models: TinyProject) -> None:
    outcome = models.run("revision", "--autogenerate", "-m", "first")
    assert outcome.returncode == 0, outcome.stderr
    assert "detected added table users" in outcome.stdout
    (name,) = files(models)
    assert "op.create_table('users'" in (models.versions / name).read_text()
    # The profile's own database was not needed, and is not touched.
    assert models.run("upgrade").returncode == 0
    again = models.run("revision", "--autogenerate", "-m", "again")
    assert (again.returncode, files(models)) == (0, [name])
    assert "Nothing was written" in again.stdout
    assert models.run("check").returncode == 0


def test_dry_run_shows_and_writes_nothing(models: TinyProject) -> None:
    outcome = models.run("revision", "--autogenerate", "--dry-run", "--format", "json")
    assert outcome.returncode == 0, outcome.stderr
    assert [each["text"] for each in outcome.json["detected"]] == ["added table users"]
    assert files(models) == []


def test_drops_are_refused_and_renames_are_named(models: TinyProject) -> None:
    first_revision(models)
    (models.root / "models.py").write_text(MODELS.replace('"email"', '"mail"'))
    before = files(models)
    outcome = models.run("revision", "--autogenerate", "-m", "mail")
    assert outcome.returncode == 6
    assert "drop column users.email" in outcome.stderr
    assert "looks renamed to mail" in outcome.stderr
    assert files(models) == before
    allowed = models.run("revision", "--autogenerate", "-m", "mail", "--allow-drops")
    assert allowed.returncode == 0, allowed.stderr
    assert "warning: column users.email looks renamed to mail" in allowed.stdout
    assert len(files(models)) == 2


def test_models_that_were_not_imported_do_not_drop_their_tables(models: TinyProject) -> None:
    first_revision(models)
    (models.root / "models.py").write_text("from sqlalchemy import MetaData\nmetadata = MetaData()\n")
    outcome = models.run("revision", "--autogenerate", "-m", "oops")
    assert outcome.returncode == 6
    assert "drop table users" in outcome.stderr
    assert len(files(models)) == 1


def test_check_tells_how_models_and_history_differ(models: TinyProject) -> None:
    first_revision(models)
    changed = MODELS.replace("String(50)", "String(80), nullable=False").replace(
        "metadata = MetaData()",
        'metadata = MetaData()\nposts = Table("posts", metadata, Column("id", Integer, primary_key=True))',
    )
    (models.root / "models.py").write_text(changed)
    outcome = models.run("check", "--format", "json")
    assert outcome.returncode == 1, outcome.stderr
    said = [finding["message"] for finding in outcome.json["findings"] if finding["rule"] == "models-differ"]
    assert said == [
        "table posts is in the models and missing in the history",
        "type of column users.email: VARCHAR(50) in the history, VARCHAR(80) in the models",
        "nullability of column users.email: NULL in the history, NOT NULL in the models",
    ]


def test_without_models_it_says_what_to_write(project: TinyProject, sqlite_database: Profile) -> None:
    project.use(sqlite_database)
    outcome = project.run("revision", "--autogenerate", "-m", "x")
    assert outcome.returncode == 3
    assert "target_metadata = Base.metadata" in outcome.stderr
    assert files(project) == []


def test_against_the_profile_needs_a_database_at_head(models: TinyProject) -> None:
    first_revision(models)
    behind = models.run("revision", "--autogenerate", "--against", "profile", "-m", "x")
    assert behind.returncode == 6
    assert "migrator upgrade" in behind.stderr
    assert models.run("upgrade").returncode == 0
    equal = models.run("revision", "--autogenerate", "--against", "profile", "-m", "x")
    assert (equal.returncode, len(files(models))) == (0, 1), equal.stderr


def test_a_protected_profile_is_not_compared_with_unless_it_is_meant(
    models: TinyProject, sqlite_database: Profile
) -> None:
    models.use(sqlite_database, env="prod", MIGRATOR_PROTECTED="true")
    arguments = ("--env", "prod", "revision", "--autogenerate", "--against", "profile", "--dry-run")
    refused = models.run(*arguments)
    assert refused.returncode == 6
    assert "protected" in refused.stderr
    assert models.run(*arguments, "--yes").returncode == 0


def test_a_generated_file_without_an_import_is_found_out(models: TinyProject) -> None:
    (models.root / "kinds.py").write_text("from sqlalchemy import String\nclass Email(String):\n    pass\n")
    (models.root / "models.py").write_text(
        MODELS.replace("String(50)", "Email(50)").replace("metadata = M", "from kinds import Email\nmetadata = M")
    )
    outcome = models.run("revision", "--autogenerate", "-m", "first")
    assert outcome.returncode == 1
    assert "fix: import kinds" in outcome.stdout
    assert len(files(models)) == 1


def test_postgresql_is_compared_on_a_scratch_server(models: TinyProject, local_database: Profile) -> None:
    """The scratch database has the profile's dialect, and the profile's own database stays empty."""
    address = f"postgresql://{local_database.user}@/postgres?host={local_database.host}&port={local_database.port}"
    models.use(local_database)
    outcome = models.run("revision", "--autogenerate", "-m", "first", env={"MIGRATOR_SCRATCH_URL": address})
    assert outcome.returncode == 0, outcome.stderr
    status = models.run("status", "--format", "json")
    assert "first" in status.stdout
    assert models.run("upgrade").returncode == 0


ENV_PY = """
from alembic import context
from sqlalchemy import create_engine
from models import metadata
with create_engine("sqlite:///{database}").connect() as connection:
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        context.run_migrations()
"""


def test_an_env_py_with_a_connection_of_its_own_is_led_to_the_scratch_database(
    tmp_path: Path, run_migrator: Callable[..., Completed]
) -> None:
    """No profiles, and the address stands in env.py only: the dialect is found, the own database is not touched."""
    root = tmp_path / "old"
    (root / "alembic" / "versions").mkdir(parents=True)
    (root / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/alembic\nprepend_sys_path = .\n")
    (root / "alembic" / "env.py").write_text(ENV_PY.format(database=root / "own.db"))
    (root / "alembic" / "script.py.mako").write_text(_template())
    (root / "models.py").write_text(MODELS)
    first = run_migrator("revision", "--autogenerate", "-m", "first", cwd=root)
    assert first.returncode == 0, first.stderr
    second = run_migrator("revision", "--autogenerate", "-m", "second", cwd=root)
    assert "Nothing was written" in second.stdout, second.stderr
    assert (root / "own.db").read_bytes() == b""
    assert run_migrator("upgrade", cwd=root).returncode == 0


def _template() -> str:
    from importlib.resources import files

    return (files("migrator") / "templates" / "script.py.mako").read_text(encoding="utf-8")
