"""An ``env.py`` after pytest-alembic's recipe opens what it is handed: an engine there, a connection here."""

from __future__ import annotations

import pytest
from projects import TinyProject

from migrator.database.connecting import connect
from migrator.profiles.model import Profile

RECIPE = """\
from alembic import context
from sqlalchemy import engine_from_config, pool

connectable = context.config.attributes.get("connection", None)
if connectable is None:
    connectable = engine_from_config(
        context.config.get_section(context.config.config_ini_section, {}),
        prefix="sqlalchemy.",
        poolclass=pool.NullPool,
    )
with connectable.connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
"""


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_it_runs_on_the_profile_s_database(sync_project: TinyProject, local_database: Profile, driver: str) -> None:
    sync_project.use(local_database, env="local", DB_MIGRATION_DRIVER=driver)
    (sync_project.root / "migrations" / "env.py").write_text(RECIPE)
    sync_project.revision("r1")
    sync_project.revision("r2")
    done = sync_project.run("upgrade")
    assert done.returncode == 0, done.stderr
    with connect(local_database) as connection:
        assert connection.fetch("SELECT version_num FROM alembic_version") == [("r2",)]
        assert connection.fetch("SELECT to_regclass('r1') IS NULL") == [(False,)]
