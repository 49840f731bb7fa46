"""How carefully a run goes about it: the settings that hold with a profile and without one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from migrator.errors import ConfigurationError
from migrator.profiles.model import Profile
from migrator.profiles.parsing import parse
from migrator.profiles.settings import BY_NAME

_NAMES: Final = ("MIGRATOR_LOCK_WAIT", "MIGRATOR_WAIT_FOR_DB", "MIGRATOR_IF_AHEAD")


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """Patience, and what to make of a database that is ahead."""

    lock_wait: float = 300.0
    """Seconds to wait for another migration to finish."""
    wait_for_db: float = 0.0
    """Seconds to wait for the server to answer."""
    if_ahead: Literal["ok", "warn", "fail"] = "fail"
    """What an upgrade does where the database is ahead of this code."""


def care_of(profile: Profile) -> Care:
    """What a profile says."""
    return Care(lock_wait=profile.lock_wait, wait_for_db=profile.wait_for_db, if_ahead=profile.if_ahead)


def care_of_process(given: Mapping[str, str]) -> Care:
    """What the process environment and the command line say where there is no profile.

    Raises:
        ConfigurationError: a value does not fit.

    """
    found: dict[str, Any] = {}
    for setting in (BY_NAME[name] for name in _NAMES if given.get(name)):
        try:
            found[setting.field] = parse(setting, given[setting.name])
        except ValueError as error:
            raise ConfigurationError(f"{setting.name} {error}", where="process environment") from None
    return Care(**found)
