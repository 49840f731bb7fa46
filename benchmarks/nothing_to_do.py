"""``migrator upgrade`` against ``alembic upgrade head`` when there is nothing to do: what a pod pays at each start.

Usage: python benchmarks/nothing_to_do.py [--revisions 200] [--runs 15] [--server postgresql://postgres@127.0.0.1/postgres]
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from history import ENV_PY, linear_project
from measuring import SCRIPTS, Contestant, compare

DATABASE = "migrator_nothing_to_do"
WANTED = 0.5
ASYNC_ENV_PY = """\
import asyncio
import os

from alembic import context
from sqlalchemy import pool
from sqlalchemy.ext.asyncio import create_async_engine


def migrate(connection):
    context.configure(connection=connection)
    with context.begin_transaction():
        context.run_migrations()


async def connect():
    engine = create_async_engine(os.environ["BENCHMARK_URL"], poolclass=pool.NullPool)
    async with engine.connect() as connection:
        await connection.run_sync(migrate)
    await engine.dispose()


asyncio.run(connect())
"""


@dataclass(frozen=True)
class Case:
    """A project's driver, and whether a profile says where its database is or ``env.py`` alone."""

    driver: str
    profile: bool

    def __str__(self) -> str:
        return f"{self.driver}, {'with' if self.profile else 'without'} a profile"


CASES = (Case("asyncpg", True), Case("psycopg", True), Case("asyncpg", False))
"""Nothing is wanted without a profile: ``env.py`` has to be run then, with all that it imports."""


def database(server: str, *statements: str) -> None:
    """Run statements, in another process: the peak memory of a child is never less than its parent's at the start."""
    code = "import psycopg, sys; [psycopg.connect(sys.argv[1], autocommit=True).execute(each) for each in sys.argv[2:]]"
    subprocess.run([sys.executable, "-c", code, server, *statements], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--revisions", type=int, default=200)
    parser.add_argument("--runs", type=int, default=15)
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1:5432/postgres")
    parser.add_argument("--results", type=Path, help="file for the figures, as JSON")
    chosen = parser.parse_args()
    database(chosen.server, f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)", f"CREATE DATABASE {DATABASE}")
    with tempfile.TemporaryDirectory() as folder:
        project = linear_project(Path(folder) / "project", chosen.revisions)
        measured = [measure(case, project, chosen) for case in CASES]
    database(chosen.server, f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    if chosen.results:
        chosen.results.write_text(json.dumps({"revisions": chosen.revisions, "rows": measured}, indent=1) + "\n")


def measure(case: Case, project: Path, chosen: argparse.Namespace) -> dict[str, object]:
    """Bring the database to the head, compare the two there, and say what came of it."""
    address = f"{chosen.server.rpartition('/')[0]}/{DATABASE}"
    env = {"BENCHMARK_URL": address.replace("postgresql://", f"postgresql+{case.driver}://")}
    profiles = project / "env_profiles"
    shutil.rmtree(profiles, ignore_errors=True)
    if case.profile:
        profiles.mkdir()
        (profiles / "local.env").write_text("DB_DIALECT=postgresql\n")
        env["DB_URL"] = env["BENCHMARK_URL"]
    (project / "migrations" / "env.py").write_text(ASYNC_ENV_PY if case.driver == "asyncpg" else ENV_PY)
    ours = Contestant("migrator upgrade", [SCRIPTS / "migrator", "--quiet", "upgrade"], cwd=project, env=env)
    theirs = Contestant("alembic upgrade head", [SCRIPTS / "alembic", "-q", "upgrade", "head"], cwd=project, env=env)
    ours.run(counted=False)
    wanted = WANTED if case.profile else None
    ratio = compare(
        f"upgrade with nothing to do, {chosen.revisions} revisions, {case}",
        ours,
        theirs,
        runs=chosen.runs,
        target=wanted,
    )
    memory = statistics.median(ours.mebibytes) / statistics.median(theirs.mebibytes)
    if wanted is not None:
        print(f"  memory wanted: at most {wanted:.2f}: {'met' if memory <= wanted else 'MISSED'}")
    return {
        "case": str(case),
        "seconds": [round(statistics.median(each.seconds), 3) for each in (ours, theirs)],
        "mebibytes": [round(statistics.median(each.mebibytes), 1) for each in (ours, theirs)],
        "time_ratio": round(ratio, 2),
        "memory_ratio": round(memory, 2),
    }


if __name__ == "__main__":
    main()
