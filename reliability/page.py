"""Puts the drivers' results into docs/reliability.md.

Usage: python -m reliability.page
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from reliability.results import RESULTS

PAGE = Path(__file__).resolve().parent.parent / "docs" / "reliability.md"
_BLOCK = re.compile(r"(<!-- results: (\w+) -->\n).*?(<!-- end of results -->)", re.DOTALL)
_KINDS = {"kill": "SIGKILL", "terminate": "session ended by the server", "sigterm": "SIGTERM", "cut": "network cut"}
Document: TypeAlias = dict[str, Any]


def rendered(page: str, folder: Path = RESULTS) -> str:
    """The page with the tables of the present results."""

    def block(match: re.Match[str]) -> str:
        file = folder / f"{match[2]}.json"
        table = _TABLES[match[2]](json.loads(file.read_text())) if file.exists() else "Not measured yet.\n"
        return f"{match[1]}\n{table}\n{match[3]}"

    return _BLOCK.sub(block, page)


def _table(heads: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "".join(f"| {' | '.join(str(cell) for cell in line)} |\n" for line in lines)


def _origin(document: Document) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in document["versions"].items())
    dates = " and ".join(sorted({row.get("date", document["date"]) for row in document["rows"]}))
    return f"\nSeen on {dates}, {document['processors']} processors, {versions}.\n"


def _race(document: Document) -> str:
    rows: dict[tuple[str, str], dict[str, Document]] = {}
    for row in document["rows"]:
        rows.setdefault((row["server"], row["driver"]), {})[row["tool"]] = row
    lines = [
        [server, driver, *(_failed(tools.get(tool)) for tool in ("migrator", "alembic"))]
        for (server, driver), tools in sorted(rows.items())
    ]
    return _table(["server", "driver", "migrator", "alembic"], lines) + _origin(document)


def _failed(row: Document | None) -> str:
    if row is None:
        return ""
    if not row["failed_rounds"]:
        return f"none of {row['rounds']} rounds failed"
    processes = row["rounds"] * row["processes"]
    return (
        f"{row['failed_rounds']} of {row['rounds']} rounds failed: {row['failed_processes']} of {processes} processes, "
        f"{row['wrong_databases']} databases wrong in the end"
    )


def _matrix(document: Document) -> str:
    lines = []
    for row in document["rows"]:
        for kind, numbers in row["by_kind"].items():
            well = numbers["recovered"] + numbers["half_applied"]
            half = f", {numbers['half_applied']} of them truthfully half-applied" if numbers["half_applied"] else ""
            sample = f" (one case of {row['every']})" if row["every"] > 1 else ""
            lines.append(
                [
                    row["server"],
                    row["driver"],
                    f"{row['tool']} {row['direction']}",
                    row["boundaries"],
                    _KINDS[kind],
                    f"{well} of {numbers['cells']}{half}{sample}",
                ]
            )
    heads = ["server", "driver", "run", "statements", "ended by", "well after the next run"]
    slowest = max((row["slowest_end_after_sigterm"] for row in document["rows"]), default=0)
    after = f"\nAfter SIGTERM the slowest process was gone in {slowest:.1f} s.\n" if slowest else ""
    return _table(heads, lines) + after + _origin(document)


def _server(document: Document) -> str:
    lines = [
        [row["name"], row["server"], row["driver"], f"{row['passed']} of {row['tried']}"] for row in document["rows"]
    ]
    return _table(["what happens", "server", "driver", "well in the end"], lines) + _origin(document)


def _service(document: Document) -> str:
    lines = [
        [
            row["server"],
            row["driver"],
            f"{row['seconds']:.0f} s",
            f"{row['applied']}, {row['reverted']}",
            row["requests"],
            row["failed"],
            f"{row['p99_ms']:.0f} ms, {row['longest_ms']:.0f} ms",
        ]
        for row in document["rows"]
    ]
    heads = [
        "server",
        "driver",
        "load",
        "revisions applied, reverted",
        "requests",
        "failed",
        "99 of 100 within, longest",
    ]
    return _table(heads, lines) + _origin(document)


def _nothing_to_do(document: Document) -> str:
    lines = [
        [
            row["case"],
            *(
                f"{seconds:.2f} s, {mebibytes:.0f} MiB"
                for seconds, mebibytes in zip(row["seconds"], row["mebibytes"], strict=True)
            ),
            row["time_ratio"],
            row["memory_ratio"],
        ]
        for row in document["rows"]
    ]
    return _table(["case", "migrator upgrade", "alembic upgrade head", "ratio in time", "in memory"], lines)


_TABLES: dict[str, Callable[[Document], str]] = {
    "race": _race,
    "kills": _matrix,
    "mariadb": _matrix,
    "server": _server,
    "service": _service,
    "nothing_to_do": _nothing_to_do,
}


def main() -> None:
    """Write the page."""
    PAGE.write_text(rendered(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
