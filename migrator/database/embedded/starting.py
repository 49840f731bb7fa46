"""Start the embedded server of a project, once, whatever the last run left behind."""

from __future__ import annotations

import fcntl
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from migrator.database.embedded.account import Account, account_for
from migrator.database.embedded.binaries import installed, usable_by
from migrator.database.embedded.placement import (
    choose_data,
    find_data,
    inside,
    lock_file,
    short_socket_folder,
    socket_folder,
    socket_path,
)
from migrator.database.embedded.running import (
    SUPERUSER,
    EmbeddedServer,
    find_running,
    find_running_on,
    is_server_process,
    read_pid_file,
    stop_on,
)
from migrator.errors import ConfigurationError, LockNotObtained, Unreachable

_START_SECONDS = 60
_WAIT_SECONDS = 120.0
_ORPHAN_SECONDS = 15.0
_LOG_LINES = 8
_LOG_BYTES = 10_000_000
LOG_NAME = "server.log"


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
        _ensure_data(data, account, programs, major)
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
        stop_on(data)
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


def ensure_database(server: EmbeddedServer, name: str) -> bool:
    """Create a database on the embedded server unless it is there.

    Returns:
        Whether it was created.

    Raises:
        Unreachable: the server refuses.

    """
    if psql(server, "SELECT 1 FROM pg_database WHERE datname = :'name'", name=name).strip():
        return False
    try:
        psql(server, 'CREATE DATABASE :"name"', name=name)
    except Unreachable:
        if psql(server, "SELECT 1 FROM pg_database WHERE datname = :'name'", name=name).strip():
            return False  # two commands at once: the other one was first
        raise
    return True


