"""Snapshots of MariaDB: they differ when the server's own words do; the statements between them make one the other."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from mariadb_pairs import PAIRS, Pair, Script
from servers import ServerMissing, Servers

from migrator.database.connecting import LightConnection, connect
from migrator.database.snapshot.comparing import compare
from migrator.database.snapshot.ddl import statements
from migrator.database.snapshot.model import Kind, Snapshot
from migrator.database.snapshot.mysql.reading import read
from migrator.profiles.model import Profile

_MEANINGLESS = re.compile(r"DEFINER=\S+ | AUTO_INCREMENT=\d+")


@dataclass
class Side:
    """A database that is built anew for each pair."""

    name: str
    connection: LightConnection

    def build(self, script: Script) -> None:
        self.connection.execute(f"DROP DATABASE {self.name}")
        self.connection.execute(f"CREATE DATABASE {self.name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
        self.connection.execute(f"USE {self.name}")
        self.run(script)

    def run(self, script: Script) -> None:
        for statement in script:
            self.connection.execute(statement)

    def snapshot(self) -> Snapshot:
        return read(self.connection, frozenset())

    def words(self) -> set[str]:
        """What mariadb-dump prints: the server's statement for each object."""
        found = set[str]()
        for catalog, kind in (
            ("TABLES", "TABLE"),
            ("TRIGGERS", "TRIGGER"),
            ("ROUTINES", "ROUTINE"),
            ("EVENTS", "EVENT"),
        ):
            column = "table_type, table_name" if kind == "TABLE" else f"'{kind}', {kind}_name"
            column = "routine_type, routine_name" if kind == "ROUTINE" else column
            schema = f"{kind}_schema"
            for what, name in self.connection.fetch(
                f"SELECT {column} FROM information_schema.{catalog} WHERE {schema} = DATABASE()"
            ):
                shown = "TABLE" if what in ("BASE TABLE", "SYSTEM VERSIONED") else what
                row = self.connection.fetch(f"SHOW CREATE {shown} `{name}`")[0]
                text = next(str(part) for part in row[1:] if str(part).startswith("CREATE"))
                found.add(_MEANINGLESS.sub("", text.replace(f"`{self.name}`", "`db`")))
        return found


@pytest.fixture(scope="module")
def sides(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Side, Side]]:
    folder = tmp_path_factory.mktemp("sides")
    try:
        servers.profile("mariadb")
    except ServerMissing as reason:
        pytest.skip(f"mariadb: {reason}")
    with (
        servers.database("mariadb", folder=folder) as one,
        servers.database("mariadb", folder=folder) as other,
        connect(one) as first,
        connect(other) as second,
    ):
        yield Side(str(one.database), first), Side(str(other.database), second)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name)
def test_snapshots_differ_when_schemas_do_and_statements_make_one_of_the_other(
    sides: tuple[Side, Side], pair: Pair
) -> None:
    before, after = sides
    before.build(pair.before)
    after.build(pair.after)
    wanted, former = after.snapshot(), before.snapshot()
    differences = compare(former, wanted)
    named = {str(difference.key) for difference in differences}
    if pair.of is None:
        assert not named
        return
    assert pair.of in named
    assert before.words() != after.words(), "the server sees no difference"
    for side, start, goal in ((before, former, wanted), (after, wanted, former)) if pair.by_statements else ():
        written = statements(compare(start, goal), "mysql")
        assert not [statement for statement in written if statement.startswith("--")]
        side.run(written)
        assert compare(side.snapshot(), goal) == (), written


def test_as_many_questions_for_many_tables_as_for_one(sides: tuple[Side, Side]) -> None:
    side, _ = sides
    counts = []
    for number in (1, 6):
        side.build(tuple(f"CREATE TABLE t{each} (id INT PRIMARY KEY, n INT UNIQUE)" for each in range(number)))
        asked: list[str] = []

        class Counting:
            dialect = "mysql"

            def fetch(self, sql: str, /, *parameters: object, asked: list[str] = asked) -> list[tuple[object, ...]]:
                asked.append(sql)
                return side.connection.fetch(sql, *parameters)

        assert sum(1 for _ in read(Counting(), frozenset()).of_kind(Kind.TABLE)) == number
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_tables_left_out_leave_no_part_behind(sides: tuple[Side, Side]) -> None:
    side, _ = sides
    side.build(("CREATE TABLE kept (a INT)",))
    wanted = side.snapshot()
    side.run(("CREATE TABLE migrator_lease (a INT PRIMARY KEY)",))
    side.run(("CREATE TABLE Alembic_Version (a INT PRIMARY KEY, b INT CHECK (b > 0), KEY ix (b))",))
    assert read(side.connection, frozenset({"alembic_version"})) == wanted
    assert side.snapshot() != wanted


def test_another_driver_reads_the_same(mariadb_database: Profile, tmp_path: Path) -> None:
    from sqlalchemy import create_engine

    from migrator.database.connection_reader import ConnectionReader

    everything = next(pair for pair in PAIRS if pair.name == "table with everything")
    with connect(mariadb_database) as connection:
        for statement in everything.after:
            connection.execute(statement)
        connection.commit()
        light = read(connection, frozenset())
    profile = mariadb_database
    engine = create_engine(f"mysql+pymysql://{profile.user}@{profile.host}:{profile.port}/{profile.database}")
    with engine.connect() as opened:
        assert read(ConnectionReader(opened), frozenset()).objects == light.objects
    engine.dispose()
