"""Which of a project's own files a piece of work read: the modules that ``env.py`` imported, SQL files, and the like.

What belongs to the interpreter or was installed is left out: the names of installed distributions tell their versions.
"""

from __future__ import annotations

import hashlib
import os
import sys
import sysconfig
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import source_from_cache
from typing import Any, Final

import migrator

_PASSED_OVER: Final = frozenset(
    {".git", ".migrator", ".venv", "venv", "site-packages", "dist-packages", "node_modules"}
)
_ABSENT: Final = "absent"


@dataclass
class FilesRead:
    """The files that were opened for reading while this was active, absolute."""

    paths: set[str] = field(default_factory=set)
    active: bool = False
    hooked: bool = False

    def begin(self) -> None:
        """Forget what was noted and listen from now on. The interpreter keeps an audit hook for good: one is enough."""
        self.paths.clear()
        self.active = True
        if not self.hooked:
            sys.addaudithook(self._notice)
            self.hooked = True

    def end(self) -> None:
        """Stop listening, and take in the modules that this process had imported before."""
        self.active = False
        files = (getattr(module, "__file__", None) for module in [*sys.modules.values()])
        self.paths.update(file for file in files if isinstance(file, str))

    def _notice(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.active or event != "open":
            return
        path, mode, flags = arguments
        if isinstance(path, str | bytes) and _for_reading(mode, flags):
            self.paths.add(os.path.abspath(os.fsdecode(path)))


_READ: Final = FilesRead()


@contextmanager
def files_read() -> Iterator[FilesRead]:
    """While this lasts, note what this process opens for reading."""
    _READ.begin()
    try:
        yield _READ
    finally:
        _READ.end()


def own_files(read: Iterable[str], *, root: str, known: Iterable[str]) -> tuple[str, ...]:
    """Of the files that were read, the project's own that are not known as inputs anyway; relative to the root."""
    top = os.path.realpath(root)
    passed = {os.path.realpath(path) for path in known}
    installed = tuple(f"{os.path.realpath(place)}{os.sep}" for place in _places_of_others())
    found = set()
    for path in read:
        real = os.path.realpath(_source(path))
        relative = os.path.relpath(real, top)
        is_below = not relative.startswith(os.pardir)
        # Elsewhere only code can be the project's: servers and libraries keep files of their own there.
        is_own = is_below or (real.endswith(".py") and not real.startswith(installed))
        if is_own and real not in passed and not _PASSED_OVER.intersection(relative.split(os.sep)):
            found.add(relative)
    return tuple(sorted(found))


def fingerprints(paths: Iterable[str], *, root: str) -> dict[str, str]:
    """What each file holds now, and which modules lie beside those of Python: a new one may be found by a search."""
    paths = tuple(paths)
    folders = {os.path.dirname(path) or os.curdir for path in paths if path.endswith(".py")}
    found = {path: file_fingerprint(os.path.join(root, path)) for path in paths}
    return found | {f"{folder}{os.sep}": _modules_in(os.path.join(root, folder)) for folder in folders}


def unchanged(known: Mapping[str, str], *, root: str) -> bool:
    """Whether every file and folder is as it was."""
    return all(
        (_modules_in if path.endswith(os.sep) else file_fingerprint)(os.path.join(root, path)) == value
        for path, value in known.items()
    )


def changed_since(paths: Iterable[str], moment: float, *, root: str) -> bool:
    """Whether one of the files was written after a moment, in seconds of the epoch, or is gone."""
    for path in paths:
        try:
            if os.stat(os.path.join(root, path)).st_mtime > moment:
                return True
        except OSError:
            return True
    return False


def file_fingerprint(path: str) -> str:
    """A hash of a file's content; a word of its own where there is none."""
    try:
        with open(path, "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()
    except OSError:
        return _ABSENT


def _modules_in(folder: str) -> str:
    try:
        with os.scandir(folder) as entries:
            names = sorted(
                entry.name
                for entry in entries
                if entry.name.endswith(".py") or os.path.isfile(os.path.join(entry.path, "__init__.py"))
            )
    except OSError:
        return _ABSENT
    return hashlib.sha256("\0".join(names).encode(errors="surrogateescape")).hexdigest()


def _places_of_others() -> Iterator[str]:
    """Where the interpreter, this package and what was installed live."""
    for name in ("stdlib", "platstdlib", "purelib", "platlib"):
        yield sysconfig.get_path(name)
    yield os.path.dirname(migrator.__file__)


def _source(path: str) -> str:
    if not path.endswith(".pyc"):
        return path
    try:
        return source_from_cache(path)
    except ValueError:
        return path


def _for_reading(mode: object, flags: object) -> bool:
    if isinstance(mode, str):
        return not set(mode) & set("wax+")
    return isinstance(flags, int) and flags & os.O_ACCMODE == os.O_RDONLY
