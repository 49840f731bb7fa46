"""Waiting for a schema: after each look, whether to go on, to give up, or how long to pause. It never sleeps itself."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from migrator.database.patience import DATABASE, Clock, Heartbeat
from migrator.runtime.readiness import Readiness, as_used, behind

if TYPE_CHECKING:
    from migrator.profiles.model import Profile

_log = logging.getLogger("migrator.runtime")


class Waiting:
    """One wait, from its first look to its end; the caller looks and pauses, in whichever way it can."""

    def __init__(self, profile: Profile, timeout: float, clock: Clock | None = None) -> None:
        """Begin to wait.

        Args:
            profile: whose database is looked at.
            timeout: seconds; 0 looks once.
            clock: time and chance; the machine's when None.

        """
        self._profile = profile
        self._location = as_used(profile).location
        self._timeout = timeout
        self._clock = clock or Clock()
        self._began = self._clock.now()
        self._pauses = DATABASE.pauses(self._clock.chance)
        self._heartbeat = Heartbeat()
        self._has_paused = False

    def pause_after(self, found: Readiness) -> float | None:
        """Decide what follows a look.

        Returns:
            Seconds to pause before the next look; None when the schema suits the code. The last look is at the very end
            of the timeout.

        Raises:
            SchemaBehind: the timeout is over, or waiting does not help.

        """
        now = self._clock.now()
        waited = now - self._began
        if found.is_ready:
            self._tell_end(found, waited)
            return None
        left = self._timeout - waited
        if left <= 0 or not found.may_change:
            raise behind(found, self._profile, waited=waited)
        if self._heartbeat.is_due((found.reason, found.current), now):
            _log.warning("waiting for %s: %s (%.0f s of %.0f s)", self._location, found.reason, waited, self._timeout)
        self._has_paused = True
        return min(next(self._pauses), left)

    def _tell_end(self, found: Readiness, waited: float) -> None:
        if self._has_paused:
            _log.info("%s is at %s after %.1f s", self._location, ", ".join(found.current) or "base", waited)
