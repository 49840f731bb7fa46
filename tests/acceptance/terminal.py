"""The installed command on a terminal of its own: what it says there, and what somebody types."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from projects import EXECUTABLE, clean_environment


class AtTerminal:
    """A running command whose standard input and error are a terminal; what it prints as its result is caught apart."""

    def __init__(self, *arguments: str, cwd: Path, home: Path) -> None:
        """Start it."""
        home.mkdir(exist_ok=True)
        self._terminal, inner = pty.openpty()
        self._process = subprocess.Popen(
            [str(EXECUTABLE), *arguments],
            cwd=cwd,
            env={**clean_environment(home), "TERM": "xterm"},
            stdin=inner,
            stderr=inner,
            stdout=subprocess.PIPE,
            start_new_session=True,
            text=True,
        )
        os.close(inner)
        self.screen = ""
        """Everything that was shown so far."""

    def wait_for(self, text: str, *, timeout: float = 60) -> None:
        """Read what is shown until a text is among it."""
        ends = time.monotonic() + timeout
        while text not in self.screen:
            if not self._read(ends - time.monotonic()):
                raise AssertionError(f"{text!r} was not shown, but: {self.screen}")

    def press(self, text: str) -> None:
        """Press keys."""
        os.write(self._terminal, text.encode())

    def send(self, signal: int) -> None:
        """Send it a signal."""
        self._process.send_signal(signal)

    def finish(self, *, timeout: float = 60) -> tuple[int, str]:
        """Wait for the end; exit code and what went to stdout."""
        ends = time.monotonic() + timeout
        while self._read(ends - time.monotonic()):
            pass
        output, _ = self._process.communicate(timeout=max(1.0, ends - time.monotonic()))
        return self._process.returncode, output

    def _read(self, patience: float) -> bool:
        ready, _, _ = select.select([self._terminal], [], [], max(0.0, patience))
        if not ready:
            return False
        try:
            shown = os.read(self._terminal, 4096)
        except OSError:  # what Linux says when nobody has the terminal open any more
            return False
        self.screen += shown.decode().replace("\r\n", "\n")
        return bool(shown)

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Leave nothing behind."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        output: IO[str] | None = self._process.stdout
        if output is not None:
            output.close()
        os.close(self._terminal)
