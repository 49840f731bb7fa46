"""From where the database is to where it should be: the plan, as a value, computed without touching anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from migrator.chain.model import Chain, Direction, Revision
from migrator.chain.paths import downgrade_path, upgrade_path
from migrator.database.ledger.applied import RecordedRevision
from migrator.database.ledger.journal import CutRevision
from migrator.database.state import DatabaseState
from migrator.errors import AheadOfCode, Refused, VerificationFailed
from migrator.execution.lineage import Containment
from migrator.execution.position import Position, Standing, expected_heads, heads_after, position_of

_SHOWN: Final = 10


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
    beyond: tuple[RecordedRevision, ...] = ()
    """The applied revisions that this code does not have, as far as the ledger knows them."""
    cut: tuple[CutRevision, ...] = ()
    """Revisions that are being run by somebody, or were cut half way."""


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
        AheadOfCode: the database holds revisions that this code does not know.
        VerificationFailed: it does, and does not have all that this code has.
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
            beyond=() if position.lineage is None else position.lineage.beyond,
            cut=state.cut,
        )
    require_known(position, chain)
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
        cut=state.cut,
    )


def _means_the_heads(direction: Direction, target: str) -> bool:
    return direction is Direction.UPGRADE and target in ("heads", "head")


def require_known(position: Position, chain: Chain) -> None:
    """Refuse to plan from version rows that this code cannot place.

    Args:
        position: of the database.
        chain: the revision files.

    Raises:
        AheadOfCode: rows are unknown to this code, whose own revisions are all applied, as far as is known.
        VerificationFailed: rows are unknown, and some that this code knows are missing or stand beside them.
        Refused: a row is implied by another.

    """
    rows = ", ".join(position.state.rows)
    unknown = ", ".join(position.unknown)
    lineage = position.lineage
    back = way_back(position, chain)
    details = beyond_lines(() if lineage is None else lineage.beyond)
    if position.standing is Standing.AHEAD:
        raise AheadOfCode(
            f"the database is at {unknown}, which this code does not know",
            state=f"version table holds {rows}; {_proven(position)}nothing was run",
            remedy=(
                "deploy the code that has that revision, or check out the branch it comes from; "
                + (
                    f"to take it back with its stored source: {back}; "
                    if back
                    else "if the revision was deleted on purpose: migrator stamp --purge REVISION; "
                )
                + "to let an upgrade pass in a rollback: MIGRATOR_IF_AHEAD=warn"
            ),
            details=details,
        )
    if lineage is not None and lineage.containment is Containment.DIVERGED:
        raise VerificationFailed(
            f"the database has diverged from this code: it is at {rows}, and {', '.join(lineage.missing)} of this code "
            f"{'is' if len(lineage.missing) == 1 else 'are'} not applied",
            state=f"version table holds {rows}; nothing was run",
            remedy=f"merge the code that has {unknown} with this one, and deploy that",
            details=details,
        )
    if position.standing is Standing.DIVERGED:
        raise VerificationFailed(
            f"the database has diverged from this code: it knows {', '.join(position.current)} but not {unknown}",
            state=f"version table holds {rows}; nothing was run",
            remedy="merge the code that has the unknown revision, or: migrator stamp --purge REVISION",
            details=details,
        )
    if position.redundant:
        kept = ", ".join(position.current)
        raise Refused(
            f"the version table holds {rows}, but {kept} already implies {', '.join(position.redundant)}",
            state=f"{len(position.state.rows)} rows where {len(position.current)} are expected; nothing was run",
            remedy=f"migrator stamp --purge {' '.join(position.current)}",
        )


def beyond_lines(beyond: Sequence[RecordedRevision]) -> list[str]:
    """What the ledger knows of revisions that this code does not have, the newest first, one line each."""
    lines = [
        f"{each.id}  {each.title}{'' if each.at is None else f', applied {each.at:%Y-%m-%d %H:%M} UTC'}"
        for each in reversed(beyond[-_SHOWN:])
    ]
    rest = len(beyond) - len(lines)
    return [*lines, *([f"and {rest} more"] if rest else [])]


def _proven(position: Position) -> str:
    return "everything that this code has is applied; " if position.contains_the_code else ""


def way_back(position: Position, chain: Chain) -> str | None:
    """The command that takes the unknown revisions back from here; None where that cannot be done."""
    lineage, heads = position.lineage, expected_heads(chain)
    if lineage is None or not position.contains_the_code or not all(each.has_source for each in lineage.beyond):
        return None
    return f"migrator downgrade {heads[0] if len(heads) == 1 else 'REVISION'} --from-ledger"
