"""``migrator --help`` against importing Click alone. Usage: python benchmarks/starting.py [--runs 15]"""

from __future__ import annotations

import argparse
import sys

from measuring import SCRIPTS, Contestant, compare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    compare(
        "help",
        Contestant("migrator --help", [SCRIPTS / "migrator", "--help"]),
        Contestant('python -c "import click"', [sys.executable, "-c", "import click"]),
        runs=runs,
        target=2.5,
    )
    compare(
        "help, against Alembic's",
        Contestant("migrator --help", [SCRIPTS / "migrator", "--help"]),
        Contestant("alembic --help", [SCRIPTS / "alembic", "--help"]),
        runs=runs,
    )


if __name__ == "__main__":
    main()
