"""Alembic's environment of this repository: asynchronous, on the profile that ``MIGRATOR_ENV`` names (default: local).

Plain ``alembic`` and ``migrator`` both run it, online and offline (``--sql``), with asyncpg and psycopg alike.
"""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, Engine

from examples.service.models import Base
from migrator.execution.environment_file import async_engine, offline_url, run


def migrate(connection: Connection) -> None:
    """Run the revisions on an open connection, each in a transaction of its own."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


async def migrate_profile() -> None:
    """Connect to the profile's database and run the revisions there."""
    async with async_engine(context.config).connect() as connection:
        await connection.run_sync(migrate)


def write_script() -> None:
    """Print the revisions as SQL; no connection is made."""
    context.configure(url=offline_url(context.config), target_metadata=Base.metadata, literal_binds=True)
    with context.begin_transaction():
        context.run_migrations()


handed_over = context.config.attributes.get("connection")
if context.is_offline_mode():
    write_script()
elif isinstance(handed_over, Connection):
    migrate(handed_over)
elif isinstance(handed_over, Engine):
    with handed_over.connect() as opened:
        migrate(opened)
else:
    run(migrate_profile())
