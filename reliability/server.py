"""What happens to the server or beside it: restarts, a full disk, a dead lock holder, poolers.

Usage: python -m reliability.server [--drivers asyncpg psycopg] [--scenarios restarts full_disk holder orphan poolers]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from dataclasses import asdict
from pathlib import Path

from reliability.company import holder_killed, orphaned_build, poolers
from reliability.crashes import full_disk, restarts
from reliability.processes import Launcher
from reliability.results import write_results
from reliability.scenario import ScenarioResult
from reliability.servers import embedded_server, stop_embedded
from reliability.workspace import make_workspace

SCENARIOS = ("restarts", "full_disk", "holder", "orphan", "poolers")


async def _main(chosen: argparse.Namespace) -> int:
    results: list[ScenarioResult] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        launcher = Launcher(folder)
        for driver in chosen.drivers:
            workspace = make_workspace(folder, "postgresql", "migrator", driver)
            large = make_workspace(folder / "large", "postgresql", "migrator", driver, further="disk")
            server = embedded_server(18)
            for scenario in chosen.scenarios:
                if scenario == "restarts":
                    found = [await restarts(launcher, workspace)]
                elif scenario == "full_disk":
                    found = [await full_disk(launcher, large)]
                elif scenario == "holder":
                    found = [await holder_killed(launcher, workspace, server)]
                elif scenario == "orphan":
                    found = [await orphaned_build(launcher, workspace, server)]
                else:
                    found = await poolers(launcher, workspace, server)
                results += found
                for result in found:
                    print(
                        f"{result.driver:<8} {result.name:<46} {result.passed} of {result.tried} {result.exit_codes}",
                        flush=True,
                    )
                    for failure in result.failures[:8]:
                        print(f"    {failure[:300]}", flush=True)
    write_results("server", [asdict(result) for result in results], folder=chosen.results)
    return any(result.failures for result in results)


def main() -> None:
    """Run the scenarios, write their results, and exit with 1 if one failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drivers", nargs="+", default=["asyncpg", "psycopg"])
    parser.add_argument("--scenarios", nargs="+", default=SCENARIOS, choices=SCENARIOS)
    parser.add_argument("--results", type=Path, default=None)
    try:
        raise SystemExit(asyncio.run(_main(parser.parse_args())))
    finally:
        stop_embedded()


if __name__ == "__main__":
    main()
