"""A client that runs one long statement on a migration's connection. Run as a program: the profile comes as JSON."""

from __future__ import annotations

import asyncio
import json
import sys

from sqlalchemy import Connection, Engine, text

from migrator.database.engines import create_migration_engine
from migrator.database.keepalive import Keepalive
from migrator.execution.adapter.guarding import guard
from migrator.profiles.model import Profile, Secret


def sleep(connection: Connection) -> None:
    """What a revision would do."""
    guard(connection, Keepalive())
    connection.execute(text("SELECT pg_sleep(60)"))


def main(argument: str) -> None:
    """Connect and sleep."""
    settings = json.loads(argument)
    password = settings.pop("password")
    profile = Profile(**settings, password=Secret(password) if password else None)
    engine = create_migration_engine(profile)
    if isinstance(engine, Engine):
        with engine.connect() as connection:
            sleep(connection)
        return

    async def run() -> None:
        async with engine.connect() as connection:
            await connection.run_sync(sleep)

    asyncio.run(run())


if __name__ == "__main__":
    main(*sys.argv[1:])
