"""Whether sessions in the way may be ended: a pure decision on the profile and what was asked for."""

from __future__ import annotations

from migrator.errors import Refused, UsageError
from migrator.execution.moves import MoveRequest
from migrator.execution.policy import CONFIRM
from migrator.profiles.model import Profile


def require_killing_allowed(profile: Profile | None, request: MoveRequest) -> None:
    """Refuse ``--kill-blockers`` on a protected profile.

    Args:
        profile: None when the connection is ``env.py``'s own.
        request: what was asked for.

    Raises:
        Refused: without ``--yes``.
        UsageError: the database is no PostgreSQL.

    """
    if profile is not None and profile.dialect != "postgresql" and request.kill_blockers is not None:
        raise UsageError(
            f"--kill-blockers works on PostgreSQL; profile {profile.name!r} is {profile.dialect}",
            state="nothing was run",
        )
    if profile is None or not profile.protected or request.kill_blockers is None or request.confirmed:
        return
    raise Refused(
        f"profile {profile.name!r} is protected: it refuses to end other sessions (--kill-blockers)",
        where=str(profile.path or "process environment"),
        state="nothing was run",
        remedy=CONFIRM,
    )
