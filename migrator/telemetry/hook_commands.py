"""A hook that is a command: started without a shell, told on its standard input, ended with the run."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Final

from migrator.profiles.settings import SETTINGS
from migrator.telemetry.hook_calls import HookFailed

SHOWN_LINES: Final = 20
"""Of a failed hook's output, in the error."""
_SECRETS: Final = {name for setting in SETTINGS if setting.secret for name in setting.names}
_GRACE_SECONDS: Final = 0.5
"""Between SIGTERM and SIGKILL; the run's own end must not take long either."""
_LAST_LINES_SECONDS: Final = 1.0
"""For a pipe that a child in the background keeps open after the hook has ended."""


def run_command(
    argv: Sequence[str],
    report: Mapping[str, Any],
    *,
    folder: Path,
    variables: Mapping[str, str],
    printed: Callable[[str], None],
    end: float | None,
) -> None:
    """Run a command to its end; a signal that ends the run ends it too, with what it has started.

    Raises:
        HookFailed: it could not be started, took too long, or ended with another exit code than 0.

    """
    last: deque[str] = deque(maxlen=SHOWN_LINES)
    with tempfile.TemporaryFile("w+", encoding="utf-8") as told, _interruptible():
        # A file: a command that never reads its input must not make this process wait for it.
        json.dump(report, told, ensure_ascii=False)
        told.flush()
        told.seek(0)
        try:
            process = subprocess.Popen(
                argv,
                cwd=folder,
                env=environment(os.environ, variables),
                stdin=told,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                errors="replace",
                process_group=0,
            )
        except OSError as error:
            raise HookFailed(f"it could not be started: {error.strerror}") from error
        code = _wait(process, last, printed, end)
    if code != 0:
        raise HookFailed(f"exit code {code}" if code > 0 else f"ended by {signal.Signals(-code).name}", tuple(last))


def environment(process: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a command: this process's without the settings that are secrets."""
    return {name: value for name, value in process.items() if name not in _SECRETS} | dict(variables)


def _wait(process: subprocess.Popen[str], last: deque[str], printed: Callable[[str], None], end: float | None) -> int:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    reader = threading.Thread(target=_read, args=(process.stdout, last, printed), daemon=True)
    reader.start()
    try:
        code = process.wait(None if end is None else max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        _end(process)
        raise HookFailed("it was ended: a signal ends the run, and there was no more time", tuple(last)) from None
    except BaseException:
        _end(process)
        raise
    reader.join(_LAST_LINES_SECONDS)
    return code


def _read(output: IO[str], last: deque[str], printed: Callable[[str], None]) -> None:
    with output:
        for line in output:
            last.append(line.rstrip("\n"))
            printed(line.rstrip("\n"))


def _end(process: subprocess.Popen[str]) -> None:
    """End a command and what it has started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_GRACE_SECONDS)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@contextmanager
def _interruptible() -> Iterator[None]:
    """Have Ctrl-C raise at once: inside of asyncio it would only be noted until the hook has ended."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
