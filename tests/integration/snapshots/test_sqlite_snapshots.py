"""Snapshots of SQLite: they differ when the schema does, and the statements between them make the one the other."""

from __future__ import annotations

from contextlib import closing

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import create_engine
from sqlite_pairs import PAIRS, PARENT, Pair, Script

from migrator.database.connecting import LightConnection, connect
from migrator.database.snapshot.comparing import compare
from migrator.database.snapshot.ddl import statements
from migrator.database.snapshot.model import Kind, Snapshot
from migrator.database.snapshot.sqlite.reading import read
from migrator.profiles.model import Profile

MEMORY = Profile(
    name="test",
    source="process",
    dialect="sqlite",
    driver="aiosqlite",
    migration_driver="aiosqlite",
    database=":memory:",
)


def built(script: Script) -> LightConnection:
    connection = connect(MEMORY)
    for statement in script:
        connection.execute(statement)
    return connection


def snapshot_of(script: Script) -> Snapshot:
    with closing(built(script)) as connection:
        return read(connection, frozenset())


def texts_of(script: Script) -> list[tuple[object, ...]]:
    with closing(built(script)) as connection:
        return connection.fetch("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY type, name")


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_snapshots_differ_when_schemas_do(pair: Pair) -> None:
    assert texts_of(pair.before) != texts_of(pair.after), "a pair whose texts are equal shows nothing"
    differences = compare(snapshot_of(pair.before), snapshot_of(pair.after))
    named = {str(difference.key) for difference in differences}
    assert (pair.of in named) if pair.of else not named, named


@pytest.mark.parametrize("forth", [True, False], ids=["forth", "back"])
@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair.of], ids=lambda pair: pair.name)
def test_statements_make_one_of_the_other(pair: Pair, forth: bool) -> None:
    start, goal = (pair.before, pair.after) if forth else (pair.after, pair.before)
    wanted = snapshot_of(goal)
    with closing(built(start)) as connection:
        written = statements(compare(read(connection, frozenset()), wanted), "sqlite")
        told = [statement for statement in written if statement.startswith("--")]
        if pair.in_place not in ("both", "forth" if forth else "back"):
            assert told
            return
        assert not told
        for statement in written:
            connection.execute(statement)
        assert compare(read(connection, frozenset()), wanted) == ()


def test_a_batch_rewrite_that_changes_nothing_is_no_difference(sqlite_database: Profile) -> None:
    script = (
        PARENT,
        "CREATE TABLE t (id INTEGER PRIMARY KEY, at TIMESTAMP DEFAULT CURRENT_TIMESTAMP, day DATETIME,"  # noqa: ISC004
        " n NUMERIC(10,2) DEFAULT (1 + 2) NOT NULL, name VARCHAR(20) DEFAULT 'x', parent INT REFERENCES parent,"
        " CONSTRAINT uq_name UNIQUE (name), CONSTRAINT ck_n CHECK (n>0))",
        "CREATE INDEX ix_day ON t (day)",
    )
    engine = create_engine(f"sqlite:///{sqlite_database.database}")
    with closing(connect(sqlite_database)) as connection:
        for statement in script:
            connection.execute(statement)
        connection.commit()
        before = read(connection, frozenset())
        texts = connection.fetch("SELECT sql FROM sqlite_master")
        connection.commit()
        for _ in range(2):
            with engine.begin() as rewriting:
                operations = Operations(MigrationContext.configure(rewriting))
                with operations.batch_alter_table("t", recreate="always"):
                    pass
        assert connection.fetch("SELECT sql FROM sqlite_master") != texts
        assert compare(before, read(connection, frozenset())) == ()
    engine.dispose()


def test_tables_left_out_leave_no_part_behind() -> None:
    snapshot = snapshot_of(("CREATE TABLE kept (a INT)",))
    with closing(
        built(
            (
                "CREATE TABLE kept (a INT)",
                "CREATE TABLE migrator_ledger (a INT)",
                "CREATE TABLE Alembic_Version (a INT)",
                "CREATE INDEX ix ON alembic_version (a)",
            )
        )
    ) as connection:
        assert read(connection, frozenset({"alembic_version"})) == snapshot


def test_a_database_without_a_file_has_an_empty_schema(sqlite_database: Profile) -> None:
    with connect(sqlite_database) as connection:
        assert len(read(connection, frozenset())) == 0


def test_names_given_to_constraints_are_written_again() -> None:
    (difference,) = compare(snapshot_of(()), snapshot_of(("CREATE TABLE t (a INT, CONSTRAINT uq_a UNIQUE (a))",)))
    assert "CONSTRAINT uq_a UNIQUE (a)" in statements(difference, "sqlite")[0]


def test_a_rebuild_names_the_batch_operation() -> None:
    before = snapshot_of(("CREATE TABLE t (a INT, b INT, CONSTRAINT ck CHECK (a > 0))",))
    after = snapshot_of(("CREATE TABLE t (a INT NOT NULL, b INT)",))
    assert statements(compare(before, after), "sqlite")[1:] == (
        '-- with op.batch_alter_table("t", recreate="always") as batch:',
        '--     batch.alter_column("a", ...)  # a INTEGER NOT NULL',
        '--     batch.drop_constraint("ck")',
    )


def test_a_large_schema_takes_two_questions() -> None:
    script = tuple(f"CREATE TABLE t{number} (id INTEGER PRIMARY KEY, a TEXT)" for number in range(50))
    with closing(built(script)) as connection:
        asked: list[str] = []

        class Counting:
            dialect = "sqlite"

            def fetch(self, sql: str, /, *parameters: object) -> list[tuple[object, ...]]:
                asked.append(sql)
                return connection.fetch(sql, *parameters)

        assert sum(1 for _ in read(Counting(), frozenset()).of_kind(Kind.TABLE)) == 50
        assert len(asked) == 2
