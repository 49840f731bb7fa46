"""Reading where a database is, while another process moves it."""

from __future__ import annotations

from typing import Any

from migrator.database.connecting import connect
from migrator.database.light import LightConnection
from migrator.database.state import VersionTable, read_state
from migrator.profiles.model import Profile


class MovedMeanwhile:
    """A connection between whose first two questions somebody else commits a first revision."""

    def __init__(self, connection: LightConnection, other: LightConnection) -> None:
        self._connection = connection
        self._other = other
        self._questions = 0

    @property
    def dialect(self) -> str:
        return self._connection.dialect

    def fetch(self, sql: str, /, *parameters: Any) -> list[tuple[Any, ...]]:
        self._questions += 1
        if self._questions == 2:
            self._other.execute("CREATE TABLE r1 (id int)")
            self._other.execute("CREATE TABLE alembic_version (version_num varchar(32))")
            self._other.execute("INSERT INTO alembic_version VALUES ('r1')")
        return self._connection.fetch(sql, *parameters)


def test_a_first_revision_that_is_committed_meanwhile_is_not_taken_for_an_unstamped_database(
    postgres_database: Profile,
) -> None:
    with connect(postgres_database) as connection, connect(postgres_database) as other:
        state = read_state(MovedMeanwhile(connection, other), VersionTable())
    assert (state.rows, state.tables) == (("r1",), ())


def test_tables_without_a_version_row_are_read(postgres_database: Profile) -> None:
    with connect(postgres_database) as connection:
        connection.execute("CREATE TABLE users (id int)")
        state = read_state(connection, VersionTable())
    assert (state.rows, state.tables, state.version_table_exists) == ((), ("users",), False)
