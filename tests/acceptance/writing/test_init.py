"""``migrator init`` makes a project in which plain ``alembic`` works too, and never overwrites anything."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import EXECUTABLE, Completed, TinyProject, clean_environment
from servers import ServerMissing

from migrator.profiles.model import Profile

Run = Callable[..., Completed]


def alembic(project: TinyProject, *arguments: str, **environment: str) -> Completed:
    """Run Alembic's own command in a project."""
    ended = subprocess.run(
        [str(EXECUTABLE.with_name("alembic")), *arguments],
        cwd=project.root,
        env=clean_environment(project.home, environment),
        check=False,
        capture_output=True,
        text=True,
    )
    return Completed(ended.returncode, ended.stdout, ended.stderr)


def snapshot(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file() and path.parent.name != "__pycache__"]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_a_new_project_has_everything_and_no_url(tmp_path: Path, run_migrator: Run) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    outcome = run_migrator("init", cwd=root)
    assert outcome.returncode == 0, outcome.stderr
    assert set(snapshot(root)) == {
        ".gitignore",
        "alembic.ini",
        "env_profiles/ci.env",
        "env_profiles/local.env",
        "env_profiles/prod.env",
        "migrations/env.py",
        "migrations/script.py.mako",
        "migrations/versions/.gitkeep",
    }
    assert "url" not in (root / "alembic.ini").read_text()
    assert "fileConfig" not in (root / "migrations/env.py").read_text()
    assert "DB_NAME=shop\n" in (root / "env_profiles/local.env").read_text()
    assert (root / ".gitignore").read_text() == ".migrator/\nenv_profiles/*.local.env\n"
    assert run_migrator("profile", "show", "--env", "prod", cwd=root).returncode == 0


def test_dry_run_writes_nothing(tmp_path: Path, run_migrator: Run) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    outcome = run_migrator("init", "db/changes", "--package", "--dry-run", "--format", "json", cwd=root)
    assert outcome.returncode == 0, outcome.stderr
    assert {"db/changes/__init__.py", "db/changes/versions/__init__.py"} <= set(outcome.json["created"])
    assert snapshot(root) == {}


def test_a_second_init_lists_what_exists_and_changes_nothing(project: TinyProject) -> None:
    before = snapshot(project.root)
    outcome = project.run("init")
    assert outcome.returncode == 6
    assert "alembic.ini" in outcome.stderr
    assert "--adopt" in outcome.stderr
    assert snapshot(project.root) == before


def test_an_existing_gitignore_keeps_its_lines(tmp_path: Path, run_migrator: Run) -> None:
    (tmp_path / ".gitignore").write_bytes(b"*.pyc\r\n.migrator/")
    assert run_migrator("init", cwd=tmp_path).returncode == 0
    assert (tmp_path / ".gitignore").read_bytes() == b"*.pyc\r\n.migrator/\r\nenv_profiles/*.local.env\r\n"


def test_a_folder_outside_of_the_project_is_refused(tmp_path: Path, run_migrator: Run) -> None:
    root = tmp_path / "shop"
    root.mkdir()
    assert run_migrator("init", "../elsewhere", cwd=root).returncode == 2
    assert snapshot(root) == {}


def test_adopt_adds_profiles_only_and_prints_what_env_py_would_need(tmp_path: Path, run_migrator: Run) -> None:
    root = tmp_path / "old"
    root.mkdir()
    subprocess.run([str(EXECUTABLE.with_name("alembic")), "init", "alembic"], cwd=root, check=True, capture_output=True)
    before = snapshot(root)
    refused = run_migrator("init", cwd=root)
    assert refused.returncode == 6
    outcome = run_migrator("init", "--adopt", cwd=root)
    assert outcome.returncode == 0, outcome.stderr
    after = snapshot(root)
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {
        ".gitignore",
        "env_profiles/ci.env",
        "env_profiles/local.env",
        "env_profiles/prod.env",
    }
    assert "from migrator.execution.environment_file import engine" in outcome.stdout
    assert "DB_DRIVER=psycopg\n" in (root / "env_profiles/local.env").read_text()


def test_adopt_writes_the_address_that_alembic_ini_has_and_never_its_password(
    tmp_path: Path, run_migrator: Run
) -> None:
    root = tmp_path / "old"
    root.mkdir()
    subprocess.run([str(EXECUTABLE.with_name("alembic")), "init", "alembic"], cwd=root, check=True, capture_output=True)
    ini = root / "alembic.ini"
    url = "postgresql+psycopg://shop%%40eu:s3cr3t@db.example:6432/shop"
    ini.write_text(ini.read_text().replace("driver://user:pass@localhost/dbname", url))
    assert run_migrator("init", "--adopt", cwd=root).returncode == 0
    local = (root / "env_profiles" / "local.env").read_text()
    settings = ["DB_DIALECT=postgresql", "DB_DRIVER=psycopg", "DB_HOST=db.example", "DB_PORT=6432", "DB_NAME=shop"]
    assert [*settings, "DB_USER='shop@eu'"] == [line for line in local.splitlines() if not line.startswith("#")]
    assert "s3cr3t" not in local


