"""``migrator upgrade`` against ``alembic upgrade head`` with one transaction per revision, on PostgreSQL.

Usage: python benchmarks/upgrade.py [--revisions 1000] [--runs 3] [--server postgresql://postgres@127.0.0.1/postgres]
"""

from __future__ import annotations

import argparse
import tempfile
from functools import partial
from pathlib import Path

import psycopg
from history import linear_project, without_bytecode
from measuring import SCRIPTS, Contestant, compare

DATABASE = "migrator_benchmark"


def fresh_database(server: str, project: Path) -> None:
    """Drop and create the database, and forget compiled files: both tools start from the same point."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    without_bytecode(project)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--revisions", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1:5432/postgres")
    chosen = parser.parse_args()
    address = f"{chosen.server.rpartition('/')[0]}/{DATABASE}".replace("postgresql://", "postgresql+psycopg://")
    with tempfile.TemporaryDirectory() as folder:
        project = linear_project(Path(folder) / "project", chosen.revisions)
        common = {
            "cwd": project,
            "env": {"BENCHMARK_URL": address},
            "prepare": partial(fresh_database, chosen.server, project),
        }
        compare(
            f"upgrade of {chosen.revisions} revisions on an empty PostgreSQL database",
            Contestant("migrator upgrade", [SCRIPTS / "migrator", "--quiet", "upgrade"], **common),
            Contestant("alembic upgrade head", [SCRIPTS / "alembic", "-q", "upgrade", "head"], **common),
            runs=chosen.runs,
            target=1.0,
        )
        questions(project, address, chosen.runs)
    with psycopg.connect(chosen.server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


def questions(project: Path, address: str, runs: int) -> None:
    """The commands that only ask, on the database that has just been upgraded."""
    common = {"cwd": project, "env": {"BENCHMARK_URL": address}}
    for ours, theirs in (("current", "current"), ("upgrade", "upgrade head"), ("status", "current")):
        compare(
            f"migrator {ours} against alembic {theirs}, at head",
            Contestant(f"migrator {ours}", [SCRIPTS / "migrator", "--quiet", *ours.split()], **common),
            Contestant(f"alembic {theirs}", [SCRIPTS / "alembic", "-q", *theirs.split()], **common),
            runs=runs,
        )


if __name__ == "__main__":
    main()
