"""What ``alembic init`` writes, with the address from the environment."""

import os

from alembic import context
from sqlalchemy import create_engine, pool

connectable = create_engine(os.environ["RELIABILITY_URL"], poolclass=pool.NullPool)
with connectable.connect() as connection:
    context.configure(connection=connection, target_metadata=None)
    with context.begin_transaction():
        context.run_migrations()
