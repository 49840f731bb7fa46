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
    """Write what was seen; rows of an earlier run on other servers, with other drivers or directions stay."""
    folder = folder or RESULTS
    folder.mkdir(exist_ok=True)
    rows = sorted([*_untouched(folder / f"{name}.json", rows), *rows], key=_subject)
    document = {
        "date": datetime.now(UTC).date().isoformat(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "versions": {each: version(each) for each in ("alembic", "sqlalchemy", "asyncpg", "psycopg")},
        "rows": rows,
    }
    (folder / f"{name}.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def _untouched(file: Path, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    seen = {_subject(row) for row in rows}
    former = json.loads(file.read_text()) if file.exists() else {"rows": []}
    return [{"date": former["date"], **row} for row in former["rows"] if _subject(row) not in seen]


def _subject(row: dict[str, Any]) -> tuple[str, ...]:
    """What a row is about, in the order of the page."""
    names = [str(row.get(each, "")) for each in ("name", "server", "driver")]
    return (
        *names,
        "last" if row.get("tool") == "alembic" else "",
        "last" if row.get("direction") == "downgrade" else "",
    )


def last_words(output: str) -> str:
    """The line of a process's output that says why it failed, without what differs from run to run."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"Error|error|exception", line) and "Background on" not in line]
    return _VARIES.sub("N", (telling or lines or ["nothing"])[-1])[:160]
