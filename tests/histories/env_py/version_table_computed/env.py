"""Computes the name of its version table, so that only running it can tell."""

import os

from alembic import context
from sqlalchemy import create_engine

engine = create_engine(os.environ["APP_DATABASE_URL"])
with engine.connect() as connection:
    context.configure(connection=connection, version_table="version_of_" + os.environ.get("APP_NAME", "app"))
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
