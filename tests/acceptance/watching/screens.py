"""A terminal of a given width, and what stands on it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import IO

import pyte

DRIVER = """
import sys
from migrator.chain.model import Direction
from migrator.events import *
from migrator.report.progress import progress

with progress(quiet=False, as_json=False) as listen:
    for line in sys.stdin:
        listen(eval(line))
"""
"""Shows the events that it is told as Python expressions."""


class Screen:
    """What a process draws on its stderr."""

    def __init__(self, process: subprocess.Popen[str], master: int, columns: int) -> None:
        self.process = process
        self._master = master
        self._screen = pyte.Screen(columns, 60)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""

    @property
    def lines(self) -> list[str]:
        """The rows that hold something."""
        return [line.rstrip() for line in self._screen.display if line.strip()]

    def show(self, event: str) -> None:
        """Have the driver show an event, written as a Python expression."""
        assert self.process.stdin is not None
        self.process.stdin.write(event + "\n")
        self.process.stdin.flush()

    def until(self, expected: Callable[[list[str]], bool], seconds: float = 20) -> list[str]:
        """Read until the screen is as expected."""
        end = time.monotonic() + seconds
        while not expected(self.lines):
            assert time.monotonic() < end, "\n".join(self.lines)
            self._read(0.1)
        return self.lines

    def finish(self, seconds: float = 60) -> list[str]:
        """Read until the process has ended."""
        if self.process.stdin is not None:
            self.process.stdin.close()
            self.process.stdin = None
        end = time.monotonic() + seconds
        while self._read(0.1) or self.process.poll() is None:
            assert time.monotonic() < end, "\n".join(self.lines)
        return self.lines

    def _read(self, seconds: float) -> bool:
        if not select.select([self._master], [], [], seconds)[0]:
            return False
        try:
            drawn = os.read(self._master, 65536)
        except OSError:  # the other end is closed
            return False
        self.raw += drawn
        self._stream.feed(drawn)
        return bool(drawn)


@contextmanager
def on_terminal(
    argv: list[str], *, columns: int, env: Mapping[str, str], cwd: object = None, stdin: int | IO[str] | None = None
) -> Iterator[Screen]:
    """Start a process whose stderr is a terminal of that many columns."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 60, columns, 0, 0))
    process = subprocess.Popen(
        argv, stdin=stdin, stdout=subprocess.PIPE, stderr=slave, text=True, env=dict(env), cwd=cwd
    )
    os.close(slave)
    try:
        yield Screen(process, master, columns)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
        os.close(master)


@contextmanager
def driven(columns: int, **env: str) -> Iterator[Screen]:
    """A process that shows events on a terminal."""
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8", **env}
    with on_terminal([sys.executable, "-c", DRIVER], columns=columns, env=environment, stdin=subprocess.PIPE) as screen:
        yield screen
