"""Holds one transaction around the whole run."""

import os

from alembic import context
from sqlalchemy import create_engine

engine = create_engine(os.environ["APP_DATABASE_URL"])
with engine.begin() as connection:
    context.configure(connection=connection)
    context.run_migrations()
engine.dispose()
