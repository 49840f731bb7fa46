"""Rows on MariaDB and on SQLite: the same calls, the same promises as far as the servers check them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from servers import ServerMissing, Servers

from migrator.database.connecting import DatabaseError, LightConnection, connect
from migrator.verification.rows.contents import compare_contents
from migrator.verification.rows.keeper import RowKeeper

SHARED = """
CREATE TABLE tenants (id integer PRIMARY KEY, name varchar(50) NOT NULL UNIQUE);
CREATE TABLE users (id integer PRIMARY KEY, tenant_id integer NOT NULL, boss_id integer, age integer,
    email varchar(200) NOT NULL, state varchar(10) NOT NULL DEFAULT 'new', note text,
    CHECK (age >= 18 AND age <= 65), CONSTRAINT states CHECK (state IN ('new', 'a)b')), UNIQUE (email),
    FOREIGN KEY (tenant_id) REFERENCES tenants (id), FOREIGN KEY (boss_id) REFERENCES users (id));
CREATE TABLE items (user_id integer NOT NULL, n smallint NOT NULL, price decimal(6,2), made datetime, day date,
    CHECK (n BETWEEN 1 AND 3), CHECK (price > 0 AND price < 100), PRIMARY KEY (user_id, n),
    FOREIGN KEY (user_id) REFERENCES users (id));
"""
MARIADB = """
CREATE TABLE every (id bigint unsigned AUTO_INCREMENT PRIMARY KEY, ti tinyint, b bool, si smallint unsigned,
    mi mediumint, i int, d numeric(12,4), f float, db double, c char(5), v varchar(500), tt tinytext, t text,
    lt longtext, j json, bi binary(16), vb varbinary(20), bl blob, dt date, dtm datetime(6), ts timestamp NULL, tm time,
    y year, e enum('a','it''s'), s set('x','y'), bt bit(5), p point, poly polygon, u uuid, i4 inet4, i6 inet6,
    g int AS (ti + 1) STORED, late datetime CHECK (late > '2030-01-01'));
CREATE TABLE a (id int PRIMARY KEY, b_id int NOT NULL);
CREATE TABLE b (id int PRIMARY KEY, a_id int NOT NULL, FOREIGN KEY (a_id) REFERENCES a (id));
ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b (id);
CREATE TABLE nodes (id int AUTO_INCREMENT PRIMARY KEY, parent_id int NOT NULL,
    FOREIGN KEY (parent_id) REFERENCES nodes (id))
"""
SQLITE = """
CREATE TABLE every (id integer PRIMARY KEY, b boolean CHECK (b IN (0, 1)), t text, bl blob, f float, n numeric(5,2),
    dt date, dtm datetime DEFAULT current_timestamp, tm time, j json, u char(32), g int AS (id + 1), odd);
CREATE TABLE parts (a integer REFERENCES tenants, b integer, PRIMARY KEY (a, b)) WITHOUT ROWID;
CREATE UNIQUE INDEX "by text" ON every (lower(t));
"""


@dataclass
class Filled:
    connection: LightConnection
    keeper: RowKeeper

    def rows(self, table: str) -> list[dict[str, str | None]]:
        held = self.keeper.contents([(None, table)]).tables[None, table]
        return [dict(zip(held.columns, row, strict=True)) for row in held.rows]

    def refuses(self, statement: str) -> bool:
        try:
            self.connection.execute(statement)
        except DatabaseError:
            return True
        return False


@pytest.fixture(scope="module", params=["mariadb", "sqlite"])
def filled(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Filled]:
    """Tables with rows; the tests only add to them."""
    folder = tmp_path_factory.mktemp("rows")
    try:
        servers.profile(request.param)
    except ServerMissing as reason:
        pytest.skip(f"{request.param}: {reason}")
    with servers.database(request.param, folder=folder) as profile:
        Path(str(profile.database)).touch() if request.param == "sqlite" else None
        with closing(connect(profile)) as connection:
            for statement in (SHARED + (SQLITE if request.param == "sqlite" else MARIADB)).split(";\n"):
                if statement.strip():
                    connection.execute(statement)
            keeper = RowKeeper(connection, profile.dialect)
            assert keeper.fill().unfilled == ()
            yield Filled(connection, keeper)


def test_every_column_has_a_value_and_a_null(filled: Filled) -> None:
    rows = filled.rows("every")
    assert [name for name, value in rows[0].items() if value is None] == []
    assert {name for name, value in rows[-1].items() if value is not None} <= {"id", "g", "dtm"}


def test_constraints_hold_and_what_is_free_is_alike(filled: Filled) -> None:
    users, items = filled.rows("users"), filled.rows("items")
    assert all(row["age"] is None or 18 <= int(row["age"]) <= 65 for row in users)
    assert {row["state"] for row in users} <= {"new", "a)b"}
    assert len({row["email"] for row in users}) == 3
    assert users[0]["note"] == users[1]["note"] is not None
    assert [row["boss_id"] is None for row in users] == [False, False, True]
    assert {row["user_id"] for row in items} <= {row["id"] for row in users}
    assert {len({row[name] for row in items}) for name in ("user_id", "n")} == {2, 3}
    assert {len(str(row["email"])) for row in users} == {200}


def test_defects_show(filled: Filled) -> None:
    assert filled.refuses(
        "CREATE UNIQUE INDEX x ON users (note(20))" if _is_mysql(filled) else "CREATE UNIQUE INDEX x ON users (note)"
    )
    if _is_mysql(filled):
        assert filled.refuses("ALTER TABLE users MODIFY note text NOT NULL")
        assert filled.refuses("ALTER TABLE users MODIFY email varchar(100) NOT NULL")
        assert filled.refuses("ALTER TABLE users MODIFY note int")
        assert filled.refuses("ALTER TABLE every MODIFY e enum('a')")
    else:
        assert filled.refuses("ALTER TABLE users ADD COLUMN must text NOT NULL")


def test_a_new_column_is_filled_and_its_loss_is_seen(filled: Filled) -> None:
    place = (None, "tenants")
    filled.connection.execute("ALTER TABLE tenants ADD COLUMN motto varchar(30)")
    assert filled.keeper.fill([place]).unfilled == ()
    assert [row["motto"] is None for row in filled.rows("tenants")] == [False, False, True]
    before = filled.keeper.contents([place])
    filled.connection.execute("ALTER TABLE tenants DROP COLUMN motto")
    filled.connection.execute("ALTER TABLE tenants ADD COLUMN motto varchar(30)")
    assert [(each.column, each.number) for each in compare_contents(before, filled.keeper.contents([place]))] == [
        ("motto", 2)
    ]


def test_tables_are_emptied_with_what_refers_to_them(filled: Filled) -> None:
    filled.keeper.empty([(None, "tenants")])
    assert [len(filled.rows(name)) for name in ("tenants", "users", "items")] == [0, 0, 0]
    assert filled.rows("every")
    assert filled.keeper.fill([(None, "tenants"), (None, "users"), (None, "items")]).unfilled == ()
    assert [len(filled.rows(name)) for name in ("tenants", "users", "items")] == [3, 3, 3]


def _is_mysql(filled: Filled) -> bool:
    return filled.connection.dialect == "mysql"
