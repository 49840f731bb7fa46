"""Sizes of tables, from what each server knows of them without reading them."""

from __future__ import annotations

from migrator.database.connecting import connect
from migrator.database.estimates import Estimates, TableName, read_estimates
from migrator.profiles.model import Profile

USERS, SHOUTED, ARCHIVED, GONE = (
    TableName("users"),
    TableName("USERS"),
    TableName("users", "archive"),
    TableName("gone"),
)


def test_postgresql_estimates_tables_by_schema_and_partition(postgres_database: Profile) -> None:
    """A table that was analyzed, one of another schema, one that never was, and a partitioned one."""
    with connect(postgres_database) as connection:
        for statement in (
            "CREATE TABLE users (id int)",
            "INSERT INTO users SELECT generate_series(1, 5000)",
            "CREATE SCHEMA archive",
            "CREATE TABLE archive.users (id int)",
            "INSERT INTO archive.users SELECT generate_series(1, 70)",
            "CREATE TABLE fresh (id int)",
            "CREATE TABLE logs (id int) PARTITION BY RANGE (id)",
            "CREATE TABLE logs_1 PARTITION OF logs FOR VALUES FROM (0) TO (100)",
            "CREATE TABLE logs_2 PARTITION OF logs FOR VALUES FROM (100) TO (1000)",
            "INSERT INTO logs SELECT generate_series(0, 299)",
            "ANALYZE users",
            "ANALYZE archive.users",
            "ANALYZE logs_1",
            "ANALYZE logs_2",
        ):
            connection.execute(statement)
        connection.commit()
        wanted = [USERS, SHOUTED, ARCHIVED, GONE, TableName("fresh"), TableName("logs")]
        found = read_estimates(connection, wanted)
    assert dict(found.rows) == {
        USERS: 5000,
        SHOUTED: 5000,
        ARCHIVED: 70,
        TableName("fresh"): None,
        TableName("logs"): 300,
    }
    assert [found.in_words(table) for table in (USERS, ARCHIVED, TableName("fresh"), GONE)] == [
        "users (about 5,000 rows)",
        "archive.users (about 70 rows)",
        "fresh (unknown number of rows)",
        "gone (not there now)",
    ]


def test_mariadb_estimates_tables(mariadb_database: Profile) -> None:
    """InnoDB samples pages; of a small table the figure is exact enough to tell hundreds from none."""
    with connect(mariadb_database) as connection:
        connection.execute("CREATE TABLE users (id int)")
        connection.execute("INSERT INTO users SELECT seq FROM seq_1_to_500")
        connection.commit()
        connection.fetch("ANALYZE TABLE users")
        found = read_estimates(connection, [USERS, GONE, TableName("users", str(mariadb_database.database))])
    assert found.rows[USERS] == found.rows[TableName("users", str(mariadb_database.database))] == 500
    assert GONE not in found.rows


def test_sqlite_keeps_no_figures(sqlite_database: Profile) -> None:
    """Counting would read the whole table."""
    with connect(sqlite_database) as connection:
        connection.execute("CREATE TABLE users (id int)")
        assert read_estimates(connection, [USERS]) == Estimates()


def test_what_was_not_asked_is_unknown_and_one_row_is_one() -> None:
    """Nothing is claimed to be absent where nobody looked."""
    assert Estimates().in_words(USERS) == "users (unknown number of rows)"
    assert Estimates({USERS: 1}).in_words(USERS) == "users (about 1 row)"
