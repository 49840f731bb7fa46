"""Which files of a project are revision files, in the order in which Alembic loads them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from migrator.chain.layout import Layout

_SOURCE = re.compile(r"(?!\.\#|__init__).*\.py$")
_SOURCE_OR_COMPILED = re.compile(r"(?!\.\#|__init__)(.*\.py)(c|o)?$")


@dataclass(frozen=True, slots=True)
class RevisionFiles:
    """The files to read, and what is odd about the folders."""

    paths: tuple[str, ...]
    """Absolute paths with symbolic links resolved, as Alembic reports them."""
    listed_twice: tuple[str, ...]
    """Files that more than one location or link leads to; read once."""
    missing_locations: tuple[str, ...]
    """Version locations that do not exist; Alembic passes over them in silence."""
    unread_folders: tuple[str, ...] = ()
    """Folders below a version location that hold revision files and are not read, as it is not recursive."""


def list_revision_files(layout: Layout) -> RevisionFiles:
    """List the revision files of all version locations."""
    seen: dict[str, None] = {}
    twice: list[str] = []
    missing: list[str] = []
    unread: list[str] = []
    for location in layout.version_locations:
        folder = os.path.realpath(location)
        if not os.path.isdir(folder):
            missing.append(str(location))
            continue
        for path in _walk(folder, layout):
            if path in seen:
                twice.append(path)
            seen[path] = None
        if not layout.recursive:
            unread += _unread_folders(folder, layout)
    return RevisionFiles(tuple(seen), tuple(twice), tuple(missing), tuple(unread))


def _unread_folders(folder: str, layout: Layout) -> Iterator[str]:
    """The folders below one that is not read recursively, if revision files lie in them."""
    locations = {os.path.realpath(location) for location in layout.version_locations}
    for below, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__" and os.path.join(below, name) not in locations]
        if below != folder and any(_declares_revision(os.path.join(below, name)) for name in names):
            yield below
            folders.clear()


def _declares_revision(path: str) -> bool:
    if not path.endswith(".py"):
        return False
    try:
        with open(path, "rb") as file:
            return b"down_revision" in file.read()
    except OSError:
        return False


def _walk(folder: str, layout: Layout) -> Iterator[str]:
    names, folders, links = _entries(folder)
    if not folder.endswith("__pycache__"):
        for name in names:
            path = os.path.join(folder, name)
            if name in links and os.path.exists(path):
                path = os.path.realpath(path)
            # Alembic judges a link by the name of the file behind it.
            if is_revision_file(path, layout):
                yield path
        if layout.sourceless and "__pycache__" in folders:
            yield from _compiled_only(os.path.join(folder, "__pycache__"), names, layout)
        if not layout.recursive:
            return
    for name in folders:
        if name not in links:
            yield from _walk(os.path.join(folder, name), layout)


def _entries(folder: str) -> tuple[list[str], list[str], set[str]]:
    """Names of files, names of folders, and which of them are symbolic links."""
    names: list[str] = []
    folders: list[str] = []
    links: set[str] = set()
    with os.scandir(folder) as entries:
        for entry in entries:
            (folders if entry.is_dir() else names).append(entry.name)
            if entry.is_symlink():
                links.add(entry.name)
    return sorted(names), sorted(folders), links


def is_revision_file(path: str, layout: Layout) -> bool:
    """Whether a name is one; a compiled file counts only without its source, and ``.pyc`` goes before ``.pyo``."""
    folder, name = os.path.split(path)
    if not layout.sourceless:
        return _SOURCE.match(name) is not None
    match = _SOURCE_OR_COMPILED.match(name)
    if match is None or match.group(2) is None:
        return match is not None
    source = os.path.join(folder, match.group(1))
    return not os.path.exists(source) and not (match.group(2) == "o" and os.path.exists(source + "c"))


def _compiled_only(cache: str, names: list[str], layout: Layout) -> Iterator[str]:
    with_source = {name.split(".")[0] for name in names}
    for name in sorted(os.listdir(cache)):
        path = os.path.realpath(os.path.join(cache, name))
        if name.split(".")[0] not in with_source and is_revision_file(path, layout):
            yield path
