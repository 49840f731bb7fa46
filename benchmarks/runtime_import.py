"""``import migrator.runtime`` against SQLAlchemy alone. Usage: python benchmarks/runtime_import.py [--runs 31]"""

from __future__ import annotations

import argparse
import sys

from measuring import Contestant, compare


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=31)
    runs = parser.parse_args().runs
    compare(
        "import of what an application needs",
        Contestant('python -c "import migrator.runtime"', [sys.executable, "-c", "import migrator.runtime"]),
        Contestant(
            'python -c "import sqlalchemy.ext.asyncio"', [sys.executable, "-c", "import sqlalchemy.ext.asyncio"]
        ),
        runs=runs,
        target=1.15,
    )


if __name__ == "__main__":
    main()
