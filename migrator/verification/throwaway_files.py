"""Make, mark and clear away throwaway SQLite files; that a maker is alive is known by his lock on a file beside it."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Final

from migrator.verification.throwaway import PREFIX, new_name

if TYPE_CHECKING:
    from migrator.database.connecting import LightConnection

MARK: Final = 0x4D695363
"""The file's ``application_id``: it lies in the header, so that no table of ours is in the schema."""
_IN_USE: Final = "in-use"
_ABANDONED: Final = 3600.0
"""Age in seconds at which a folder without a lock file is nobody's any more."""


@contextmanager
def throwaway_file(copy_of: str | None = None) -> Iterator[Path]:
    """Give the path of a marked SQLite file, in a folder that is removed afterwards.

    Args:
        copy_of: a file like this one to begin as a copy of; None: it has no tables.

    """
    place = Path(tempfile.gettempdir())
    _sweep(place)
    with _held_folder() as folder:
        path = folder / f"{new_name()}.sqlite3"
        if copy_of is not None:
            shutil.copyfile(copy_of, path)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute(f"PRAGMA application_id = {MARK}")
        yield path


def is_throwaway_file(connection: LightConnection, path: Path) -> bool:
    """Whether a connection is on that file, and the file bears the mark."""
    ((file,),) = connection.fetch("SELECT file FROM pragma_database_list WHERE name = 'main'")
    return Path(str(file)).resolve() == path.resolve() and connection.fetch("PRAGMA application_id") == [(MARK,)]


@contextmanager
def _held_folder() -> Iterator[Path]:
    folder, in_use = _make_and_lock()
    with in_use:
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _make_and_lock() -> tuple[Path, IO[str]]:
    """A folder that no other command takes for left behind, which it could before it is locked."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        in_use = (folder / _IN_USE).open("w")
        fcntl.flock(in_use, fcntl.LOCK_EX)
        if (folder / _IN_USE).exists():
            return folder, in_use
        in_use.close()


def _sweep(place: Path) -> None:
    """Remove the folders whose makers are gone: their lock is free, or they were ended before they took one."""
    for folder in place.glob(f"{PREFIX}*"):
        try:
            if not (folder / _IN_USE).exists():
                if time.time() - folder.stat().st_mtime > _ABANDONED:
                    shutil.rmtree(folder, ignore_errors=True)
                continue
            with (folder / _IN_USE).open("a") as in_use:
                fcntl.flock(in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            continue
