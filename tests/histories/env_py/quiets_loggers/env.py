"""Calls fileConfig, which disables every logger that the application has made before."""

import logging.config
import os

from alembic import context
from sqlalchemy import create_engine

logging.config.dictConfig({"version": 1, "disable_existing_loggers": True, "root": {"level": "ERROR", "handlers": []}})

engine = create_engine(os.environ["APP_DATABASE_URL"])
with engine.connect() as connection:
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()
engine.dispose()
