"""Keeps its version rows in a table of another name."""

import os

from alembic import context
from sqlalchemy import create_engine

VERSION_TABLE = "service_version"

engine = create_engine(os.environ["APP_DATABASE_URL"])
with engine.connect() as connection:
    context.configure(connection=connection, version_table=VERSION_TABLE)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
