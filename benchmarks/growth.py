"""How ``status`` and ``current`` grow with the number of revisions, on SQLite: linear, where Alembic's is quadratic.

Usage: python benchmarks/growth.py [--runs 3]
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    tools = {
        "migrator status": ["migrator", "--quiet", "status"],
        "migrator current": ["migrator", "--quiet", "current"],
        "alembic current": ["alembic", "-q", "current"],
    }
    print(f"{'seconds for revisions:':<24}" + "".join(f"{size:>10}" for size in SIZES) + f"{'growth':>10}")
    with tempfile.TemporaryDirectory() as folder:
        projects = {size: stamped(Path(folder) / str(size), size) for size in SIZES}
        for name, (command, *arguments) in tools.items():
            medians = []
            for root in projects.values():
                contestant = Contestant(
                    name, [SCRIPTS / command, *arguments], cwd=root, env={"BENCHMARK_URL": f"sqlite:///{root}/app.db"}
                )
                for number in range(runs + 1):
                    contestant.run(counted=number > 0)
                medians.append(statistics.median(contestant.seconds))
            growth = medians[-1] / medians[0]
            print(f"{name:<24}" + "".join(f"{each:>10.2f}" for each in medians) + f"{growth:>9.1f}x")
    print(f"revisions grow {SIZES[-1] / SIZES[0]:.0f}x")


if __name__ == "__main__":
    main()
