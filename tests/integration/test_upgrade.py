"""Upgrade and downgrade on real servers: what is committed, what is told, what is proved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from projects import Completed, TinyProject

from migrator.database.connecting import connect
from migrator.profiles.model import Profile

Run = Callable[..., Completed]


def rows(profile: Profile, query: str) -> list[tuple[Any, ...]]:
    with connect(profile) as connection:
        return connection.fetch(query)


def version(profile: Profile) -> list[str]:
    return sorted(row[0] for row in rows(profile, "SELECT version_num FROM alembic_version"))


def test_every_revision_is_its_own_transaction_on_every_server(
    project: TinyProject, database: Profile, run_migrator: Run
) -> None:
    project.use(database)
    project.revision("r1")
    project.revision("r2")
    project.revision("r3", 'op.create_table("r3", sa.Column("id", sa.Integer))\nraise RuntimeError("half way")', "pass")
    done = run_migrator("upgrade", cwd=project.root)
    assert done.returncode == 8, done.stderr
    assert version(database) == ["r2"]
    assert "upgrade of r3 (create r3) failed: RuntimeError: half way" in done.stderr
    assert "version table holds r2; 2 of 3 revisions were applied" in done.stderr
    assert "r3_create_r3.py:19" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_failure_of_the_first_revision_leaves_nothing(
    project: TinyProject, postgres_database: Profile, run_migrator: Run
) -> None:
    project.use(postgres_database)
    project.revision("r1", 'op.create_table("r1", sa.Column("id", sa.Integer))\nop.execute("SELECT 1/0")', "pass")
    done = run_migrator("upgrade", cwd=project.root)
    assert done.returncode == 7, done.stderr
    assert "division by zero" in done.stderr
    assert not rows(postgres_database, "SELECT 1 FROM pg_class WHERE relname = 'r1'")


def test_up_down_and_nothing_to_do(project: TinyProject, postgres_database: Profile, run_migrator: Run) -> None:
    project.use(postgres_database)
    for name in ("r1", "r2", "r3"):
        project.revision(name)
    assert run_migrator("upgrade", "+2", cwd=project.root).returncode == 0
    assert version(postgres_database) == ["r2"]
    assert run_migrator("upgrade", cwd=project.root).returncode == 0
    again = run_migrator("upgrade", cwd=project.root)
    assert (again.returncode, again.stdout) == (0, "Nothing to do: the database is at r3.\n")
    assert run_migrator("downgrade", "-2", cwd=project.root).returncode == 0
    assert version(postgres_database) == ["r1"]
    assert run_migrator("downgrade", "base", cwd=project.root).returncode == 0
    assert version(postgres_database) == []


def test_concurrent_index_in_an_autocommit_block(
    project: TinyProject, postgres_database: Profile, run_migrator: Run
) -> None:
    project.use(postgres_database)
    project.revision("r1")
    project.revision(
        "r2",
        "with op.get_context().autocommit_block():\n"
        '    op.create_index("ix_r1", "r1", ["id"], postgresql_concurrently=True)',
        'op.drop_index("ix_r1", "r1")',
    )
    done = run_migrator("upgrade", cwd=project.root)
    assert done.returncode == 0, done.stderr
    assert rows(postgres_database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_r1'::regclass") == [(True,)]


def test_dry_run_touches_nothing_and_names_what_each_revision_does(
    project: TinyProject, local_database: Profile, run_migrator: Run
) -> None:
    project.use(local_database)
    project.revision("r1")
    done = run_migrator("upgrade", "--dry-run", cwd=project.root)
    assert done.returncode == 0, done.stderr
    assert "upgrade r1" in done.stdout
    assert "create table r1" in done.stdout
    assert not rows(local_database, "SELECT 1 FROM pg_class WHERE relname IN ('r1', 'alembic_version')")


def test_questions_write_nothing(project: TinyProject, local_database: Profile, run_migrator: Run) -> None:
    project.use(local_database)
    project.revision("r1")
    for question in (["status"], ["current"], ["history", "-i"], ["upgrade", "--dry-run"], ["heads"]):
        run_migrator(*question, cwd=project.root)
    assert not rows(local_database, "SELECT 1 FROM pg_class WHERE relname = 'alembic_version'")


@pytest.mark.parametrize(
    ("tables", "version_rows", "code", "state"),
    [
        ([], None, 1, "empty"),
        (["users"], None, 1, "not stamped"),
        ([], ["zz"], 11, "ahead"),
        ([], ["r1", "zz"], 9, "diverged"),
        ([], ["r1", "r2"], 1, "implied by others"),
        ([], ["r1"], 1, "behind by 1"),
        ([], ["r2"], 0, "at head"),
        (["users"], [], 1, "not stamped"),
    ],
)
def test_states_that_alembic_crashes_on_are_told(
    tables: list[str],
    version_rows: list[str] | None,
    code: int,
    state: str,
    project: TinyProject,
    local_database: Profile,
    run_migrator: Run,
) -> None:
    project.use(local_database)
    project.revision("r1")
    project.revision("r2")
    with connect(local_database) as connection:
        for table in tables:
            connection.execute(f"CREATE TABLE {table} (id int)")
        if version_rows is not None:
            connection.execute("CREATE TABLE alembic_version (version_num text)")
        for row in version_rows or ():
            connection.execute("INSERT INTO alembic_version VALUES (?)", row)
    status = run_migrator("status", cwd=project.root)
    assert (status.returncode, state in status.stdout) == (code, True), status.stdout + status.stderr
    assert run_migrator("status", "--format", "json", cwd=project.root).json["exit_code"] == code


def test_unstamped_database_is_not_built_over(project: TinyProject, local_database: Profile, run_migrator: Run) -> None:
    project.use(local_database)
    project.revision("users")
    with connect(local_database) as connection:
        connection.execute("CREATE TABLE users (id int)")
    refused = run_migrator("upgrade", cwd=project.root)
    assert refused.returncode == 6, refused.stderr
    assert "already has users" in refused.stderr
    assert "migrator stamp" in refused.stderr
    assert run_migrator("stamp", "head", cwd=project.root).returncode == 0
    assert run_migrator("upgrade", cwd=project.root).stdout.startswith("Nothing to do")


def test_protected_profile_refuses_downgrade_and_stamp(
    project: TinyProject, local_database: Profile, run_migrator: Run
) -> None:
    project.use(local_database, env="prod", MIGRATOR_PROTECTED="true")
    project.revision("r1")
    assert run_migrator("upgrade", "--env", "prod", cwd=project.root).returncode == 0
    for command in (["downgrade", "base"], ["stamp", "base"]):
        refused = run_migrator(*command, "--env", "prod", cwd=project.root)
        assert refused.returncode == 6, refused.stderr
        assert "protected" in refused.stderr
        assert version(local_database) == ["r1"]
    assert run_migrator("downgrade", "base", "--env", "prod", "--yes", cwd=project.root).returncode == 0


def test_stamp_and_purge(project: TinyProject, database: Profile, run_migrator: Run) -> None:
    project.use(database)
    project.revision("r1")
    project.revision("r2")
    assert run_migrator("stamp", "r1", cwd=project.root).returncode == 0
    assert version(database) == ["r1"]
    with connect(database) as connection:
        connection.execute("INSERT INTO alembic_version VALUES ('zz')")
    assert run_migrator("stamp", "head", cwd=project.root).returncode == 9
    done = run_migrator("stamp", "--purge", "head", cwd=project.root)
    assert done.returncode == 0, done.stderr
    assert version(database) == ["r2"]


def test_sql_of_a_range_is_on_stdout_and_no_server_is_needed(project: TinyProject, run_migrator: Run) -> None:
    (project.root / "env_profiles" / "local.env").write_text("DB_HOST=nowhere.invalid\nDB_NAME=x\nDB_USER=x\n")
    project.revision("r1")
    project.revision("r2")
    up = run_migrator("upgrade", "--sql", "r1:r2", cwd=project.root)
    assert up.returncode == 0, up.stderr
    assert "CREATE TABLE r2" in up.stdout
    assert "CREATE TABLE r1" not in up.stdout
    down = run_migrator("downgrade", "--sql", "r2:base", cwd=project.root)
    assert "DROP TABLE r1" in down.stdout
    assert run_migrator("downgrade", "--sql", "base", cwd=project.root).returncode == 2


@pytest.mark.parametrize(
    ("dialect", "driver", "word"),
    [
        ("oracle", "oracledb", "VARCHAR2"),
        ("mssql", "aioodbc", "GO"),
        ("mysql", "asyncmy", "CREATE TABLE"),
        ("sqlite", "aiosqlite", "CREATE TABLE"),
    ],
)
def test_offline_sql_of_the_other_dialects(
    dialect: str, driver: str, word: str, project: TinyProject, run_migrator: Run
) -> None:
    settings = f"DB_DIALECT={dialect}\nDB_DRIVER={driver}\nDB_HOST=nowhere\nDB_NAME=x\nDB_USER=x\n"
    if dialect == "sqlite":
        settings = "DB_DIALECT=sqlite\nDB_NAME=x.db\n"
    (project.root / "env_profiles" / "local.env").write_text(settings)
    project.revision("r1", 'op.create_table("r1", sa.Column("name", sa.String(20)))', 'op.drop_table("r1")')
    done = run_migrator("upgrade", "--sql", cwd=project.root)
    assert done.returncode == 0, done.stderr
    assert word in done.stdout


def test_unreachable_server_is_told_with_exit_10(project: TinyProject, run_migrator: Run) -> None:
    (project.root / "env_profiles" / "local.env").write_text(
        "DB_HOST=127.0.0.1\nDB_PORT=1\nDB_NAME=x\nDB_USER=x\nDB_PASS=geheim\n"
    )
    project.revision("r1")
    for command in (["upgrade"], ["status"], ["current"], ["stamp", "head"]):
        done = run_migrator(*command, cwd=project.root)
        assert done.returncode == 10, done.stderr
        assert "127.0.0.1" in done.stderr
        assert "geheim" not in done.stderr


def test_unknown_revision_is_a_usage_error(project: TinyProject, local_database: Profile, run_migrator: Run) -> None:
    project.use(local_database)
    project.revision("create_users")
    done = run_migrator("upgrade", "create_user", cwd=project.root)
    assert done.returncode in (0, 2)
    done = run_migrator("upgrade", "creat_users", cwd=project.root)
    assert done.returncode == 2
    assert "create_users" in done.stderr


def test_parameter_that_only_psycopg2_would_pass_names_the_driver(
    project: TinyProject, local_database: Profile, run_migrator: Run
) -> None:
    project.use(replace(local_database, driver="psycopg", migration_driver="psycopg"))
    project.revision("r1", 'op.create_table("r1", sa.Column("id", sa.Integer))', "pass")
    typed = 'sa.text("INSERT INTO r1 VALUES (:id)").bindparams(sa.bindparam("id", "1", sa.String()))'
    project.revision("r2", f"op.get_bind().execute({typed})", "pass")
    done = run_migrator("upgrade", cwd=project.root)
    assert done.returncode == 8, done.stderr
    assert "DB_DRIVER=psycopg2" in done.stderr