def test_adopt_writes_the_address_that_env_py_connects_to(tmp_path: Path, run_migrator: Run) -> None:
    root = tmp_path / "old"
    (root / "alembic" / "versions").mkdir(parents=True)
    (root / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/alembic\n")
    (root / "alembic" / "env.py").write_text(
        "from alembic import context\nfrom sqlalchemy import create_engine\n"
        f"with create_engine('sqlite:///{root}/own.db').connect() as connection:\n"
        "    context.configure(connection=connection)\n    context.run_migrations()\n"
    )
    assert run_migrator("init", "--adopt", cwd=root).returncode == 0
    assert f"DB_NAME={root}/own.db\n" in (root / "env_profiles" / "local.env").read_text()
    assert run_migrator("status", cwd=root).returncode == 0


def test_adopt_without_an_alembic_project_says_so(tmp_path: Path, run_migrator: Run) -> None:
    outcome = run_migrator("init", "--adopt", cwd=tmp_path)
    assert outcome.returncode == 3
    assert "migrator init" in outcome.stderr


@pytest.mark.parametrize(
    ("style", "server", "driver"),
    [
        ("async", "postgresql", "asyncpg"),
        ("async", "postgresql", "psycopg"),
        ("async", "sqlite", "aiosqlite"),
        ("sync", "postgresql", "psycopg"),
        ("sync", "postgresql", "asyncpg"),
        ("sync", "sqlite", "pysqlite"),
    ],
)
@pytest.mark.parametrize("tool", ["alembic", "migrator"])
def test_upgrade_and_downgrade_work_with_both_tools(
    request: pytest.FixtureRequest, tmp_path: Path, style: str, server: str, driver: str, tool: str
) -> None:
    project: TinyProject = request.getfixturevalue("project" if style == "async" else "sync_project")
    servers = request.getfixturevalue("servers")
    try:
        servers.profile(server)
    except ServerMissing as reason:
        pytest.skip(f"{server}: {reason}")
    with servers.database(server, folder=tmp_path, driver=driver) as profile:
        project.use(profile)
        project.revision("users")
        project.revision("posts")
        _up_and_down(project, tool)


def _up_and_down(project: TinyProject, tool: str) -> None:
    run = project.run if tool == "migrator" else lambda *arguments: alembic(project, *arguments)
    for arguments in (("upgrade", "head"), ("downgrade", "-1"), ("upgrade", "head"), ("downgrade", "base")):
        outcome = run(*arguments)
        assert outcome.returncode == 0, outcome.stderr
    assert run("upgrade", "+1").returncode == 0
    assert "users" in alembic(project, "current").stdout


def test_plain_alembic_takes_the_profile_that_migrator_env_names(
    project: TinyProject, sqlite_database: Profile, tmp_path: Path
) -> None:
    project.use(sqlite_database, env="ci")
    project.revision("users")
    assert alembic(project, "upgrade", "head", MIGRATOR_ENV="ci").returncode == 0
    assert Path(str(sqlite_database.database)).exists()


def test_plain_alembic_writes_sql_offline(project: TinyProject) -> None:
    project.revision("users")
    outcome = alembic(project, "upgrade", "head", "--sql", MIGRATOR_ENV="prod")
    assert outcome.returncode == 0, outcome.stderr
    assert "CREATE TABLE users" in outcome.stdout


def test_env_py_works_under_a_running_event_loop(project: TinyProject, sqlite_database: Profile) -> None:
    project.use(sqlite_database)
    project.revision("users")
    (project.root / "start.py").write_text(
        "import asyncio\n"
        "from alembic import command\n"
        "from alembic.config import Config\n"
        "async def main():\n"
        "    command.upgrade(Config('alembic.ini'), 'head')\n"
        "asyncio.run(main())\n"
    )
    ended = subprocess.run(
        [str(EXECUTABLE.with_name("python")), "start.py"],
        cwd=project.root,
        env=clean_environment(project.home),
        check=False,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr
    assert "users" in alembic(project, "current").stdout


def test_adopt_writes_every_profile_for_the_dialect_that_the_project_has(tmp_path: Path, run_migrator: Run) -> None:
    root = tmp_path / "shop"
    (root / "migrations" / "versions").mkdir(parents=True)
    (root / "migrations" / "env.py").write_text("from alembic import context\n")
    url = "mysql+pymysql://shop:secret@db.example.com/orders"
    (root / "alembic.ini").write_text(f"[alembic]\nscript_location = migrations\nsqlalchemy.url = {url}\n")
    assert run_migrator("init", "--adopt", cwd=root).returncode == 0
    listed = run_migrator("profile", "list", cwd=root)
    assert "mysql://root@127.0.0.1:3306/shop" in listed.stdout, listed.stdout
    assert "mysql://shop@db.example.internal:3306/shop" in listed.stdout
    assert "postgres" not in listed.stdout
    for name in ("local", "ci", "prod"):
        shown = run_migrator("profile", "show", "--env", name, cwd=root)
        assert shown.returncode == 0, shown.stderr


def test_adopt_with_a_file_for_a_database_needs_a_local_profile_only(tmp_path: Path, run_migrator: Run) -> None:
    root = tmp_path / "shop"
    (root / "migrations" / "versions").mkdir(parents=True)
    (root / "migrations" / "env.py").write_text("from alembic import context\n")
    (root / "alembic.ini").write_text(
        f"[alembic]\nscript_location = migrations\nsqlalchemy.url = sqlite:///{root}/shop.db\n"
    )
    assert run_migrator("init", "--adopt", cwd=root).returncode == 0
    assert [path.name for path in (root / "env_profiles").iterdir()] == ["local.env"]
