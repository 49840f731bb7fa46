"""Runs a statement before configure(): with plain Alembic everything is rolled back, with exit code 0."""

import os

from alembic import context
from sqlalchemy import create_engine, text

engine = create_engine(os.environ["APP_DATABASE_URL"])
with engine.connect() as connection:
    connection.execute(text("SELECT 1"))
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
