"""One run ended at one place, and the matrix of all of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from reliability.disturbances import SIDES, Disturbance, Disturbed, disturb
from reliability.processes import Launcher
from reliability.proxy import Boundary, Proxy
from reliability.results import last_words
from reliability.servers import Address
from reliability.state import DatabaseContent, leftovers, read_content
from reliability.truth import untruths
from reliability.workspace import Workspace

HALF_APPLIED, INTERNAL, TERMINATED, HUNG = 8, 70, 143, -99
LONGEST_END = 5
"""Seconds that a process may go on after SIGTERM."""


@dataclass
class Track:
    """An undisturbed run: where it can be ended, and what it makes of the database."""

    direction: str
    statements: list[str]
    template: Address | None
    """A database at the head; MariaDB cannot copy one."""
    expected: DatabaseContent

    @property
    def starts_at_head(self) -> bool:
        """Whether everything is applied before the run."""
        return self.direction == "downgrade"


@dataclass
class Cell:
    """One run that was ended, and what the next one made of it."""

    kind: str
    side: str
    number: int
    statement: str | None = None
    code: int = 0
    seconds: float = 0
    recovery: int = 0
    half_applied: bool = False
    problems: list[str] = field(default_factory=list)
    output: str = ""
    """What the run that was ended said last, where something is wrong."""


def _of_disturbed(tool: str, how: Disturbance, disturbed: Disturbed) -> list[str]:
    """What is wrong with how the run itself ended; Alembic is only asked to recover."""
    code, words = disturbed.ended.code, last_words(disturbed.ended.output)
    if disturbed.statement is None:
        return [f"never came to the boundary: exit {code}: {words}"]
    if tool == "alembic" or how is Disturbance.KILL:
        return []
    found = []
    if code in (HUNG, INTERNAL) or code < 0 or "Traceback" in disturbed.ended.output:
        found.append(f"the run itself ended with {code}: {words}")
    if how is Disturbance.SIGTERM and (code not in (0, TERMINATED) or disturbed.seconds > LONGEST_END):
        found.append(f"SIGTERM ended the run with {code} after {disturbed.seconds:.1f} s: {words}")
    return found


@dataclass
class MatrixResult:
    """All cells of one tool, driver, server and direction, in numbers."""

    server: str
    driver: str
    tool: str
    direction: str
    boundaries: int
    every: int = 1
    """Only every so many cases were tried."""
    cells: int = 0
    recovered: int = 0
    half_applied: int = 0
    by_kind: dict[str, dict[str, int]] = field(default_factory=dict)
    exit_codes: dict[str, dict[str, int]] = field(default_factory=dict)
    slowest_end_after_sigterm: float = 0
    failures: list[dict[str, object]] = field(default_factory=list)


async def record(launcher: Launcher, workspace: Workspace, server: Address, direction: str) -> Track:
    """Run undisturbed through the proxy, and note every statement."""
    template = None
    if direction == "downgrade" and server.dialect == "postgresql":
        template = server.create()
        await _must(launcher, workspace, "upgrade", template)
    database = server.create(template)
    proxy = Proxy(database)
    try:
        if direction == "downgrade" and template is None:
            await _must(launcher, workspace, "upgrade", database)
        await _must(launcher, workspace, direction, await proxy.start())
        if proxy.unanswered:
            raise RuntimeError(f"the proxy has lost count of the answers: {proxy.unanswered} are missing")
        return Track(direction, list(proxy.statements), template, await read_content(database))
    finally:
        await proxy.close()
        server.drop(database)


async def _must(launcher: Launcher, workspace: Workspace, direction: str, database: Address) -> None:
    ended = await launcher.run(workspace.command(direction, database))
    if ended.code:
        raise RuntimeError(f"{workspace.tool} {direction}, undisturbed, exits with {ended.code}:\n{ended.output}")


async def try_cell(
    launcher: Launcher, workspace: Workspace, server: Address, track: Track, how: Disturbance, boundary: Boundary
) -> Cell:
    """End one run, run again, and compare."""
    cell = Cell(how.name.lower(), boundary.side, boundary.number)
    database = await asyncio.to_thread(server.create, track.template)
    try:
        if track.starts_at_head and track.template is None:
            await _must(launcher, workspace, "upgrade", database)
        disturbed = await disturb(launcher, workspace, track.direction, database, how, boundary)
        cell.statement, cell.code, cell.seconds = disturbed.statement, disturbed.ended.code, disturbed.seconds
        cell.problems = _of_disturbed(workspace.tool, how, disturbed)
        cell.output = disturbed.ended.output[-8000:] if cell.problems else ""
        again = await launcher.run(workspace.command(track.direction, database))
        cell.recovery = again.code
        if again.code == HALF_APPLIED and database.dialect == "mysql" and workspace.tool == "migrator":
            cell.half_applied = True
            cell.problems += await untruths(launcher, workspace, database, track.direction)
        elif again.code:
            cell.problems.append(f"exit {again.code}: {last_words(again.output)}")
        else:
            cell.problems += (await read_content(database)).differences(track.expected)
            cell.problems += await asyncio.to_thread(leftovers, database)
    finally:
        await asyncio.to_thread(server.drop, database)
    return cell


async def matrix(
    launcher: Launcher,
    workspace: Workspace,
    server: Address,
    direction: str,
    kinds: Sequence[Disturbance],
    *,
    every: int = 1,
    only: Boundary | None = None,
    at_once: int = 4,
) -> MatrixResult:
    """Try the cells of one direction: all of them, every so many, or only one place."""
    track = await record(launcher, workspace, server, direction)
    result = MatrixResult(server.label, workspace.driver, workspace.tool, direction, len(track.statements), every)
    numbers = range(len(track.statements))
    cells = [(how, Boundary(number, side)) for how in kinds for number in numbers for side in SIDES[how]][::every]
    if only:
        cells = [(how, only) for how in kinds]
    turns = asyncio.Semaphore(at_once)

    async def one(how: Disturbance, boundary: Boundary) -> Cell:
        async with turns:
            return await try_cell(launcher, workspace, server, track, how, boundary)

    try:
        for cell in await asyncio.gather(*(one(*each) for each in cells)):
            _count(result, cell)
    finally:
        if track.template:
            server.drop(track.template)
    return result


def _count(result: MatrixResult, cell: Cell) -> None:
    kind = result.by_kind.setdefault(cell.kind, {"cells": 0, "recovered": 0, "half_applied": 0})
    good = not cell.problems
    for numbers in (kind, result.__dict__):
        numbers["cells"] += 1
        numbers["recovered"] += good and not cell.half_applied
        numbers["half_applied"] += good and cell.half_applied
    codes = Counter(result.exit_codes.get(cell.kind, {}))
    codes[str(cell.code)] += 1
    result.exit_codes[cell.kind] = dict(codes)
    if cell.kind == Disturbance.SIGTERM.name.lower():
        result.slowest_end_after_sigterm = max(result.slowest_end_after_sigterm, round(cell.seconds, 2))
    if not good:
        result.failures.append(asdict(cell))
