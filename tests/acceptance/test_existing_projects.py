"""Projects that were there before this tool: whatever their env.py does, unchanged."""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import Completed

from migrator.database.urls import sqlalchemy_url
from migrator.profiles.model import Profile

KINDS = Path(__file__).parent.parent / "histories" / "env_py"
INI = "[alembic]\nscript_location = %(here)s/migrations\nsqlalchemy.url = sqlite:///%(here)s/ini.db\n"

Run = Callable[..., Completed]


def existing(kind: str, folder: Path) -> Path:
    """Copy an env.py of ``tests/histories/env_py`` into a project with an ini file and two or three revisions."""
    migrations = folder / "migrations"
    migrations.mkdir(parents=True)
    shutil.copy(KINDS / kind / "env.py", migrations / "env.py")
    versions = KINDS / kind / "versions"
    shutil.copytree(versions if versions.exists() else KINDS / "versions", migrations / "versions")
    (folder / "alembic.ini").write_text(INI)
    return folder


def tables(file: Path) -> set[str]:
    with sqlite3.connect(file) as connection:
        found = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    connection.close()
    return found


def versions(file: Path, table: str = "alembic_version") -> list[str]:
    with sqlite3.connect(file) as connection:
        rows = [row[0] for row in connection.execute(f"SELECT version_num FROM {table}")]
    connection.close()
    return sorted(rows)


SINGLE = ["own_settings", "set_before_configure", "begin_around", "begin_held", "quiets_loggers"]


@pytest.mark.parametrize("kind", SINGLE)
def test_the_same_on_postgresql(kind: str, tmp_path: Path, run_migrator: Run, local_database: Profile) -> None:
    root = existing(kind, tmp_path / "app")
    url = sqlalchemy_url(local_database, driver="psycopg").render_as_string(hide_password=False)
    for command in (["upgrade"], ["status"], ["downgrade", "-1"], ["upgrade"], ["current", "--check-heads"]):
        done = run_migrator(*command, cwd=root, env={"APP_DATABASE_URL": url})
        assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("kind", SINGLE)
def test_up_and_down_again_with_whatever_env_py_does(kind: str, tmp_path: Path, run_migrator: Run) -> None:
    root = existing(kind, tmp_path / "app")
    env = {"APP_DATABASE_URL": f"sqlite:///{root}/app.db"}
    up = run_migrator("upgrade", "head", cwd=root, env=env)
    assert (up.returncode, up.stdout) == (0, up.stdout), up.stderr
    assert "Upgraded base -> 0002_posts: 2 revisions" in up.stdout
    assert versions(root / "app.db") == ["0002_posts"]
    assert {"users", "posts"} <= tables(root / "app.db")
    again = run_migrator("upgrade", "head", cwd=root, env=env)
    assert (again.returncode, again.stdout) == (0, "Nothing to do: the database is at 0002_posts.\n"), again.stderr
    down = run_migrator("downgrade", "-1", cwd=root, env=env)
    assert down.returncode == 0, down.stderr
    assert versions(root / "app.db") == ["0001_users"]
    assert "posts" not in tables(root / "app.db")


