"""The key of a part of a check: everything that its answer depends on and that can be told without running it."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from migrator import __version__
from migrator.chain.files import list_revision_files
from migrator.chain.settings import tool_table
from migrator.verification.checking.reading import file_fingerprint

if TYPE_CHECKING:
    from migrator.profiles.model import Profile
    from migrator.project import Project

_SETTINGS: Final = (
    "dialect",
    "driver",
    "migration_driver",
    "search_path",
    "statement_timeout",
    "lock_timeout",
    "table_lock_timeout",
    "embedded",
    "version_table",
    "version_table_schema",
)
"""The fields of a profile that a run on a scratch database takes over; the address is not one of them."""


def static_files(project: Project) -> tuple[str, ...]:
    """The files that are inputs of every check: revisions, ``env.py`` and the settings; absolute."""
    layout = project.layout
    settings = (layout.ini, layout.root / "pyproject.toml", layout.env_py)
    return (*list_revision_files(layout).paths, *(str(path) for path in settings if path is not None))


def key_of(project: Project, choices: Mapping[str, object], *, server: str) -> str:
    """A hash that changes with anything that a check depends on, its project's own modules aside.

    Args:
        project: what is checked.
        choices: the part, and what was asked of it.
        server: what its scratch server calls itself.

    """
    inputs = {
        "choices": dict(choices),
        "server": server,
        "migrator": __version__,
        "python": sys.version,
        "installed": sorted(_installed()),
        "section": project.section,
        "x": project.x,
        "executed": sorted(project.executed),
        "profile": _settings(project.profile),
        "tables": [tool_table(project.root / "pyproject.toml", name) for name in ("migrator", "alembic")],
        "files": _contents(project),
    }
    return hashlib.sha256(json.dumps(inputs, sort_keys=True, default=str).encode()).hexdigest()


def _contents(project: Project) -> dict[str, str]:
    """Each file by its place in the project. Of ``pyproject.toml`` only two tables count, which are read apart."""
    root = os.path.realpath(project.root)
    return {
        os.path.relpath(path, root): file_fingerprint(path)
        for path in static_files(project)
        if os.path.basename(path) != "pyproject.toml"
    }


def _settings(profile: Profile | None) -> dict[str, object] | None:
    if profile is None:
        return None
    return {name: getattr(profile, name) for name in _SETTINGS}


def _installed() -> Iterator[str]:
    """Names and versions of what is installed, as the folders beside the packages say."""
    for place in dict.fromkeys(sys.path):
        try:
            names = os.listdir(place or os.curdir)
        except OSError:
            continue
        yield from (name for name in names if name.endswith((".dist-info", ".egg-info")))
