"""How long revisions have taken in this database."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.database.ledger.place import LEDGER, LedgerPlace
from migrator.database.state import Reader


def read_durations(reader: Reader, place: LedgerPlace, scope: str, direction: str) -> Mapping[str, float]:
    """Read the longest successful run of each revision, in seconds; those that never ran are left out.

    Args:
        reader: of the database.
        place: where its ledger is.
        scope: see `migrator.database.ledger.place.scope_of`.
        direction: ``upgrade`` or ``downgrade``; a revision may take much longer one way than the other.

    """
    found = reader.fetch(
        f"SELECT revision, MAX(seconds) FROM {place.table(LEDGER)} "  # noqa: S608
        "WHERE scope = ? AND direction = ? AND outcome IN ('applied', 'reverted') AND seconds IS NOT NULL "
        "GROUP BY revision",
        scope,
        direction,
    )
    return {str(revision): float(seconds) for revision, seconds in found}