def test_plain_alembic_rolls_back_in_silence_where_migrator_does_not(tmp_path: Path) -> None:
    """The reason for `settle`: a statement before configure() and everything is gone, with exit code 0."""
    root = existing("set_before_configure", tmp_path / "app")
    done = subprocess.run(
        [sys.executable, "-m", "alembic", "upgrade", "head"],
        cwd=root,
        env={"APP_DATABASE_URL": f"sqlite:///{root}/app.db", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0
    assert versions(root / "app.db") == []


def test_header_shows_the_connection_that_env_py_makes(tmp_path: Path, run_migrator: Run) -> None:
    root = existing("own_settings", tmp_path / "app")
    shown = run_migrator("status", cwd=root, env={"APP_DATABASE_URL": f"sqlite:///{root}/app.db"})
    assert shown.returncode == 1
    assert "connection of migrations/env.py" in shown.stdout
    assert f"sqlite:///{root}/app.db" in shown.stdout
    assert not (root / "app.db").exists() or tables(root / "app.db") == set(), "a question must not write"


def test_env_without_profiles_is_an_error_that_says_how_to_begin(tmp_path: Path, run_migrator: Run) -> None:
    root = existing("own_settings", tmp_path / "app")
    done = run_migrator("upgrade", "--env", "prod", cwd=root, env={"APP_DATABASE_URL": "sqlite://"})
    assert done.returncode == 3
    assert "migrator init --adopt" in done.stderr


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        ("version_table_elsewhere", "service_version"),
        ("version_table_computed", "version_of_app"),
    ],
)
def test_version_table_of_another_name_is_found(kind: str, table: str, tmp_path: Path, run_migrator: Run) -> None:
    root = existing(kind, tmp_path / "app")
    env = {"APP_DATABASE_URL": f"sqlite:///{root}/app.db", "DB_URL": f"sqlite:///{root}/app.db"}
    up = run_migrator("upgrade", cwd=root, env=env)
    assert up.returncode == 0, up.stderr
    assert versions(root / "app.db", table) == ["0002_posts"]
    status = run_migrator("status", cwd=root, env=env)
    assert status.returncode == 0, status.stdout + status.stderr


def test_env_py_that_insists_on_another_database_is_stopped_before_anything_runs(
    tmp_path: Path, run_migrator: Run
) -> None:
    root = existing("own_settings", tmp_path / "app")
    env = {"APP_DATABASE_URL": f"sqlite:///{root}/theirs.db", "DB_URL": f"sqlite:///{root}/ours.db"}
    done = run_migrator("upgrade", cwd=root, env=env)
    assert done.returncode == 3
    assert "theirs.db" in done.stderr
    assert "ours.db" in done.stderr
    assert "nothing was run" in done.stderr
    assert "users" not in tables(root / "theirs.db")
    assert "users" not in tables(root / "ours.db")


def test_handed_over_connection_is_the_profile_s(tmp_path: Path, run_migrator: Run) -> None:
    root = existing("takes_connection", tmp_path / "app")
    done = run_migrator("upgrade", cwd=root, env={"DB_URL": f"sqlite:///{root}/ours.db"})
    assert done.returncode == 0, done.stderr
    assert versions(root / "ours.db") == ["0002_posts"]
    assert not (root / "ini.db").exists()


def test_two_databases_in_one_run(tmp_path: Path, run_migrator: Run) -> None:
    root = existing("two_databases", tmp_path / "app")
    env = {"APP_DATABASE_URL": f"sqlite:///{root}/one.db", "APP_SECOND_URL": f"sqlite:///{root}/two.db"}
    first = run_migrator("upgrade", "0001_users", cwd=root, env={**env, "APP_SECOND_URL": env["APP_DATABASE_URL"]})
    assert first.returncode == 0, first.stderr
    up = run_migrator("upgrade", cwd=root, env=env)
    assert up.returncode == 0, up.stderr
    assert versions(root / "one.db") == versions(root / "two.db") == ["0002_posts"]
    assert run_migrator("status", cwd=root, env=env).returncode == 0


def test_revision_that_commits_by_itself_is_recorded(tmp_path: Path, run_migrator: Run) -> None:
    """With plain Alembic the tables are there and the version is not, with exit code 0 (facts 6, trap 1)."""
    root = existing("commits_inside", tmp_path / "app")
    done = run_migrator("upgrade", cwd=root, env={"APP_DATABASE_URL": f"sqlite:///{root}/app.db"})
    assert done.returncode == 0, done.stderr
    assert versions(root / "app.db") == ["0003_tags"]


def test_env_py_that_runs_nothing_is_told(tmp_path: Path, run_migrator: Run) -> None:
    root = existing("never_runs", tmp_path / "app")
    done = run_migrator("upgrade", cwd=root)
    assert done.returncode == 3
    assert "context.run_migrations()" in done.stderr


@pytest.mark.parametrize("template", ["generic", "async", "pyproject", "pyproject_async"])
def test_stock_templates_of_alembic(template: str, tmp_path: Path, run_migrator: Run) -> None:
    root = stock(template, tmp_path / "app")
    done = run_migrator("upgrade", "head", cwd=root)
    assert done.returncode == 0, done.stderr
    assert versions(root / "app.db") == ["0002_posts"]
    assert "0002_posts (head)" in run_migrator("current", cwd=root).stdout


