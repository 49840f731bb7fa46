"""Eight processes upgrade the same empty database at the same instant, again and again.

Usage: python -m reliability.race [--rounds 20] [--tools migrator alembic] [--servers 15 16 18]
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from collections import Counter
from dataclasses import asdict, dataclass, field
from pathlib import Path

from reliability.processes import Launcher
from reliability.results import last_words, write_results
from reliability.scenario import undisturbed
from reliability.servers import Address, embedded_server, postgresql_server, stop_embedded
from reliability.state import leftovers, read_content
from reliability.workspace import Workspace, make_workspace

PROCESSES = 8
DRIVERS = ("asyncpg", "psycopg")
_LIMIT = 90
"""Seconds for a round; whoever is not done then hangs."""


@dataclass
class RaceResult:
    """What came of the rounds of one tool on one server with one driver."""

    server: str
    driver: str
    tool: str
    processes: int = PROCESSES
    rounds: int = 0
    failed_rounds: int = 0
    failed_processes: int = 0
    wrong_databases: int = 0
    reasons: dict[str, int] = field(default_factory=dict)


async def race(launcher: Launcher, workspace: Workspace, server: Address, rounds: int) -> RaceResult:
    """Run the rounds."""
    result = RaceResult(server.label, workspace.driver, workspace.tool)
    reasons: Counter[str] = Counter()
    expected = await undisturbed(launcher, workspace, server)
    for _ in range(rounds):
        database = server.create()
        try:
            started = launcher.start_together([workspace.command("upgrade", database)] * PROCESSES)
            ended = await asyncio.gather(*(each.end(_LIMIT) for each in started))
            problems = (await read_content(database)).differences(expected) + leftovers(database)
        finally:
            server.drop(database)
        failures = [each for each in ended if each.code]
        result.rounds += 1
        result.failed_rounds += bool(failures or problems)
        result.failed_processes += len(failures)
        result.wrong_databases += bool(problems)
        reasons.update(f"exit {each.code}: {last_words(each.output)}" for each in failures)
        reasons.update(problems)
    result.reasons = dict(reasons.most_common(5))
    return result


def servers(majors: list[int]) -> list[Address]:
    """The servers by their major versions: 16 and 18 are embedded, any other is the machine's."""
    return [embedded_server(major) if major in (16, 18) else postgresql_server() for major in majors]


async def _main(chosen: argparse.Namespace) -> int:
    results = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        launcher = Launcher(folder)
        for driver in DRIVERS:
            for tool in chosen.tools:
                workspace = make_workspace(folder, "postgresql", tool, driver)
                for server in servers(chosen.servers):
                    result = await race(launcher, workspace, server, chosen.rounds)
                    print(
                        f"{result.server:<14} {driver:<8} {tool:<9} {result.failed_rounds} of {result.rounds} rounds "
                        f"failed, {result.failed_processes} processes, {result.wrong_databases} databases wrong",
                        flush=True,
                    )
                    for reason, times in result.reasons.items():
                        print(f"    {times} x {reason}", flush=True)
                    results.append(result)
    write_results("race", [asdict(result) for result in results], folder=chosen.results)
    return any(result.failed_rounds for result in results if result.tool == "migrator")


def main() -> None:
    """Run the race, write its results, and exit with 1 if a round of migrator failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--tools", nargs="+", default=["migrator", "alembic"])
    parser.add_argument("--servers", nargs="+", type=int, default=[15, 16, 18])
    parser.add_argument("--results", type=Path, default=None)
    try:
        raise SystemExit(asyncio.run(_main(parser.parse_args())))
    finally:
        stop_embedded()


if __name__ == "__main__":
    main()
