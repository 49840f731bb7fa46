"""What a profile's policy forbids without an explicit flag: pure decisions on a plan and what its revisions do."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from migrator.chain.model import Direction
from migrator.errors import Refused

if TYPE_CHECKING:
    from migrator.chain.operations import Operation
    from migrator.database.state import DatabaseState
    from migrator.execution.planning import Plan
    from migrator.profiles.model import Profile

_SHOWN = 5
CONFIRM = "if it is meant: run the same command with --yes"


def require_unprotected(profile: Profile | None, what: str) -> None:
    """Refuse something on a protected profile.

    Args:
        profile: None when the connection is ``env.py``'s own.
        what: such as ``a downgrade``.

    Raises:
        Refused: the profile is protected.

    """
    if profile is not None and profile.protected:
        raise Refused(
            f"profile {profile.name!r} is protected: it refuses {what}",
            where=str(profile.path or "process environment"),
            state="nothing was run",
            remedy=CONFIRM,
        )


def require_tables_free(plan: Plan, state: DatabaseState, operations: Mapping[str, Sequence[Operation]]) -> None:
    """Refuse to build from nothing over tables that are there already.

    Args:
        plan: an upgrade.
        state: of the database; its tables are known only when it is not stamped.
        operations: of each revision of the plan, in its direction.

    Raises:
        Refused: an unstamped database already has a table that the plan would create.

    """
    created = {
        operation.table: revision.id
        for revision in reversed(plan.steps)
        for operation in operations.get(revision.id, ())
        if operation.kind == "create_table" and operation.table
    }
    there = [table for table in state.tables if table in created]
    if state.rows or state.cut or not there or plan.direction is not Direction.UPGRADE:
        return
    named = ", ".join(_first(there))
    head = plan.after[0] if len(plan.after) == 1 else "heads"
    raise Refused(
        f"the database is not stamped, but already has {named}, which the plan would create "
        f"({there[0]} in {created[there[0]]})",
        state=f"{len(state.tables)} tables, no version row; nothing was run",
        remedy=(
            f"say which revision its tables correspond to: migrator stamp REVISION (migrator stamp {head} when they "
            "are up to date); to run the revisions all the same: --yes"
        ),
    )


_RELATIVE = re.compile(r"(?:[^@]+@)?[+-]\d+")


def is_relative(target: str) -> bool:
    """Whether a target means something else where the database stands elsewhere, as ``-1`` and ``blog@+2`` do."""
    return _RELATIVE.fullmatch(target) is not None


def require_same_meaning(planned: Plan, now: Plan) -> None:
    """Refuse a target such as ``-1`` when somebody else has moved the database since the plan was made.

    Args:
        planned: before the lock was obtained.
        now: under the lock.

    Raises:
        Refused: the target is relative to where the database was.

    """
    if planned.before != now.before and is_relative(planned.target):
        was, is_ = (", ".join(each.before) or "base" for each in (planned, now))
        raise Refused(
            f"another process moved the database from {was} to {is_} meanwhile: {planned.target} means something else",
            state=f"version table holds {is_}; nothing was run",
            remedy="migrator status; then run the same command again if it is still meant",
        )


def _first(lines: Sequence[str]) -> list[str]:
    rest = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"and {rest} more"] if rest > 0 else [])]