@pytest.mark.parametrize("template", ["generic", "async", "pyproject", "pyproject_async"])
def test_stock_templates_follow_a_profile_whose_password_needs_escaping(
    template: str, tmp_path: Path, run_migrator: Run, local_database: Profile
) -> None:
    root = stock(template, tmp_path / "app")
    env = {
        "DB_HOST": str(local_database.host),
        "DB_PORT": str(local_database.port),
        "DB_USER": str(local_database.user),
        "DB_NAME": str(local_database.database),
        "DB_PASS": "50%@/:#s",
    }
    done = run_migrator("upgrade", cwd=root, env=env)
    assert done.returncode == 0, done.stderr
    assert "50%" not in done.stdout + done.stderr
    assert "0002_posts (head)" in run_migrator("current", cwd=root, env=env).stdout
    assert not (root / "app.db").exists()


def stock(template: str, folder: Path) -> Path:
    """A project as ``alembic init`` makes it, on SQLite."""
    folder.mkdir(parents=True)
    if template.startswith("pyproject"):
        (folder / "pyproject.toml").write_text("[project]\nname = 'app'\nversion = '1'\n")
    command = [sys.executable, "-m", "alembic", "init", "-t", template, "migrations"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    driver = "sqlite+aiosqlite" if "async" in template else "sqlite"
    ini = folder / "alembic.ini"
    text = ini.read_text()
    assert "driver://user:pass@localhost/dbname" in text
    ini.write_text(text.replace("driver://user:pass@localhost/dbname", f"{driver}:///{folder}/app.db"))
    for file in (KINDS / "versions").glob("*.py"):
        shutil.copy(file, folder / "migrations" / "versions")
    return folder


def test_section_of_the_ini_chooses_database_and_history(tmp_path: Path, run_migrator: Run) -> None:
    """``-n orders`` as with Alembic: another section, another database."""
    root = stock("generic", tmp_path / "app")
    ini = root / "alembic.ini"
    ini.write_text(
        f"[orders]\nscript_location = %(here)s/migrations\nsqlalchemy.url = sqlite:///{root}/orders.db\n"
        + ini.read_text()
    )
    done = run_migrator("-n", "orders", "upgrade", "0001_users", cwd=root)
    assert done.returncode == 0, done.stderr
    assert versions(root / "orders.db") == ["0001_users"]
    assert not (root / "app.db").exists()


def test_flask_migrate_project(tmp_path: Path, run_migrator: Run) -> None:
    root = tmp_path / "app"
    root.mkdir()
    (root / "shop.py").write_text(
        "from flask import Flask\n"
        "from flask_migrate import Migrate\n"
        "from flask_sqlalchemy import SQLAlchemy\n"
        "db = SQLAlchemy()\n"
        "def create_app():\n"
        "    app = Flask(__name__)\n"
        f"    app.config['SQLALCHEMY_DATABASE_URI'] = 'sqlite:///{root}/app.db'\n"
        "    db.init_app(app)\n"
        "    Migrate(app, db)\n"
        "    return app\n"
    )
    flask = [sys.executable, "-m", "flask", "--app", "shop", "db", "init"]
    subprocess.run(flask, cwd=root, check=True, capture_output=True)
    for file in (KINDS / "versions").glob("*.py"):
        shutil.copy(file, root / "migrations" / "versions")
    done = run_migrator("upgrade", cwd=root, env={"FLASK_APP": "shop"})
    assert done.returncode == 0, done.stderr
    assert versions(root / "app.db") == ["0002_posts"]
    assert run_migrator("status", cwd=root, env={"FLASK_APP": "shop"}).returncode == 0


def test_missing_module_of_env_py_is_named(tmp_path: Path, run_migrator: Run) -> None:
    root = existing("own_settings", tmp_path / "app")
    env_py = root / "migrations" / "env.py"
    env_py.write_text("import not_installed_anywhere\n" + env_py.read_text())
    done = run_migrator("upgrade", cwd=root)
    assert done.returncode == 3
    assert "not_installed_anywhere" in done.stderr
    assert "migrations/env.py:1" in done.stderr
    assert "Traceback" not in done.stderr


def test_module_of_the_project_itself_is_found_when_it_is_on_the_path(tmp_path: Path, run_migrator: Run) -> None:
    """The template expects `pip install -e .`: migrator says so instead of sending the user elsewhere."""
    root = existing("own_settings", tmp_path / "app")
    (root / "shop").mkdir()
    (root / "shop" / "__init__.py").touch()
    env_py = root / "migrations" / "env.py"
    env_py.write_text("import shop\n" + env_py.read_text())
    env = {"APP_DATABASE_URL": f"sqlite:///{root}/app.db"}
    done = run_migrator("upgrade", cwd=root, env=env)
    assert done.returncode == 3
    assert "'shop' of this project" in done.stderr
    assert "prepend_sys_path = . in alembic.ini" in done.stderr
    ini = root / "alembic.ini"
    ini.write_text(ini.read_text() + "prepend_sys_path = .\n")
    assert run_migrator("upgrade", cwd=root, env=env).returncode == 0


def test_alembic_s_own_narration_is_not_printed_beside_ours(tmp_path: Path, run_migrator: Run) -> None:
    root = stock("generic", tmp_path / "app")
    done = run_migrator("upgrade", cwd=root)
    assert "[2/2] upgrade 0002_posts" in done.stderr
    assert "alembic.runtime" not in done.stderr
    assert run_migrator("-q", "downgrade", "-1", cwd=root).stderr == ""


def test_flask_application_that_fails_is_not_a_defect_of_migrator(tmp_path: Path, run_migrator: Run) -> None:
    root = tmp_path / "app"
    root.mkdir()
    (root / "shop.py").write_text("def create_app():\n    raise LookupError('SECRET_KEY is not set')\n")
    flask = [sys.executable, "-m", "flask", "--app", "shop", "db", "init"]
    assert subprocess.run(flask, cwd=root, capture_output=True, check=False).returncode != 0
    migrations = root / "migrations"
    (migrations / "versions").mkdir(parents=True)
    (migrations / "alembic.ini").write_text("[alembic]\n")
    (migrations / "env.py").write_text("from flask import current_app\nurl = current_app.config['URL']\n")
    done = run_migrator("status", cwd=root, env={"FLASK_APP": "shop"})
    assert done.returncode == 3, done.stderr
    assert "LookupError: SECRET_KEY is not set" in done.stderr
    assert "Where: shop.py:2" in done.stderr
    assert "defect" not in done.stderr


def test_next_command_without_profiles_names_none(tmp_path: Path, run_migrator: Run) -> None:
    root = existing("takes_connection", tmp_path / "app")
    status = run_migrator("status", cwd=root, env={"DB_URL": f"sqlite:///{root}/ours.db"})
    assert "Next         migrator upgrade\n" in status.stdout


def test_failure_on_a_database_without_transactional_schema_changes_promises_no_rollback(
    tmp_path: Path, run_migrator: Run
) -> None:
    root = existing("own_settings", tmp_path / "app")
    (root / "migrations" / "versions" / "0003_half.py").write_text(
        "from alembic import op\nrevision, down_revision = '0003_half', '0002_posts'\n"
        "def upgrade():\n    op.execute('CREATE TABLE half (id int)')\n    assert False\n"
    )
    env = {"APP_DATABASE_URL": f"sqlite:///{root}/app.db"}
    done = run_migrator("upgrade", cwd=root, env=env)
    assert done.returncode == 8, done.stderr
    assert "failed: AssertionError\n" in done.stderr
    assert ("rolled back" in done.stderr) == ("half" not in tables(root / "app.db"))


def test_branches_are_listed_as_alembic_lists_them(tmp_path: Path, run_migrator: Run) -> None:
    """Newest first, as history does; only the order of the children is a random one with Alembic."""
    root = stock("generic", tmp_path / "app")
    parents = {"0003_a": "0002_posts", "0003_b": "0002_posts", "0004_a": "0003_a", "0004_b": "0003_a"}
    for id_, parent in parents.items():
        (root / "migrations" / "versions" / f"{id_}.py").write_text(
            f'"""Add {id_}"""\nrevision = {id_!r}\ndown_revision = {parent!r}\ndef upgrade():\n    pass\n'
        )
    command = [sys.executable, "-m", "alembic", "branches"]
    alembic = subprocess.run(command, cwd=root, capture_output=True, check=True, text=True).stdout
    ours = run_migrator("branches", cwd=root).stdout
    assert sorted(ours.split("\n")) == sorted(alembic.split("\n"))
    points = [line for line in alembic.splitlines() if line and "->" not in line]
    assert [line for line in ours.splitlines() if line and "->" not in line] == points


def test_docstring_with_nothing_but_the_header_leaves_lists_in_one_line(tmp_path: Path, run_migrator: Run) -> None:
    root = stock("generic", tmp_path / "app")
    file = root / "migrations" / "versions" / "0003_tags.py"
    file.write_text(
        '"""Revision ID: 0003_tags\nRevises: 0002_posts\nCreate Date: 2024-01-01\n\n"""\n'
        "revision = '0003_tags'\ndown_revision = '0002_posts'\ndef upgrade():\n    pass\n"
    )
    shown = run_migrator("upgrade", "--dry-run", cwd=root).stdout + run_migrator("status", cwd=root).stdout
    assert "upgrade 0003_tags\n" in shown
    assert "Create Date" not in shown


def test_revision_that_needs_a_database_says_so_when_it_is_asked_for_sql(tmp_path: Path, run_migrator: Run) -> None:
    root = stock("generic", tmp_path / "app")
    (root / "migrations" / "versions" / "0003_looks.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\nrevision, down_revision = '0003_looks', '0002_posts'\n"
        "def upgrade():\n    sa.inspect(op.get_bind()).get_table_names()\n"
    )
    done = run_migrator("upgrade", "--sql", cwd=root)
    assert done.returncode == 7, done.stderr
    assert "CREATE TABLE posts" in done.stdout
    assert "0003_looks.py) cannot be written as SQL" in done.stderr
    assert "defect" not in done.stderr


def test_what_a_revision_prints_in_offline_mode_is_part_of_the_script(tmp_path: Path, run_migrator: Run) -> None:
    """Airflow prints remarks and statements to run by hand; what env.py prints by itself is none of it."""
    root = stock("generic", tmp_path / "app")
    env_py = root / "migrations" / "env.py"
    env_py.write_text(env_py.read_text() + "\nprint('loaded')\n")
    (root / "migrations" / "versions" / "0003_by_hand.py").write_text(
        "revision, down_revision = '0003_by_hand', '0002_posts'\n"
        "def upgrade():\n    print('-- by hand: DELETE FROM posts')\n"
    )
    done = run_migrator("upgrade", "--sql", cwd=root)
    assert done.returncode == 0, done.stderr
    assert "-- by hand: DELETE FROM posts\n" in done.stdout
    assert "loaded" in done.stderr
    assert "loaded" not in done.stdout


def test_labels_of_a_branch_are_shown_where_alembic_shows_them(tmp_path: Path, run_migrator: Run) -> None:
    """A label holds for the whole branch; airflow's is the text "None", by accident."""
    root = stock("generic", tmp_path / "app")
    branches = [("0003_a", "0002_posts", "shop"), ("0003_b", "0002_posts", None), ("0004", "0003_a", None)]
    for id_, parent, label in branches:
        (root / "migrations" / "versions" / f"{id_}.py").write_text(
            f'"""Add {id_}"""\nrevision = {id_!r}\ndown_revision = {parent!r}\nbranch_labels = {label!r}\n'
            "def upgrade():\n    pass\n"
        )
    for command in ("heads", "history"):
        alembic = subprocess.run(
            [sys.executable, "-m", "alembic", command], cwd=root, capture_output=True, check=True, text=True
        ).stdout
        ours = run_migrator(command, cwd=root).stdout
        assert "0004 (shop) (head)" in ours
        assert sorted(ours.splitlines()) == sorted(alembic.splitlines())
