"""SQLite: a lock on a file beside the database's, which is there only while somebody migrates."""

from __future__ import annotations

import json
import os
import socket
import time
from contextlib import suppress
from pathlib import Path

from migrator.database.light import LightConnection
from migrator.errors import LockNotObtained
from migrator.events import LockHolder

SUFFIX = ".migrator-lock"


class SqliteMutex:
    """``flock`` on a file of its own: the database's own file must not be opened and closed beside SQLite."""

    def __init__(self, database: Path) -> None:
        """Name the file; it is made by `take`."""
        self._path = database.with_name(database.name + SUFFIX)
        self._descriptor: int | None = None

    @property
    def connection(self) -> LightConnection | None:
        """There is no session."""
        return None

    def take(self) -> bool:
        """Try once.

        Raises:
            LockNotObtained: the file cannot be made.

        """
        import fcntl

        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise LockNotObtained(
                f"the lock file {self._path} cannot be made: {error.strerror}",
                state="nothing was run",
                remedy="let this user write to the folder of the database, as SQLite itself needs it",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not self._is_ours(descriptor):
                os.close(descriptor)
                return False
        except BlockingIOError:
            os.close(descriptor)
            return False
        except BaseException:
            os.close(descriptor)
            raise
        os.ftruncate(descriptor, 0)
        os.write(descriptor, json.dumps({"process": os.getpid(), "host": socket.gethostname()}).encode())
        self._descriptor = descriptor
        return True

    def _is_ours(self, descriptor: int) -> bool:
        """Whether the locked file is still the one with the name: the holder before removed it when it was done."""
        try:
            return os.path.samestat(os.fstat(descriptor), self._path.stat())
        except FileNotFoundError:
            return False

    def holder(self) -> LockHolder | None:
        """The process that has it, as it wrote into the file; one that was killed has left the file behind."""
        try:
            written = json.loads(self._path.read_text(encoding="utf-8"))
            since = time.time() - self._path.stat().st_mtime
        except (OSError, ValueError):
            return None
        process = written.get("process")
        if written.get("host") == socket.gethostname() and not _is_alive(process):
            return None
        return LockHolder(
            session=f"process {process}",
            client=written.get("host"),
            since_seconds=max(0.0, since),
            ended_by=f"kill {process}",
        )

    def is_left_behind(self) -> bool:
        """Whether the file is there and nobody has it: its process was killed, and the next one will take it over."""
        import fcntl

        with suppress(OSError), self._path.open() as file:
            # For this moment one who tries to take it fails, and tries again.
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return True
        return False

    def is_held(self) -> bool:
        """Whether the file is still there."""
        return self._descriptor is not None and self._is_ours(self._descriptor)

    def release(self) -> None:
        """Remove the file, then unlock it: in this order nobody can lock a file that is about to go."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is None:
            return
        with suppress(OSError):
            if self._is_ours(descriptor):
                self._path.unlink()
        os.close(descriptor)


def _is_alive(process: object) -> bool:
    try:
        os.kill(int(str(process)), 0)
    except PermissionError:
        return True
    except (ProcessLookupError, ValueError):
        return False
    return True
