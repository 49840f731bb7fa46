"""The server is restarted without a shutdown in the middle of each revision; its disk is full for a while."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from migrator.database import embedded
from migrator.database.embedded.account import account_for
from migrator.database.embedded.binaries import usable_by
from migrator.database.embedded.programs import LOG_NAME, run_program
from reliability.processes import Launcher
from reliability.proxy import Boundary, Proxy, Side
from reliability.results import last_words
from reliability.scenario import ScenarioResult, problems_of_next_run, undisturbed
from reliability.servers import Address, embedded_server
from reliability.workspace import Workspace

MAJOR = 18
_MOVES_VERSION = re.compile(r"(^|\()\s*(INSERT INTO|UPDATE|DELETE FROM) \W?alembic_version\b", re.IGNORECASE)
_DISK = 320
_LEFT = (0, 2, 6, 12, 20, 30, 45)
"""MiB that are left before the run."""
_HUNG, _INTERNAL = -99, 70


def middles(statements: list[str]) -> list[int]:
    """The statement in the middle of each revision, by the version rows that are written at their ends."""
    found: list[int] = []
    begin = 0
    for number, statement in enumerate(statements):
        if _MOVES_VERSION.search(statement):
            if not found:  # what comes before the first one's transaction is no revision's
                begin = max(each for each in range(number) if statements[each].startswith("BEGIN"))
            found.append((begin + number) // 2)
            begin = number + 1
    return found


async def restarts(launcher: Launcher, workspace: Workspace, *, every: int = 1) -> ScenarioResult:
    """``pg_ctl restart -m immediate`` in the middle of each revision, on a server that waits for its disk."""
    with _own_folder() as root:
        server = embedded_server(MAJOR, root, durable=True)
        result = ScenarioResult("server restarted", server.label, workspace.driver)
        try:
            expected = await undisturbed(launcher, workspace, server)
            for number in middles(await _statements(launcher, workspace, server))[::every]:
                database = server.create()
                proxy = Proxy(database, Boundary(number, Side.DURING))
                running = launcher.start(workspace.command("upgrade", await proxy.start()))
                ending = asyncio.create_task(running.end(90))
                reaching = asyncio.create_task(proxy.reached.wait())
                await asyncio.wait([ending, reaching], return_when=asyncio.FIRST_COMPLETED)
                reaching.cancel()
                problems = [] if proxy.reached.is_set() else ["the run never came there"]
                await asyncio.to_thread(_restart, root)
                proxy.release()
                ended = await ending
                await proxy.close()
                if ended.code in (_HUNG, _INTERNAL) or "Traceback" in ended.output:
                    problems.append(f"the run itself ended with {ended.code}: {last_words(ended.output)}")
                problems += await problems_of_next_run(launcher, workspace, database, expected)
                result.add(f"at statement {number} ({proxy.statements[-1][:60]})", ended.code, problems)
                server.drop(database)
        finally:
            embedded.stop(root, MAJOR)
    return result


async def _statements(launcher: Launcher, workspace: Workspace, server: Address) -> list[str]:
    database = server.create()
    proxy = Proxy(database)
    await launcher.run(workspace.command("upgrade", await proxy.start()))
    await proxy.close()
    server.drop(database)
    return proxy.statements


def _restart(root: Path) -> None:
    running = embedded.find_running(root, MAJOR)
    assert running is not None
    account = account_for(running.data, root)
    command = [str(usable_by(account, MAJOR) / "pg_ctl"), "restart", "-m", "immediate", "-w", "-t", "60"]
    outcome = run_program([*command, "-D", ".", "-l", LOG_NAME], account, folder=running.data)
    if outcome.returncode:
        raise RuntimeError(f"pg_ctl restart: {outcome.stdout}")


async def full_disk(launcher: Launcher, workspace: Workspace, *, left: Sequence[int] = _LEFT) -> ScenarioResult:
    """Runs on a disk with less and less room, then the next one with room again."""
    with _own_folder() as root, _small_disk(root):
        result = ScenarioResult("disk full", f"PostgreSQL {MAJOR}", workspace.driver)
        server = embedded_server(MAJOR, root, durable=True)
        server.ask("ALTER SYSTEM SET max_wal_size = '48MB'")
        server.ask("SELECT pg_reload_conf()")
        try:
            expected = await undisturbed(launcher, workspace, server)
            for mebibytes in left:
                server.ask("CHECKPOINT")
                database = server.create()
                with _ballast(root, mebibytes):
                    ended = await launcher.run(workspace.command("upgrade", database))
                problems = []
                if ended.code in (_HUNG, _INTERNAL) or "Traceback" in ended.output:
                    problems.append(f"the run itself ended with {ended.code}: {last_words(ended.output)}")
                await asyncio.to_thread(embedded.ensure_running, root, MAJOR)
                problems += await problems_of_next_run(launcher, workspace, database, expected)
                result.add(f"with {mebibytes} MiB left", ended.code, problems)
                server.drop(database)
        finally:
            embedded.stop(root, MAJOR)
    if set(result.exit_codes) <= {"0"}:
        result.failures.append("the disk never was full")
        result.passed = 0
    return result


@contextmanager
def _own_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="reliability-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def _small_disk(folder: Path) -> Iterator[None]:
    """A file system in memory with little room.

    Raises:
        RuntimeError: it may not be mounted, such as by somebody else than root.

    """
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={_DISK}m,mode=755", "tmpfs", str(folder)],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        raise RuntimeError(f"a small disk can't be mounted, which needs root: {mounted.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def _ballast(folder: Path, left: int) -> Iterator[None]:
    """All room but so many MiB is taken meanwhile."""
    space = os.statvfs(folder)
    size = space.f_bavail * space.f_frsize - (left << 20)
    file = folder / "ballast"
    with file.open("wb") as ballast, suppress(OSError):
        for _ in range(max(size, 0) >> 20):
            ballast.write(bytes(1 << 20))
        ballast.write(bytes(max(size, 0) & 0xFFFFF))
    try:
        yield
    finally:
        file.unlink()
