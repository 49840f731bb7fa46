"""A database that only its own env.py knows: it is read through that connection, which cannot write meanwhile."""

from __future__ import annotations

import shutil

import pytest
from drifters import run_sql, scratch_url, with_history
from projects import TinyProject

from migrator.database.urls import sqlalchemy_url
from migrator.execution.upgrading import upgrade
from migrator.profiles.model import Profile
from migrator.project import open_project
from migrator.verification.drift.detecting import find_drift
from migrator.verification.drift.model import DriftRequest

ENV_PY = """\
import os
from alembic import context
from sqlalchemy import create_engine

engine = create_engine(os.environ["APP_DATABASE_URL"])
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
"""


def test_database_of_env_py_is_compared(
    sync_project: TinyProject, local_database: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_history(sync_project, local_database)
    shutil.rmtree(sync_project.root / "env_profiles")
    (sync_project.root / "migrations" / "env.py").write_text(ENV_PY)
    url = sqlalchemy_url(local_database, driver="psycopg").render_as_string(hide_password=False)
    monkeypatch.setenv("APP_DATABASE_URL", url)
    monkeypatch.setenv("MIGRATOR_SCRATCH_URL", scratch_url(local_database))
    project = open_project(start=sync_project.root, environ={})
    upgrade(project)
    assert find_drift(project, DriftRequest()).drifted == ()
    run_sql(local_database, "CREATE VIEW adults AS SELECT * FROM users WHERE age > 17 AND email LIKE '%?:x%'")
    assert [str(each.difference.key) for each in find_drift(project, DriftRequest()).drifted] == ["view public.adults"]
