"""Trying out the login of profiles."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from migrator.database.connecting import connect, reachable
from migrator.errors import MigratorError
from migrator.profiles.model import Profile


def try_logins(profiles: Iterable[Profile], *, root: Path) -> dict[str, MigratorError | None]:
    """Log in with each profile and log out again.

    Returns:
        Name of the profile to why it failed, or None where it worked.

    """
    return {profile.name: _try(profile, root) for profile in profiles}


def _try(profile: Profile, root: Path) -> MigratorError | None:
    try:
        connect(reachable(profile, root=root)).close()
    except MigratorError as error:
        return error
    return None
