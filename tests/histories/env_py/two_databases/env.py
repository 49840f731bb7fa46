"""Migrates two databases in one run."""

import os

from alembic import context
from sqlalchemy import create_engine

for name, variable in (("first", "APP_DATABASE_URL"), ("second", "APP_SECOND_URL")):
    engine = create_engine(os.environ[variable])
    with engine.connect() as connection:
        context.configure(connection=connection, upgrade_token=f"{name}_upgrades")
        with context.begin_transaction():
            context.run_migrations(engine_name=name)
    engine.dispose()
