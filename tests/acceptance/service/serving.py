"""The example service as a process of its own, in a copy of this repository's project."""

from __future__ import annotations

import os
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import psycopg
from projects import TinyProject, clean_environment
from servers import REPOSITORY

from migrator.profiles.model import Profile

PATIENCE = 60
"""Seconds after which a test gives up; nothing here takes more than a few."""


def service_project(folder: Path, profile: Profile, **settings: str) -> TinyProject:
    """A copy of what the service needs of this repository, its local profile on a database."""
    for name in ("migrations", "examples"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", folder)
    project = TinyProject(folder, folder / "home")
    project.use(profile, **settings)
    return project


def migrated(project: TinyProject) -> TinyProject:
    """The project, its revisions applied."""
    done = project.run("upgrade")
    assert done.returncode == 0, done.stderr
    return project


def rows(profile: Profile, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What the database says to somebody else than the service."""
    with connected(profile) as connection:
        return connection.execute(query, parameters).fetchall()


@contextmanager
def connected(profile: Profile) -> Iterator[psycopg.Connection]:
    """A connection of the test's own; what it did is committed at the end."""
    password = profile.password.reveal() if profile.password else None
    with psycopg.connect(
        host=profile.host, port=profile.port, user=profile.user, password=password, dbname=profile.database
    ) as connection:
        yield connection


def until_blocked(profile: Profile, sessions: int) -> None:
    """Return when so many sessions of the database wait for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    while rows(profile, waiting) != [(sessions,)]:
        time.sleep(0.01)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Service:
    """``python -m examples.service``, or another command that starts it, ended with the block."""

    def __init__(
        self, project: TinyProject, *arguments: str, port: int = 0, command: tuple[str, ...] | None = None
    ) -> None:
        self.said: list[str] = []
        self._lines: queue.Queue[str | None] = queue.Queue()
        self.process = subprocess.Popen(
            command or (sys.executable, "-m", "examples.service", "--port", str(port), *arguments),
            cwd=project.root,
            env=clean_environment(project.home) | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip())
        self._lines.put(None)

    def says(self, pattern: str) -> re.Match[str]:
        """Wait until it prints a line with a pattern."""
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            self.said.append(line)
            if found := re.search(pattern, line):
                return found
        raise AssertionError(f"it ended without saying {pattern!r}:\n" + "\n".join(self.said))

    def serving(self) -> httpx.Client:
        """Wait until it listens, and give a client of it."""
        return httpx.Client(base_url=self.says(r"running on (http://\S+)")[1], timeout=PATIENCE)

    def ended(self) -> tuple[int, str]:
        """Wait for its end: the exit code, and all that it printed."""
        code = self.process.wait(PATIENCE)
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            self.said.append(line)
        return code, "\n".join(self.said)

    def told(self, number: signal.Signals) -> None:
        """Send a signal to it alone, as the kubelet does."""
        os.kill(self.process.pid, number)

    def interrupted(self) -> None:
        """Do what Ctrl-C does: SIGINT for everything that the terminal runs."""
        os.killpg(self.process.pid, signal.SIGINT)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _where: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
