"""How ``status``, ``log`` and ``current`` grow with the number of revisions, on SQLite: linear; Alembic's is quadratic.

The second ``status`` is of a database whose ledger knows every revision, so that each file is compared with it.

Usage: python benchmarks/growth.py [--runs 3]
"""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import statistics
import subprocess
import tempfile
from pathlib import Path

from history import linear_project
from measuring import SCRIPTS, Contestant

SIZES = (1250, 2500, 5000)


def stamped(root: Path, revisions: int) -> Path:
    """A project whose database stands at the last revision."""
    linear_project(root, revisions)
    connection = sqlite3.connect(root / "app.db")
    with connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        connection.execute("INSERT INTO alembic_version VALUES (?)", (f"{revisions - 1:012x}",))
    connection.close()
    return root


def remembering(root: Path, folder: Path) -> Path:
    """A copy of a stamped project whose database has a ledger."""
    shutil.copytree(root, folder)
    stamp = [SCRIPTS / "migrator", "--quiet", "stamp", "head"]
    subprocess.run(stamp, cwd=folder, env={**os.environ, **database_of(folder)}, check=True, stdout=subprocess.DEVNULL)
    return folder


def database_of(root: Path) -> dict[str, str]:
    """What env.py asks for."""
    return {"BENCHMARK_URL": f"sqlite:///{root}/app.db"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    tools = {
        "migrator status": ("plain", ["migrator", "--quiet", "status"]),
        "migrator status, ledger": ("ledger", ["migrator", "--quiet", "status"]),
        "migrator log": ("ledger", ["migrator", "--quiet", "log"]),
        "migrator current": ("plain", ["migrator", "--quiet", "current"]),
        "alembic current": ("plain", ["alembic", "-q", "current"]),
    }
    print(f"{'seconds for revisions:':<24}" + "".join(f"{size:>10}" for size in SIZES) + f"{'growth':>10}")
    with tempfile.TemporaryDirectory() as folder:
        plain = [stamped(Path(folder) / str(size), size) for size in SIZES]
        projects = {"plain": plain, "ledger": [remembering(root, root.with_suffix(".ledger")) for root in plain]}
        for name, (kind, (command, *arguments)) in tools.items():
            medians = []
            for root in projects[kind]:
                contestant = Contestant(name, [SCRIPTS / command, *arguments], cwd=root, env=database_of(root))
                for number in range(runs + 1):
                    contestant.run(counted=number > 0)
                medians.append(statistics.median(contestant.seconds))
            growth = medians[-1] / medians[0]
            print(f"{name:<24}" + "".join(f"{each:>10.2f}" for each in medians) + f"{growth:>9.1f}x")
    print(f"revisions grow {SIZES[-1] / SIZES[0]:.0f}x")


if __name__ == "__main__":
    main()
