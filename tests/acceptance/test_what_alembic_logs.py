"""Alembic's own narration beside ours: told once; what a revision logs is heard."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from projects import Completed

Run = Callable[..., Completed]

MODELS = """\
from sqlalchemy import Column, Integer, MetaData, Table
metadata = MetaData()
Table("users", metadata, Column("id", Integer, primary_key=True), Column("age", Integer))
"""
REVISION = """\
import logging
import sqlalchemy as sa
from alembic import op
revision, down_revision = "0001_users", None

def upgrade():
    op.create_table("users", sa.Column("id", sa.Integer, primary_key=True))
    logging.getLogger("alembic.runtime.migration").info("moved 3 rows")

def downgrade():
    op.drop_table("users")
"""


def stock_project(folder: Path) -> Path:
    """A project as ``alembic init`` makes it, whose alembic.ini shows Alembic's INFO, with a column too few."""
    folder.mkdir()
    command = [sys.executable, "-m", "alembic", "init", "migrations"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    ini, env_py = folder / "alembic.ini", folder / "migrations" / "env.py"
    ini.write_text(ini.read_text().replace("driver://user:pass@localhost/dbname", f"sqlite:///{folder}/app.db"))
    env_py.write_text(
        env_py.read_text().replace("target_metadata = None", "from models import metadata as target_metadata")
    )
    (folder / "models.py").write_text(MODELS)
    (folder / "migrations" / "versions" / "0001_users.py").write_text(REVISION)
    return folder


def test_comparison_of_the_models_is_told_once(tmp_path: Path, run_migrator: Run) -> None:
    done = run_migrator("check", cwd=stock_project(tmp_path / "app"))
    assert done.returncode == 1, done.stderr
    assert "users.age" in done.stdout
    assert "Detected" not in done.stderr


def test_revision_that_logs_through_alembic_s_logger_is_heard(tmp_path: Path, run_migrator: Run) -> None:
    done = run_migrator("upgrade", cwd=stock_project(tmp_path / "app"))
    assert done.returncode == 0, done.stderr
    assert "moved 3 rows" in done.stderr
    assert "Running upgrade" not in done.stderr
