"""Find a running embedded server and stop it: cheap, with nothing but the files that PostgreSQL itself keeps."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from migrator.database.embedded.placement import find_data, socket_path
from migrator.errors import ConfigurationError

SUPERUSER = "postgres"
_SIGNALS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 10.0))
"""PostgreSQL's fast and immediate shutdown, and how many seconds each may take."""
_PID_FILE_LINES = 8
_ELSEWHERE = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddedServer:
    """A server that answers."""

    socket_dir: Path
    port: int
    user: str
    data: Path
    pid: int
    major: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PidFile:
    """What PostgreSQL wrote in ``postmaster.pid``."""

    pid: int
    socket_dir: Path | None
    port: int
    status: str
    """``starting``, ``ready``, ``stopping``, ``standby``; empty while the file is being written."""


def read_pid_file(data: Path) -> PidFile | None:
    """Read ``postmaster.pid``; None when there is none, or when it isn't readable or complete enough to hold a pid."""
    try:
        lines = [line.strip() for line in (data / "postmaster.pid").read_text().splitlines()]
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    lines += [""] * (_PID_FILE_LINES - len(lines))
    return PidFile(
        pid=abs(pid),
        port=int(lines[3]) if lines[3].isdigit() else 0,
        socket_dir=Path(lines[4]) if lines[4] else None,
        status=lines[7],
    )


def find_running(root: Path, major: int) -> EmbeddedServer | None:
    """Find the project's server if it is up and takes connections; starts and writes nothing."""
    data = find_data(root, major)
    return find_running_on(data, major) if data else None


def find_running_on(data: Path, major: int) -> EmbeddedServer | None:
    """Find the server of a data folder."""
    noted = read_pid_file(data)
    if noted is None or noted.socket_dir is None or noted.status != "ready" or not _is_up(noted, data):
        return None
    return EmbeddedServer(
        socket_dir=noted.socket_dir, port=noted.port, user=SUPERUSER, data=data, pid=noted.pid, major=major
    )


def _is_up(noted: PidFile, data: Path) -> bool:
    """Whether the server listens.

    Neither half is enough: a pid may belong to somebody else by now, and the sessions of a killed server keep its
    socket open for a while.
    """
    listener = listening(noted.socket_dir) if noted.socket_dir else None
    return listener is not None and (listener == _ELSEWHERE or is_server_process(noted.pid, data))


def listening(folder: Path) -> int | None:
    """Pid of who listens on the socket in a folder: 0 when it lives in another container, -1 when that can't be told.

    Returns:
        None when nobody listens.

    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as trial:
        trial.settimeout(5)
        try:
            trial.connect(os.fspath(socket_path(folder)))
        except OSError:
            return None
        if not hasattr(socket, "SO_PEERCRED"):
            return -1
        size = struct.calcsize("3i")
        pid, _, _ = struct.unpack("3i", trial.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(pid)


def is_server_process(pid: int, data: Path) -> bool:
    """Whether a pid is alive and is the PostgreSQL of this data folder, not a process that got its number later."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        return _works_in(Path(f"/proc/{pid}"), data)
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False  # dead, and its parent has not noticed yet
    except OSError:
        pass
    command = _command_line(pid)
    return command is None or "postgres" in command


def orphans(data: Path) -> tuple[int, ...]:
    """PostgreSQL's processes in a data folder, such as the sessions of a server that was killed (Linux only)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if _works_in(process, data):
                found.append(int(process.name))
    return tuple(found)


def _works_in(process: Path, data: Path) -> bool:
    """Whether a process, by its folder in /proc, is one of PostgreSQL's in a data folder, and not a shell there."""
    return (process / "cwd").samefile(data) and (process / "comm").read_text().strip() == "postgres"


def _command_line(pid: int) -> str | None:
    """The command of a process; None where that can't be found out."""
    try:
        command = ["ps", "-ww", "-p", str(pid), "-o", "command="]
        return subprocess.run(command, check=False, capture_output=True, text=True).stdout
    except OSError:
        return None


def stop(root: Path, major: int) -> bool:
    """Stop the project's server and wait until it is down; its data stays.

    Returns:
        False when it was not running.

    Raises:
        ConfigurationError: the server can't be stopped from here.

    """
    data = find_data(root, major)
    return stop_on(data) if data else False


def stop_on(data: Path, *, at_once: bool = False) -> bool:
    """Stop the server of a data folder: open sessions are ended, and if that takes too long, it is aborted.

    Args:
        data: its folder.
        at_once: abort it without saving anything, since the data is to go too.

    """
    noted = read_pid_file(data)
    if noted is None:
        return False
    if not is_server_process(noted.pid, data):
        if noted.socket_dir is None or listening(noted.socket_dir) != _ELSEWHERE:
            return False
        raise ConfigurationError(
            "The embedded server runs in another container or under another process namespace.",
            where=str(data),
            remedy="run migrator local stop there",
        )
    for sign, seconds in _SIGNALS[at_once:]:
        try:
            os.kill(noted.pid, sign)
        except ProcessLookupError:
            return True
        except PermissionError as error:
            raise ConfigurationError(
                f"The embedded server (pid {noted.pid}) belongs to another user.",
                where=str(data),
                remedy="run migrator local stop as the user who started it",
            ) from error
        if _gone(noted.pid, data, seconds):
            return True
    raise ConfigurationError(
        f"The embedded server (pid {noted.pid}) does not stop.", where=str(data), remedy=f"kill -9 {noted.pid}"
    )


def _gone(pid: int, data: Path, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if read_pid_file(data) is None or not is_server_process(pid, data):
            return True
        time.sleep(0.02)
    return False
