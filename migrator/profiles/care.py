"""How carefully a run goes about it: the settings that hold with a profile and without one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from migrator.errors import ConfigurationError
from migrator.profiles.model import Profile
from migrator.profiles.parsing import parse
from migrator.profiles.settings import BY_NAME

_NAMES: Final = (
    "MIGRATOR_LOCK_WAIT",
    "MIGRATOR_WAIT_FOR_DB",
    "MIGRATOR_IF_AHEAD",
    "MIGRATOR_LOCK_TIMEOUT",
    "MIGRATOR_LOCK_BUDGET",
    "MIGRATOR_VICTIM_BUDGET",
    "MIGRATOR_DEADLINE",
    "MIGRATOR_LEDGER",
    "MIGRATOR_LEDGER_SCHEMA",
    "MIGRATOR_METRICS_FILE",
    "MIGRATOR_BEFORE_RUN",
    "MIGRATOR_AFTER_RUN",
    "MIGRATOR_BEFORE_REVISION",
    "MIGRATOR_AFTER_REVISION",
)
_FIELDS: Final = tuple(BY_NAME[name].field for name in _NAMES)
DEFAULT_TABLE_LOCK_TIMEOUT: Final = 2.0
"""Seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Care:
    """Patience, what to make of a database that is ahead, and what is written down and told to others."""

    lock_wait: float = 300.0
    """Seconds to wait for another migration to finish."""
    wait_for_db: float = 0.0
    """Seconds to wait for the server to answer."""
    if_ahead: Literal["ok", "warn", "fail"] = "fail"
    """What an upgrade does where the database is ahead of this code."""
    table_lock_timeout: float | None = None
    """Seconds that a statement waits for a strong lock on a table; None: two."""
    lock_budget: float = 300.0
    """Seconds that a revision is tried again for the sake of its locks."""
    victim_budget: float = 6.0
    """Seconds that others may queue behind one waiting statement, summed over their sessions."""
    deadline: float | None = None
    """Seconds after the command's start by which a new revision must be expected to end."""
    ledger: bool = True
    ledger_schema: str | None = None
    metrics_file: str | None = None
    before_run: str | None = None
    """Hook: a command, or ``python:module:function``."""
    after_run: str | None = None
    before_revision: str | None = None
    after_revision: str | None = None

    @property
    def has_hooks(self) -> bool:
        """Whether anything is to be called."""
        return bool(self.before_run or self.after_run or self.before_revision or self.after_revision)


def care_of(profile: Profile) -> Care:
    """What a profile says."""
    found = {name: getattr(profile, name) for name in _FIELDS}
    if found["table_lock_timeout"] is None and profile.lock_timeout is not None:
        found["table_lock_timeout"] = profile.lock_timeout / 1000
    return Care(**found)


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
