"""The example service under load while `migrator upgrade` changes its database: each answer of each request counts.

The service runs the code of this repository; what is applied beneath it are the revisions of `history/service`, of code
that is newer: one `migrator upgrade +1` after another, then a downgrade of all of them, over and over.

Usage: python -m reliability.service [--seconds 60] [--drivers asyncpg psycopg] [--clients 8]
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from reliability.clients import Load, work
from reliability.results import last_words, write_results
from reliability.servers import REPOSITORY, Address, embedded_server, stop_embedded

_FURTHER = Path(__file__).parent / "history" / "service"
_BASE = "the_head"
_MIGRATOR = Path(sysconfig.get_path("scripts")) / "migrator"
_LISTENS = re.compile(r"running on (http://\S+)")
_PATIENCE = 60.0
"""Seconds for the service to start or to end, and for one run of migrator."""


@dataclass
class UnderMigration:
    """What the clients of the service saw."""

    name: str
    server: str
    driver: str
    seconds: float
    applied: int = 0
    reverted: int = 0
    requests: int = 0
    failed: int = 0
    p99_ms: float = 0.0
    longest_ms: float = 0.0
    problems: dict[str, int] = field(default_factory=dict)
    """What failed and how often: requests by their answers, runs of migrator by what they said."""


@dataclass(frozen=True)
class Project:
    """The newer code: this repository's history with further revisions on top."""

    folder: Path
    settings: dict[str, str]
    head: str
    """Of the repository, whose code the service runs."""
    further: int
    """How many revisions are newer."""

    async def migrate(self, *arguments: str) -> tuple[int, str]:
        """Run ``migrator`` in a process of its own; its exit code and what it said."""
        process = await asyncio.create_subprocess_exec(
            _MIGRATOR,
            *arguments,
            cwd=self.folder,
            env=_environment(self.settings),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        async with asyncio.timeout(_PATIENCE):
            output, _ = await process.communicate()
        return process.returncode or 0, output.decode(errors="replace")


def _environment(settings: dict[str, str]) -> dict[str, str]:
    return {"PATH": os.defpath, "HOME": str(REPOSITORY), "PYTHONPATH": str(REPOSITORY), "COLUMNS": "200", **settings}


def make_project(folder: Path, database: Address, driver: str) -> Project:
    """Write the newer code's project, for one database."""
    shutil.copytree(REPOSITORY / "migrations", folder / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "env_profiles").mkdir()
    (folder / "env_profiles" / "local.env").write_text("DB_DIALECT=postgresql\n")
    (folder / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/migrations\n")
    heads = subprocess.run([_MIGRATOR, "heads"], cwd=REPOSITORY, check=True, capture_output=True, text=True)
    head = heads.stdout.split()[0]
    files = sorted(_FURTHER.glob("*.py"))
    for file in files:
        text = file.read_text().replace(f'down_revision = "{_BASE}"', f'down_revision = "{head}"')
        (folder / "migrations" / "versions" / file.name).write_text(text)
    settings = database.settings(driver)
    return Project(folder, settings, head, len(files))


@asynccontextmanager
async def serving(settings: dict[str, str], log: Path) -> AsyncIterator[str]:
    """Start the service, and give its address; it must end well, too.

    Raises:
        RuntimeError: it did not start, or ended with an error.

    """
    with log.open("wb") as said:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "examples.service", "--port=0"),
            cwd=REPOSITORY,
            env=_environment(settings),
            stdout=said,
            stderr=asyncio.subprocess.STDOUT,
        )
        try:
            yield await _address(process, log)
        finally:
            if process.returncode is None:
                process.terminate()
            async with asyncio.timeout(_PATIENCE):
                code = await process.wait()
    if code:
        raise RuntimeError(f"the service ended with {code}:\n{log.read_text()}")


async def _address(process: asyncio.subprocess.Process, log: Path) -> str:
    async with asyncio.timeout(_PATIENCE):
        while True:
            found = _LISTENS.search(log.read_text())
            if found:
                return found[1]
            if process.returncode is not None:
                raise RuntimeError(f"the service does not start:\n{log.read_text()}")
            await asyncio.sleep(0.05)


async def under_migration(
    folder: Path, server: Address, driver: str, *, seconds: float, clients: int = 8
) -> UnderMigration:
    """Load the service so long, and longer until a round of migrations is through."""
    result = UnderMigration("service under load", server.label, driver, seconds)
    database = server.create()
    try:
        project = make_project(folder, database, driver)
        code, output = await project.migrate("upgrade", project.head)
        if code:
            raise RuntimeError(f"the repository's own history fails with {code}:\n{output}")
        load, ending = Load(), asyncio.Event()
        async with serving(project.settings, folder / "service.log") as address:
            working = asyncio.create_task(work(address, load, clients, ending))
            await _migrate(project, result, seconds)
            ending.set()
            await working
    finally:
        server.drop(database)
    result.requests, result.failed = load.requests, load.failed
    result.p99_ms, result.longest_ms = round(load.percentile(0.99), 1), round(load.percentile(1), 1)
    result.problems.update(load.failures.most_common(20))
    return result


async def _migrate(project: Project, result: UnderMigration, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    ends = loop.time() + seconds
    while not result.applied or loop.time() < ends:
        for _ in range(project.further):
            if await _succeeds(project, result, "upgrade", "+1"):
                result.applied += 1
        if await _succeeds(project, result, "downgrade", project.head, "--yes"):
            result.reverted += project.further


async def _succeeds(project: Project, result: UnderMigration, *arguments: str) -> bool:
    code, output = await project.migrate(*arguments)
    if code:
        problem = f"migrator {' '.join(arguments)}: exit {code}: {last_words(output)}"
        result.problems[problem] = result.problems.get(problem, 0) + 1
    return not code


async def _main(chosen: argparse.Namespace) -> int:
    results = []
    server = embedded_server(18)
    for driver in chosen.drivers:
        with tempfile.TemporaryDirectory() as name:
            result = await under_migration(Path(name), server, driver, seconds=chosen.seconds, clients=chosen.clients)
        results.append(result)
        print(
            f"{driver:<8} {result.failed} of {result.requests} requests failed, the longest took "
            f"{result.longest_ms:.0f} ms; {result.applied} revisions applied, {result.reverted} reverted",
            flush=True,
        )
        for problem, times in result.problems.items():
            print(f"    {times} x {problem}", flush=True)
    write_results("service", [asdict(result) for result in results], folder=chosen.results)
    return any(result.problems for result in results)


def main() -> None:
    """Run the load with each driver, write what came of it, and exit with 1 if a request or a migration failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--drivers", nargs="+", default=["asyncpg", "psycopg"])
    parser.add_argument("--results", type=Path, default=None)
    try:
        raise SystemExit(asyncio.run(_main(parser.parse_args())))
    finally:
        stop_embedded()


if __name__ == "__main__":
    main()
