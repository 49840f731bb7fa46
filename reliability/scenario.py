"""What the runs with a failing server have in common: their result, and the run that must come out well."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from reliability.processes import Launcher
from reliability.results import last_words
from reliability.servers import Address
from reliability.state import DatabaseContent, leftovers, read_content
from reliability.workspace import Workspace


@dataclass
class ScenarioResult:
    """How often something was tried, and how often it came out as it must."""

    name: str
    server: str
    driver: str
    tried: int = 0
    passed: int = 0
    exit_codes: dict[str, int] = field(default_factory=dict)
    """Of the runs that were disturbed."""
    failures: list[str] = field(default_factory=list)

    def add(self, what: str, code: int | None, problems: list[str]) -> None:
        """Count one try."""
        self.tried += 1
        self.passed += not problems
        if code is not None:
            self.exit_codes[str(code)] = self.exit_codes.get(str(code), 0) + 1
        self.failures += [f"{what}: {problem}" for problem in problems]


async def undisturbed(launcher: Launcher, workspace: Workspace, server: Address) -> DatabaseContent:
    """What one process alone makes of an empty database."""
    database = server.create()
    try:
        ended = await launcher.run(workspace.command("upgrade", database))
        if ended.code:
            raise RuntimeError(f"{workspace.tool} alone fails with {ended.code}:\n{ended.output}")
        return await read_content(database)
    finally:
        server.drop(database)


async def problems_of_next_run(
    launcher: Launcher, workspace: Workspace, database: Address, expected: DatabaseContent
) -> list[str]:
    """Upgrade as anybody would, and say what is wrong with the result."""
    again = await launcher.run(workspace.command("upgrade", database, "--wait", "60"), timeout=120)
    if again.code:
        return [f"the next run exits with {again.code}: {last_words(again.output)}"]
    return (await read_content(database)).differences(expected) + await asyncio.to_thread(leftovers, database)


async def until(database: Address, query: str, count: int, seconds: float = 30) -> None:
    """Wait until a query counts so many.

    Raises:
        TimeoutError: it never does.

    """
    try:
        async with asyncio.timeout(seconds):
            while (await asyncio.to_thread(database.ask, query))[0][0] != count:
                await asyncio.sleep(0.05)
    except TimeoutError as error:
        raise TimeoutError(f"never {count}: {query}") from error
