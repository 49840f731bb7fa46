"""Begins a transaction, keeps it in a variable and commits it at the end, as Alembic's multidb template does."""

import os

from alembic import context
from sqlalchemy import create_engine

engine = create_engine(os.environ["APP_DATABASE_URL"])
connection = engine.connect()
transaction = connection.begin()
try:
    context.configure(connection=connection)
    context.run_migrations()
    transaction.commit()
finally:
    connection.close()
    engine.dispose()
