"""Runs of migrator and of Alembic in processes of their own.

They are forked from a process that has imported both: a run then takes a third of the time, and eight of them begin at
the same instant, which is harder on them than the slow imports of a real start.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pkgutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

import migrator

_PRELOADED = [
    "alembic.config",
    "alembic.command",
    "asyncmy",
    "asyncpg",
    "psycopg",
    "pymysql",
    "reliability.cells",
    "reliability.company",
    "reliability.crashes",
    "sqlalchemy.dialects.mysql.asyncmy",
    "sqlalchemy.dialects.mysql.pymysql",
    "sqlalchemy.dialects.postgresql.asyncpg",
    "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.ext.asyncio",
    *(each.name for each in pkgutil.walk_packages(migrator.__path__, "migrator.") if "testing" not in each.name),
]


@dataclass(frozen=True)
class Command:
    """What is run, where, and with which settings."""

    tool: str
    """``migrator`` or ``alembic``."""
    arguments: tuple[str, ...]
    folder: Path
    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    """Negative: the signal that killed it."""
    output: str


class Running:
    """A process that was started."""

    def __init__(self, process: ForkServerProcess, output: Path, barrier: Any) -> None:
        self._process = process
        self._barrier = barrier  # must live until the process has it
        self._output = output

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.is_alive()

    @property
    def pid(self) -> int:
        """Its number."""
        assert self._process.pid is not None
        return self._process.pid

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send it a signal, unless it has ended."""
        if self._process.is_alive():
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    async def end(self, timeout: float = 60) -> Ended:
        """Wait for its end; one that never ends is killed and has the code -99."""
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(self._process.sentinel, ended.set)
        hung = False
        try:
            await asyncio.wait_for(ended.wait(), timeout)
        except TimeoutError:
            hung = True
            self.kill()
            await ended.wait()
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        code = self._process.exitcode
        self._process.close()
        text = self._output.read_text(errors="replace")
        self._output.unlink()
        return Ended(-99 if hung or code is None else code, text)


class Launcher:
    """Starts processes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        started_as = getattr(sys.modules["__main__"], "__spec__", None)
        self._context.set_forkserver_preload([*_PRELOADED, *([started_as.name.split(".")[0]] if started_as else [])])

    def start(self, command: Command, barrier: Any = None) -> Running:
        """Start one; with a barrier, it begins when all that share it are there."""
        descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".out")
        os.close(descriptor)
        process = self._context.Process(target=_run, args=(command, name, barrier), daemon=True)
        process.start()
        return Running(process, Path(name), barrier)

    def start_together(self, commands: Sequence[Command]) -> list[Running]:
        """Start several at the same instant."""
        barrier = self._context.Barrier(len(commands))
        return [self.start(command, barrier) for command in commands]

    async def run(self, command: Command, timeout: float = 60) -> Ended:
        """Start one and wait for its end."""
        return await self.start(command).end(timeout)


def _run(command: Command, output: str, barrier: Any) -> None:
    descriptor = os.open(output, os.O_WRONLY | os.O_TRUNC)
    for standard in (1, 2):
        os.dup2(descriptor, standard)
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115 - a descriptor, open until the end
    sys.stderr = open(2, "w", closefd=False, buffering=1)  # noqa: SIM115
    os.chdir(command.folder)
    os.environ.clear()
    os.environ.update({"PATH": os.defpath, "HOME": str(command.folder), "COLUMNS": "200", **dict(command.settings)})
    sys.argv = [command.tool, *command.arguments]
    if barrier is not None:
        barrier.wait()
    if command.tool == "migrator":
        from migrator.cli.main import main

        main(list(command.arguments))
    else:
        from alembic.config import main as alembic_main

        alembic_main(argv=list(command.arguments))
