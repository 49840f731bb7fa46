"""Which statements reach from a scratch database to another one."""

from __future__ import annotations

import pytest

from migrator.verification.straying import stray

SCRATCH = "migrator_scratch_0123456789ab"


@pytest.mark.parametrize(
    ("sql", "other"),
    [
        ("USE app", "app"),
        ("USE `app`;", "app"),
        ("INSERT INTO app.users VALUES (1)", "app"),
        ("INSERT INTO users SELECT * FROM app.users", None),
        ("UPDATE `app`.`users` SET a = 1", "app"),
        ("UPDATE users SET users.a = 1", None),
        ("DELETE FROM app.users", "app"),
        ("SELECT * FROM app.users", None),
        ("ALTER TABLE app.users ADD COLUMN x INT", "app"),
        ("DROP TABLE a, app.users", "app"),
        ("DROP TABLE a; DROP TABLE app.users", "app"),
        ("DROP TRIGGER app.tr", "app"),
        ("CREATE INDEX ix ON app.users (a)", "app"),
        ("RENAME TABLE users TO app.users", "app"),
        ("RENAME TABLE users TO people", None),
        ("DROP DATABASE app", "app"),
        ("ALTER DATABASE app CHARACTER SET utf8mb4", "app"),
        ("ALTER DATABASE CHARACTER SET utf8mb4", None),
        ("ALTER SCHEMA DEFAULT COLLATE utf8mb4_bin", None),
        (f"ALTER DATABASE {SCRATCH} CHARACTER SET utf8mb4", None),
        (f"CREATE TABLE {SCRATCH.upper()}.t (a INT)", None),
        ("CREATE TABLE t (a INT, FOREIGN KEY (a) REFERENCES p (id))", None),
    ],
)
@pytest.mark.parametrize("dialect", ["mysql", "mariadb"])
def test_mysql(sql: str, other: str | None, dialect: str) -> None:
    assert stray(sql, dialect, SCRATCH) == other


@pytest.mark.parametrize(
    ("sql", "other"),
    [
        ("CREATE TABLE app.t (a int)", None),
        ("CREATE SCHEMA app", None),
        ("ALTER DATABASE app SET timezone TO 'UTC'", "app"),
        ("DROP DATABASE app", "app"),
        (f"ALTER DATABASE {SCRATCH} SET timezone TO 'UTC'", None),
    ],
)
def test_postgresql(sql: str, other: str | None) -> None:
    assert stray(sql, "postgresql", SCRATCH) == other


@pytest.mark.parametrize(
    ("sql", "other"),
    [
        ("ATTACH DATABASE 'app.db' AS app", "'app.db'"),
        ("attach ? as app", "?"),
        ("ATTACH ':memory:' AS app", None),
        ("CREATE TABLE app.t (a int)", None),
        ("PRAGMA foreign_keys = off", None),
    ],
)
def test_sqlite(sql: str, other: str | None) -> None:
    assert stray(sql, "sqlite", f"/tmp/{SCRATCH}.sqlite3") == other