def psql(server: EmbeddedServer, sql: str, **values: str) -> str:
    """Run one statement on the server's ``postgres`` database without a driver; ``values`` are psql variables in it.

    Raises:
        Unreachable: the statement failed.

    """
    variables = [part for name, value in values.items() for part in ("-v", f"{name}={value}")]
    program = str(installed(server.major) / "psql")
    place = ["-h", str(server.socket_dir), "-p", str(server.port), "-U", server.user, "-d", "postgres"]
    outcome = subprocess.run(
        [program, "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *variables, *place],
        input=sql,
        check=False,
        capture_output=True,
        text=True,
        env={"LC_ALL": "C", "PGCLIENTENCODING": "UTF8", "PATH": os.defpath},
    )
    if outcome.returncode:
        raise Unreachable(
            "The embedded server refused a statement.",
            where=str(server.data),
            details=outcome.stderr.strip().splitlines(),
            remedy="migrator local status",
        )
    return outcome.stdout


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


def _ensure_data(data: Path, account: Account, programs: Path, major: int) -> None:
    """Create the data folder, all or nothing: a killed ``initdb`` leaves only a folder that the next one removes."""
    if data.is_dir() and any(data.iterdir()):
        _require_version(data, major)
        return
    unfinished = data.with_name(f"{data.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        unfinished.mkdir(mode=0o700)
        account.own(unfinished)
    except OSError as error:
        raise ConfigurationError(
            f"The embedded server's data folder can't be made: {error.strerror}.",
            where=str(unfinished),
            remedy="make the folder writable, or set DB_HOST to a server of your own",
        ) from error
    initdb = [str(programs / "initdb"), "-D", unfinished.name, *_locale(major), "-U", SUPERUSER, "-A", "trust"]
    outcome = _run(initdb, account, folder=unfinished.parent)
    if outcome.returncode:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise _not_started("PostgreSQL could not create its data folder.", data, outcome.stdout.splitlines())
    if data.is_dir():
        data.rmdir()
    unfinished.rename(data)


def _locale(major: int) -> list[str]:
    """Settings that give the same order and the same letters on each machine."""
    newer = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []  # noqa: PLR2004
    return ["--encoding=UTF8", "--locale=C", *newer]


def _require_version(data: Path, major: int) -> None:
    try:
        found = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        found = "no version at all"
    if found != str(major):
        raise ConfigurationError(
            f"The embedded server's data is of PostgreSQL {found}, not {major}.",
            where=str(data),
            remedy=f"move the folder away, or delete it and its databases: migrator local reset --major {major}",
        )


def _wait_or_start(data: Path, account: Account, programs: Path, major: int) -> EmbeddedServer:
    """Wait for a server that is on its way up or down; start one when there is none."""
    deadline = time.monotonic() + _START_SECONDS
    while (noted := read_pid_file(data)) and is_server_process(noted.pid, data):
        running = find_running_on(data, major)
        if running:
            return running
        if noted.status == "ready":
            stop_on(data)  # alive, but its socket was removed by somebody
        if time.monotonic() > deadline:
            raise _not_started("The embedded server is neither up nor down.", data, _log_tail(data))
        time.sleep(0.05)
    if noted:
        _clear_stale_pid(noted.pid, data)
    return _start(data, account, programs, major)


def _clear_stale_pid(pid: int, data: Path) -> None:
    """Remove ``postmaster.pid`` when its number was given to another process: PostgreSQL would refuse to start.

    A dead pid is left to PostgreSQL itself, which then also makes sure that no orphan still uses the data.
    """
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return
    except PermissionError:
        pass
    (data / "postmaster.pid").unlink(missing_ok=True)


def _start(data: Path, account: Account, programs: Path, major: int) -> EmbeddedServer:
    sockets = socket_folder(data, account)
    for leftover in (socket_path(sockets), socket_path(sockets).with_name(f"{socket_path(sockets).name}.lock")):
        leftover.unlink(missing_ok=True)
    log = data / LOG_NAME
    _rotate(log)
    options = f"-c listen_addresses= -c unix_socket_permissions=0700 -k {shlex.quote(str(sockets))}"
    command = [str(programs / "pg_ctl"), "start", "-w", "-t", str(_START_SECONDS)]
    command += ["-D", ".", "-l", log.name, "-o", options]  # relative: pg_ctl breaks on a quote or a $ in a path
    deadline = time.monotonic() + _ORPHAN_SECONDS
    while True:
        begin = log.stat().st_size if log.exists() else 0
        outcome = _run(command, account, folder=data)
        if outcome.returncode == 0 and (running := find_running_on(data, major)):
            return running
        lines = _log_tail(data, begin)
        orphans = any("still in use" in line for line in lines)
        if not orphans or time.monotonic() > deadline:
            raise _not_started("The embedded server does not start.", data, lines or outcome.stdout.splitlines())
        time.sleep(0.3)  # after a kill -9 its last sessions need a moment to notice


def _run(command: list[str], account: Account, *, folder: Path) -> subprocess.CompletedProcess[str]:
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
                remedy="pip install --force-reinstall 'migrator[embedded]', or set DB_HOST to a server of your own",
            ) from error
        output.seek(0)
        return subprocess.CompletedProcess(command, outcome.returncode, output.read(), "")


def _rotate(log: Path) -> None:
    """Keep the log from growing without end."""
    if log.exists() and log.stat().st_size > _LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))


def _log_tail(data: Path, begin: int = 0) -> list[str]:
    try:
        with (data / LOG_NAME).open("rb") as log:
            log.seek(begin)
            lines = log.read().decode(errors="replace").splitlines()
    except OSError:
        return []
    return lines[-_LOG_LINES:]


def _not_started(message: str, data: Path, lines: list[str]) -> Unreachable:
    text = "\n".join(lines)
    remedy = "read the server's log above; to begin with an empty database: migrator local reset"
    if "No space left on device" in text:
        remedy = "free some disk space and run the command again"
    elif "shared memory" in text and "still in use" in text:
        remedy = f"end the old server processes of {data}, and run the command again"
    elif "Permission denied" in text:
        remedy = f"make {data} accessible to the account that runs the server"
    return Unreachable(message, where=str(data / LOG_NAME), details=lines[-_LOG_LINES:], remedy=remedy)


def _separate_socket_folder(data: Path) -> Path | None:
    folder = short_socket_folder(data)
    return folder if folder != data and folder.is_dir() else None
