"""The ledger is written by whatever moves the database, and by nothing else; what moved without it is found out."""

from __future__ import annotations

import subprocess
import sysconfig
from pathlib import Path
from typing import Any

import pytest
from projects import TinyProject, clean_environment

from migrator.database.connecting import connect
from migrator.database.ledger.place import TABLES
from migrator.profiles.model import Profile

ALEMBIC = Path(sysconfig.get_path("scripts")) / "alembic"


def entries(profile: Profile) -> list[tuple[Any, ...]]:
    schema = "migrator." if profile.dialect == "postgresql" else ""
    with connect(profile) as connection:
        return connection.fetch(f"SELECT revision, direction, outcome FROM {schema}migrator_ledger ORDER BY entry")


def alembic(project: TinyProject, *arguments: str) -> None:
    done = subprocess.run(
        [ALEMBIC, *arguments], cwd=project.root, env=clean_environment(project.home), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def three(project: TinyProject, database: Profile) -> TinyProject:
    project.use(database)
    for name in ("r1", "r2", "r3"):
        project.revision(name)
    return project


def test_every_move_is_written_down(three: TinyProject, database: Profile) -> None:
    for command in (["upgrade"], ["downgrade", "r1"], ["stamp", "r2"], ["upgrade", "r2"]):
        assert three.run(*command).returncode == 0
    assert entries(database) == [
        *((name, "upgrade", "applied") for name in ("r1", "r2", "r3")),
        *((name, "downgrade", "reverted") for name in ("r3", "r2")),
        ("r2", "stamp", "applied"),
    ]


def test_what_was_applied_before_and_beside_it_is_found(three: TinyProject, database: Profile) -> None:
    alembic(three, "upgrade", "r2")
    first = three.run("upgrade")
    assert first.returncode == 0, first.stderr
    assert "with 2 revisions that had been applied before" in first.stderr
    alembic(three, "downgrade", "r1")
    assert three.run("upgrade").returncode == 0
    assert entries(database) == [
        ("r1", "adopt", "applied"),
        ("r2", "adopt", "applied"),
        ("r3", "upgrade", "applied"),
        ("r3", "adopt", "reverted"),
        ("r2", "adopt", "reverted"),
        ("r2", "upgrade", "applied"),
        ("r3", "upgrade", "applied"),
    ]


def test_questions_create_nothing(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    for question in ("status", "current", "log", "check", "wait --timeout 0", "upgrade --dry-run"):
        project.run(*question.split())
    with connect(local_database) as connection:
        assert connection.fetch("SELECT relname FROM pg_class WHERE relname LIKE 'migrator%'") == []


@pytest.mark.parametrize(
    ("settings", "schema"),
    [({}, "migrator"), ({"MIGRATOR_LEDGER_SCHEMA": "public"}, "public"), ({"MIGRATOR_LEDGER": "false"}, None)],
)
def test_it_stands_where_it_is_told_to(
    settings: dict[str, str], schema: str | None, project: TinyProject, local_database: Profile
) -> None:
    project.use(local_database, **settings)
    project.revision("r1")
    assert project.run("upgrade").returncode == 0
    with connect(local_database) as connection:
        found = connection.fetch(
            f"SELECT DISTINCT relnamespace::regnamespace::text FROM pg_class WHERE relname = ANY(ARRAY{list(TABLES)})"
        )
    assert found == ([(schema,)] if schema else [])


def test_who_may_create_no_schema_gets_it_beside_the_version_table(
    project: TinyProject, local_database: Profile
) -> None:
    with connect(local_database) as connection:
        connection.execute("DROP ROLE IF EXISTS migrator_test_modest; CREATE ROLE migrator_test_modest LOGIN")
        connection.execute("GRANT CREATE, USAGE ON SCHEMA public TO migrator_test_modest")
        name = connection.fetch("SELECT quote_ident(current_database())")[0][0]
        connection.execute(f"REVOKE CREATE ON DATABASE {name} FROM PUBLIC")
    project.use(local_database, DB_USER="migrator_test_modest")
    project.revision("r1")
    try:
        done = project.run("upgrade")
        assert done.returncode == 0, done.stderr
        assert project.run("log").stdout.count("upgrade applied") == 1
        with connect(local_database) as connection:
            assert connection.fetch("SELECT to_regclass('public.migrator_ledger') IS NOT NULL") == [(True,)]
    finally:
        with connect(local_database) as connection:
            connection.execute("DROP OWNED BY migrator_test_modest; DROP ROLE migrator_test_modest")


def test_autogenerate_leaves_a_ledger_beside_the_tables_alone(project: TinyProject, sqlite_database: Profile) -> None:
    project.use(sqlite_database)
    project.revision("r1", "pass", "pass")
    assert project.run("upgrade").returncode == 0
    asked = project.run("revision", "--autogenerate", "-m", "nothing", "--dry-run")
    assert "migrator_" not in asked.stdout + asked.stderr


def test_a_deadline_leaves_for_the_next_run_what_it_has_no_time_for(
    project: TinyProject, local_database: Profile
) -> None:
    project.use(local_database)
    project.revision("r1", 'op.execute("SELECT pg_sleep(5)")', "pass")
    project.revision("r2")
    none = project.run("upgrade", "--deadline", "1ms")
    assert none.returncode == 7, none.stderr
    assert "no time for r1" in none.stderr
    one = project.run("upgrade", "--deadline", "5s")
    assert one.returncode == 8, one.stderr
    assert "no time for r2" in one.stderr
    assert "1 applied, 1 left" in one.stderr
    assert project.run("upgrade", "--deadline", "60s").returncode == 0
