"""Other sessions of a protected database are not ended by the way."""

from __future__ import annotations

from dataclasses import replace

import pytest

from migrator.chain.model import Direction
from migrator.errors import ExitCode, Refused
from migrator.execution.kill_policy import require_killing_allowed
from migrator.execution.moves import MoveRequest
from migrator.profiles.model import Profile

REQUEST = MoveRequest(direction=Direction.UPGRADE, target="heads", kill_blockers=60.0)
PROFILE = Profile(name="prod", source="file", protected=True)


def test_it_is_refused_on_a_protected_profile() -> None:
    """Exit code 6, and nothing is run."""
    with pytest.raises(Refused, match="refuses to end other sessions") as refused:
        require_killing_allowed(PROFILE, REQUEST)
    assert refused.value.exit_code is ExitCode.REFUSED


def test_it_is_allowed_when_it_is_meant_or_not_asked_for_or_nothing_is_protected() -> None:
    """The application's own sessions are among those that would end."""
    require_killing_allowed(PROFILE, replace(REQUEST, confirmed=True))
    require_killing_allowed(PROFILE, replace(REQUEST, kill_blockers=None))
    require_killing_allowed(replace(PROFILE, protected=False), REQUEST)
    require_killing_allowed(None, REQUEST)
