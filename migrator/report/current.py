"""Where databases are, in as few words as ``alembic current`` has for it."""

from __future__ import annotations

from collections.abc import Sequence

from migrator.chain.model import Chain
from migrator.errors import AheadOfCode, ExitCode, MigratorError, VerificationFailed
from migrator.execution.position import Position, Standing
from migrator.report.listings import Listing
from migrator.report.revisions import RevisionLines
from migrator.report.standing import state_in_words


def current_listing(chain: Chain, positions: Sequence[Position], *, verbose: bool) -> Listing:
    """The version rows, as ``alembic current`` prints them; unknown ones are told, not crashed on."""
    lines = RevisionLines(chain)
    blocks, bodies = [], []
    for position in positions:
        for id_ in position.state.rows:
            revision = chain.revisions.get(id_)
            if revision is None:
                blocks.append(f"{id_} (unknown to this code)")
            else:
                blocks.append(lines.full(revision) if verbose else lines.brief(revision))
        bodies.append(
            {
                "location": position.state.location,
                "state": position.standing.value,
                "current": list(position.state.rows),
                "at_head": position.standing is Standing.AT_HEAD and not position.redundant,
            }
        )
    return Listing("\n".join(blocks), {"schema": "migrator/current/1", "databases": bodies})


def require_heads(positions: Sequence[Position], *, check_heads: bool) -> None:
    """End with the exit code of a database that is not where it should be.

    Raises:
        AheadOfCode, VerificationFailed: a row is unknown to this code.
        NotAtHeads: ``--check-heads`` was asked for and something is pending.

    """
    for position in positions:
        unknown = ", ".join(position.unknown)
        if position.standing is Standing.AHEAD:
            raise AheadOfCode(f"the database is at {unknown}, which this code does not know", remedy="migrator status")
        if position.standing is Standing.DIVERGED:
            raise VerificationFailed(
                f"the database holds {unknown}, which this code does not know", remedy="migrator status"
            )
        if check_heads and (position.standing is not Standing.AT_HEAD or position.redundant):
            raise NotAtHeads(
                "the database is not at all heads", state=state_in_words(position), remedy="migrator upgrade"
            )


class NotAtHeads(MigratorError):
    """The database is not at every head of the chain."""

    exit_code = ExitCode.FINDINGS
