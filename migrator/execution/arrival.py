"""Whether a database has what this code needs, or more: decided from values alone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from migrator.chain.graph import ancestors
from migrator.chain.model import Chain, Revision
from migrator.chain.paths import upgrade_path
from migrator.chain.resolve import resolve
from migrator.database.state import DatabaseState
from migrator.errors import UsageError
from migrator.execution.planning import require_known
from migrator.execution.position import Standing, position_of

_DEPENDS_ON_THE_DATABASE: Final = re.compile(r"(.*@)?[+-]\d+|current")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How far a database is on its way to the wanted revisions."""

    is_there: bool
    is_ahead: bool = False
    """It has revisions that this code does not know, and is good enough all the same."""
    pending: tuple[Revision, ...] = ()
    """What it lacks, first one first."""


def wanted_revisions(chain: Chain, target: str) -> tuple[str, ...]:
    """The revisions that must be applied for a target to be reached.

    Raises:
        UsageError: there is no such revision, or the target means another one for each place of the database.

    """
    if target not in chain.revisions and _DEPENDS_ON_THE_DATABASE.fullmatch(target):
        raise UsageError(
            f"{target} depends on where the database is: it cannot be waited for", remedy="migrator wait REVISION"
        )
    return resolve(chain, target)


def judge(chain: Chain, state: DatabaseState, target: str, wanted: tuple[str, ...], *, accepts_ahead: bool) -> Arrival:
    """Compare what is applied with what is wanted.

    Args:
        chain: a sound chain.
        state: where the database is.
        target: as the user named it.
        wanted: see `wanted_revisions`.
        accepts_ahead: a database is good enough that is ahead of this code and may lack some of it.

    Raises:
        AheadOfCode: the database holds revisions that this code does not know, and waiting does not change that.
        VerificationFailed: it does, and does not have all that this code has.

    """
    position = position_of(chain, state)
    if set(wanted) <= ancestors(chain, position.current) | set(position.current):
        return Arrival(is_there=True, is_ahead=bool(position.unknown))
    if position.contains_the_code or (accepts_ahead and position.standing is Standing.AHEAD):
        return Arrival(is_there=True, is_ahead=True)
    if position.unknown:
        require_known(position, chain)
    return Arrival(is_there=False, pending=upgrade_path(chain, position.current, target))
