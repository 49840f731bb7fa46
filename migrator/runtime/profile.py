"""The profile that an application asks for, and the project's folder that it belongs to."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.profiles.model import Profile


def find_profile(name: str | None, *, root: Path | None) -> tuple[Profile, Path]:
    """Load a profile.

    Args:
        name: what ``--env`` would say; None leaves it to ``MIGRATOR_ENV``, then ``local``.
        root: the project's folder; None: the current folder or the first above it that has ``env_profiles/``.

    Raises:
        ConfigurationError: there is none, or it cannot be used as it is.

    """
    from migrator.profiles.loading import FOLDER, require_profile

    start = (root or Path.cwd()).absolute()
    folders = [start] if root is not None else [start, *start.parents]
    folder = next((each for each in folders if (each / FOLDER).is_dir()), start)
    return require_profile(name, root=folder, environ=os.environ), folder
