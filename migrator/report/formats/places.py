"""Where a finding is, as seen from the repository's root: what CI systems and code scanners want to know."""

from __future__ import annotations

import posixpath
from pathlib import PurePath

from migrator.findings import Finding


def repository_path(finding: Finding, folder: str) -> str | None:
    """The finding's file with forward slashes, from the repository's root; None when it is about no file.

    Args:
        finding: its path is relative to the project's root, or absolute.
        folder: the project's root as seen from the repository's.

    """
    if finding.path is None:
        return None
    path = PurePath(finding.path).as_posix()
    return path if path.startswith("/") else posixpath.normpath(posixpath.join(folder, path))
