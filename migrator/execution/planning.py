"""From where the database is to where it should be: the plan, as a value, computed without touching anything."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.chain.model import Chain, Direction, Revision
from migrator.chain.paths import downgrade_path, upgrade_path
from migrator.database.state import DatabaseState
from migrator.errors import AheadOfCode, Refused, VerificationFailed
from migrator.execution.position import Position, Standing, heads_after, position_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which revisions will be run, in which order, and what the version table will hold afterwards."""

    direction: Direction
    target: str
    """As the user named it."""
    before: tuple[str, ...]
    after: tuple[str, ...]
    steps: tuple[Revision, ...]
    location: str = ""
    """The database that it is for."""
    is_ahead: bool = False
    """The database is ahead of this code, which was to be accepted."""


def plan_move(
    chain: Chain, state: DatabaseState, direction: Direction, target: str, *, accepts_ahead: bool = False
) -> Plan:
    """Plan an upgrade or a downgrade.

    Args:
        chain: the revision files.
        state: where the database is.
        direction: up or down.
        target: as the user named it.
        accepts_ahead: an upgrade to the heads has nothing to do where the database is ahead of this code.

    Raises:
        UsageError: the target is unknown, ambiguous, or not on the way.
        AheadOfCode, VerificationFailed: the database holds revisions that this code does not know.
        Refused: the version table contradicts itself.

    """
    position = position_of(chain, state)
    if accepts_ahead and position.standing is Standing.AHEAD and _means_the_heads(direction, target):
        return Plan(
            direction=direction,
            target=target,
            before=state.rows,
            after=state.rows,
            steps=(),
            location=state.location,
            is_ahead=True,
        )
    require_known(position)
    upgrade = direction is Direction.UPGRADE
    path = upgrade_path if upgrade else downgrade_path
    steps = path(chain, position.current, target)
    return Plan(
        direction=direction,
        target=target,
        before=state.rows,
        after=heads_after(chain, position.current, steps, upgrade=upgrade) if steps else state.rows,
        steps=steps,
        location=state.location,
    )


def _means_the_heads(direction: Direction, target: str) -> bool:
    return direction is Direction.UPGRADE and target in ("heads", "head")


def require_known(position: Position) -> None:
    """Refuse to plan from version rows that this code cannot place.

    Raises:
        AheadOfCode: every row is unknown to this code.
        VerificationFailed: some rows are known, some are not.
        Refused: a row is implied by another.

    """
    rows = ", ".join(position.state.rows)
    unknown = ", ".join(position.unknown)
    if position.standing is Standing.AHEAD:
        raise AheadOfCode(
            f"the database is at {unknown}, which this code does not know",
            state=f"version table holds {rows}; nothing was run",
            remedy=(
                "deploy the code that has that revision, or check out the branch it comes from; "
                "if the revision was deleted on purpose: migrator stamp --purge REVISION; "
                "to let an upgrade pass in a rollback: MIGRATOR_IF_AHEAD=warn"
            ),
        )
    if position.standing is Standing.DIVERGED:
        raise VerificationFailed(
            f"the database has diverged from this code: it knows {', '.join(position.current)} but not {unknown}",
            state=f"version table holds {rows}; nothing was run",
            remedy="merge the code that has the unknown revision, or: migrator stamp --purge REVISION",
        )
    if position.redundant:
        kept = ", ".join(position.current)
        raise Refused(
            f"the version table holds {rows}, but {kept} already implies {', '.join(position.redundant)}",
            state=f"{len(position.state.rows)} rows where {len(position.current)} are expected; nothing was run",
            remedy=f"migrator stamp --purge {' '.join(position.current)}",
        )
