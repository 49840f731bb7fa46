"""A run is ended at every statement, in every way; then one ordinary run must bring the database where it belongs.

Usage: python -m reliability.kills [--servers 18] [--drivers asyncpg psycopg] [--kinds kill terminate sigterm cut]
       [--directions upgrade downgrade] [--tools migrator alembic] [--every 1] [--only 57:after]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from dataclasses import asdict
from pathlib import Path

from reliability.cells import MatrixResult, matrix
from reliability.disturbances import Disturbance
from reliability.processes import Launcher
from reliability.proxy import Boundary, Side
from reliability.results import write_results
from reliability.servers import (
    EMBEDDED_ROOT,
    Address,
    embedded_server,
    mariadb_server,
    postgresql_server,
    stop_embedded,
)
from reliability.workspace import make_workspace

KINDS = {each.name.lower(): each for each in Disturbance}
DRIVERS = {"postgresql": ("asyncpg", "psycopg"), "mysql": ("asyncmy", "pymysql")}


def _server(name: str) -> Address:
    if name == "mariadb":
        return mariadb_server()
    return embedded_server(int(name)) if name in ("16", "18") else postgresql_server()


def _say(result: MatrixResult) -> None:
    good = result.recovered + result.half_applied
    print(
        f"{result.server:<14} {result.driver:<8} {result.tool:<9} {result.direction:<10} {good} of {result.cells} "
        f"({result.half_applied} half-applied, {result.boundaries} statements) {result.exit_codes}",
        flush=True,
    )
    for failure in result.failures[:10]:
        statement = " ".join(str(failure["statement"]).split())[:70]
        print(f"    {failure['kind']} {failure['number']}:{failure['side']} {statement}", flush=True)
        for problem in list(failure["problems"])[:3]:  # type: ignore[call-overload]
            print(f"        {str(problem)[:300]}", flush=True)


def _keep_words(name: str, results: list[MatrixResult]) -> None:
    """Move what failed runs said into a file of this machine: it names its paths, which is nothing to publish."""
    file = EMBEDDED_ROOT / f"{name}-failures.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w") as words:
        for result in results:
            for failure in result.failures:
                said = failure.pop("output")
                words.write(f"== {result.server} {result.driver} {result.tool} {result.direction} {failure}\n{said}\n")


async def _main(chosen: argparse.Namespace) -> int:
    results = []
    only = None
    if chosen.only:
        number, side = chosen.only.split(":")
        only = Boundary(int(number), Side(side))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        launcher = Launcher(folder)
        for server in map(_server, chosen.servers):
            for driver in [each for each in DRIVERS[server.dialect] if each in (chosen.drivers or [each])]:
                for tool in chosen.tools:
                    peer = tool == "alembic"
                    workspace = make_workspace(folder / server.label, server.dialect, tool, driver)
                    for direction in ["upgrade"] if peer else chosen.directions:
                        kinds = [Disturbance.KILL] if peer else [KINDS[kind] for kind in chosen.kinds]
                        result = await matrix(
                            launcher,
                            workspace,
                            server,
                            direction,
                            kinds,
                            every=chosen.every,
                            only=only,
                            at_once=chosen.at_once,
                        )
                        _say(result)
                        results.append(result)
    _keep_words(chosen.name, results)
    write_results(chosen.name, [asdict(result) for result in results], folder=chosen.results)
    return any(result.failures for result in results if result.tool == "migrator")


def main() -> None:
    """Run the matrix, write its results, and exit with 1 if a cell of migrator failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--servers", nargs="+", default=["18"], help="15, 16, 18 or mariadb")
    parser.add_argument("--drivers", nargs="+", default=None)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--directions", nargs="+", default=["upgrade", "downgrade"])
    parser.add_argument("--tools", nargs="+", default=["migrator", "alembic"])
    parser.add_argument("--every", type=int, default=1, help="only every so many cases")
    parser.add_argument("--only", help="one boundary, such as 57:after")
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--name", default="kills")
    parser.add_argument("--results", type=Path, default=None)
    try:
        raise SystemExit(asyncio.run(_main(parser.parse_args())))
    finally:
        stop_embedded()


if __name__ == "__main__":
    main()
