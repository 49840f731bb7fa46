"""Writes what a driver has seen, and when, on what: reliability/results/NAME.json."""

from __future__ import annotations

import json
import os
import platform
import re
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
_VARIES = re.compile(r"0x[0-9a-f]+|reliability_\d+_\d+|\b\d{3,}\b")


def write_results(name: str, rows: list[dict[str, Any]], folder: Path | None = None) -> None:
    """Write one driver's results."""
    folder = folder or RESULTS
    folder.mkdir(exist_ok=True)
    document = {
        "date": datetime.now(UTC).date().isoformat(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {each: version(each) for each in ("alembic", "sqlalchemy", "asyncpg", "psycopg")},
        "rows": rows,
    }
    (folder / f"{name}.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def last_words(output: str) -> str:
    """The line of a process's output that says why it failed, without what differs from run to run."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"Error|error|exception", line) and "Background on" not in line]
    return _VARIES.sub("N", (telling or lines or ["nothing"])[-1])[:160]
