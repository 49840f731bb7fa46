"""Start the embedded server of a project, once, whatever the last run left behind."""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from migrator.database.embedded.account import Account, account_for
from migrator.database.embedded.binaries import usable_by
from migrator.database.embedded.creation import ensure_data
from migrator.database.embedded.placement import (
    choose_data,
    find_data,
    inside,
    lock_file,
    short_socket_folder,
    socket_folder,
    socket_path,
)
from migrator.database.embedded.programs import LOG_NAME, log_tail, not_started, run_program
from migrator.database.embedded.running import (
    EmbeddedServer,
    find_running,
    find_running_on,
    is_server_process,
    orphans,
    read_pid_file,
    stop_on,
)
from migrator.errors import ConfigurationError, LockNotObtained

_START_SECONDS = 60
_ORPHAN_SECONDS = 1.0
_WAIT_SECONDS = 120.0
_LOG_BYTES = 10_000_000


def ensure_running(root: Path, major: int) -> EmbeddedServer:
    """Find the project's server, or start it (and create its data the first time). Commands at once share one.

    Args:
        root: the project's folder.
        major: PostgreSQL's major version, 16 or 18.

    Raises:
        ConfigurationError: the wheel is missing, the data is of another version or belongs to somebody else.
        Unreachable: the server does not start; its last log lines are in the details.
        LockNotObtained: another command has been starting it for two minutes.

    """
    running = find_running(root, major)
    if running:
        return running
    with _starting_lock(root, major):
        running = find_running(root, major)
        if running:
            return running
        found = find_data(root, major)
        account = account_for(found or inside(root, major), root)
        data = found or choose_data(root, major, account)
        programs = usable_by(account, major)
        ensure_data(data, account, programs, major)
        return _wait_or_start(data, account, programs, major)


def reset(root: Path, major: int) -> bool:
    """Stop the project's server and delete all its data.

    Returns:
        False when there was no data.

    """
    with _starting_lock(root, major):
        data = find_data(root, major)
        link = inside(root, major)
        if data is None:
            link.unlink(missing_ok=True)
            return False
        stop_on(data, at_once=True)
        sockets = _separate_socket_folder(data)
        shutil.rmtree(data)
        if sockets:
            shutil.rmtree(sockets, ignore_errors=True)
        if link.is_symlink():
            link.unlink()
            (data.parent / "root").unlink(missing_ok=True)
            with suppress(OSError):
                data.parent.rmdir()
    return True


@contextmanager
def _starting_lock(root: Path, major: int) -> Iterator[None]:
    """Let one command at a time start, stop for good, or look; the lock goes with the process that holds it."""
    path = lock_file(root, major)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except PermissionError as error:
        raise ConfigurationError(
            "The embedded server's lock file belongs to somebody else.",
            where=str(path),
            remedy=f"run the command as its owner, or remove it: sudo rm {path}",
        ) from error
    try:
        if os.geteuid() == 0:
            os.fchown(descriptor, root.stat().st_uid, root.stat().st_gid)
        _lock(descriptor, path)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, path: Path) -> None:
    deadline = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise LockNotObtained(
                    f"Another command has been starting the embedded server for {_WAIT_SECONDS:.0f} seconds.",
                    where=str(path),
                    remedy="migrator local status",
                ) from None
            time.sleep(0.05)
        else:
            return


def _wait_or_start(data: Path, account: Account, programs: Path, major: int) -> EmbeddedServer:
    """Wait for a server that is on its way up or down; start one when there is none."""
    deadline = time.monotonic() + _START_SECONDS
    lines: list[str] = []
    while time.monotonic() < deadline:
        noted = read_pid_file(data)
        if noted and is_server_process(noted.pid, data):
            running = find_running_on(data, major)
            if running:
                return running
            if noted.status == "ready":
                stop_on(data)  # alive, but its socket was removed by somebody
            time.sleep(0.05)
            continue
        lines = _start(data, account, programs)
        if "still in use" in "\n".join(lines):
            _end_orphans(data)
        elif lines and not _another_start(lines):
            raise not_started("The embedded server does not start.", data, lines)
    raise not_started("The embedded server is neither up nor down.", data, lines or log_tail(data))


def _end_orphans(data: Path) -> None:
    """End the sessions of a killed server: idle ones notice by themselves in no time, busy ones have to be told."""
    time.sleep(_ORPHAN_SECONDS)
    for pid in orphans(data):
        with suppress(OSError):
            os.kill(pid, signal.SIGQUIT)


def _another_start(lines: list[str]) -> bool:
    """Whether a start failed because another one, that of a killed command, was on its way."""
    return any("already exists" in line and ".pid" in line for line in lines)


def _start(data: Path, account: Account, programs: Path) -> list[str]:
    """Start the server and wait until it takes connections; returns the server's words when that fails."""
    sockets = socket_folder(data, account)
    lock = socket_path(sockets).with_name(f"{socket_path(sockets).name}.lock")
    for file in (data / "postmaster.pid", lock):
        _clear_recycled_pid(file, data)
    log = data / LOG_NAME
    _rotate(log)
    begin = log.stat().st_size if log.exists() else 0
    options = f"-c listen_addresses= -c unix_socket_permissions=0700 -k {shlex.quote(str(sockets))}"
    command = [str(programs / "pg_ctl"), "start", "-w", "-t", str(_START_SECONDS)]
    command += ["-D", ".", "-l", log.name, "-o", options]  # relative: pg_ctl breaks on a quote or a $ in a path
    outcome = run_program(command, account, folder=data)
    if outcome.returncode == 0:
        return []
    return log_tail(data, begin) or outcome.stdout.splitlines()


def _clear_recycled_pid(file: Path, data: Path) -> None:
    """Remove a lock file whose pid was given to another process since: PostgreSQL would refuse to start.

    A dead pid is left to PostgreSQL itself, which then also makes sure that no orphan still uses the data.
    """
    try:
        pid = abs(int(file.read_text().split("\n", 1)[0]))
        os.kill(pid, 0)
    except (OSError, ValueError) as error:
        if not isinstance(error, PermissionError):
            return
    if not is_server_process(pid, data) and not orphans(data):
        file.unlink(missing_ok=True)


def _rotate(log: Path) -> None:
    """Keep the log from growing without end."""
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))


def _separate_socket_folder(data: Path) -> Path | None:
    folder = short_socket_folder(data)
    return folder if folder != data and folder.is_dir() else None
