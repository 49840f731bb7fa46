"""A statement of a run that was killed may still be at work on the server: what it does is not known before it ends."""

from __future__ import annotations

from typing import Final

from migrator.database.ledger.place import JOURNAL, LedgerPlace
from migrator.database.state import Reader

_AT_WORK: Final = {
    # The server gives the number of a session that has ended to a later one.
    "postgresql": "JOIN pg_catalog.pg_stat_activity a ON a.pid = j.session_id AND a.state = 'active' "
    "AND a.backend_start <= j.recorded_at AND a.pid <> pg_backend_pid()",
    "mysql": "JOIN information_schema.processlist a ON a.id = j.session_id AND a.command <> 'Sleep' "
    "AND a.id <> CONNECTION_ID()",
}


def session_at_work(reader: Reader, place: LedgerPlace, scope: str, digest: str) -> int | None:
    """The session that still runs a statement of the journal of which the end is not written down.

    Args:
        reader: of the database; other users' sessions are seen only by those who may.
        place: of the ledger.
        scope: of the version table.
        digest: of the statement and its values.

    """
    join = _AT_WORK.get("mysql" if reader.dialect == "mariadb" else reader.dialect)
    if join is None:
        return None
    rows = reader.fetch(
        f"SELECT a.{'pid' if reader.dialect == 'postgresql' else 'id'} FROM {place.table(JOURNAL)} j {join} "  # noqa: S608
        "WHERE j.scope = ? AND j.digest = ? AND j.state = 'intended'",
        scope,
        digest,
    )
    return int(rows[0][0]) if rows else None
