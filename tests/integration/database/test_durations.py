"""How long revisions took, as the ledger of each dialect tells it."""

from __future__ import annotations

from sqlalchemy.dialects import mysql, postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.schema import CreateTable

from migrator.database.connecting import connect
from migrator.database.ledger.durations import read_durations
from migrator.database.ledger.place import LEDGER, LedgerPlace
from migrator.database.ledger.tables import table_of
from migrator.profiles.model import Profile

DIALECTS: dict[str, type[Dialect]] = {
    "postgresql": postgresql.dialect,
    "mysql": mysql.dialect,
    "sqlite": sqlite.dialect,
}
ROWS = (
    ("alembic_version", "a", "upgrade", "applied", 2.5),
    ("alembic_version", "a", "upgrade", "applied", 4.5),
    ("alembic_version", "a", "upgrade", "failed", 300.0),
    ("alembic_version", "a", "downgrade", "reverted", 60.0),
    ("alembic_version", "b", "upgrade", "applied", 0.25),
    ("alembic_version", "c", "stamp", "applied", None),
    ("alembic_version", "d", "upgrade", "applied", None),
    ("other_version", "a", "upgrade", "applied", 90.0),
)


def test_longest_success_of_each_revision_in_this_direction(database: Profile) -> None:
    """Not those of another version table, of failures, or of what was only stamped."""
    dialect = database.dialect
    with connect(database) as connection:
        connection.execute(str(CreateTable(table_of(None, dialect, LEDGER)).compile(dialect=DIALECTS[dialect]())))
        for scope, revision, direction, outcome, seconds in ROWS:
            connection.execute(
                f"INSERT INTO {LEDGER} (run_id, scope, revision, direction, outcome, seconds, parents, depends_on) "
                "VALUES ('r', ?, ?, ?, ?, ?, '[]', '[]')",
                scope,
                revision,
                direction,
                outcome,
                seconds,
            )
        connection.commit()
        place = LedgerPlace(None, dialect)
        assert read_durations(connection, place, "alembic_version", "upgrade") == {"a": 4.5, "b": 0.25}
        assert read_durations(connection, place, "alembic_version", "downgrade") == {"a": 60.0}
        assert read_durations(connection, place, "nothing_yet", "upgrade") == {}
