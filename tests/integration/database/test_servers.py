"""The fixtures themselves: each server gives a database of its own."""

from __future__ import annotations

import psycopg
import pymysql

from migrator.profiles.model import Profile


def test_each_server_gives_a_fresh_database(database: Profile) -> None:
    if database.dialect == "postgresql":
        with psycopg.connect(
            host=database.host, port=database.port, user=database.user, dbname=database.database
        ) as connection:
            assert connection.execute("select current_database()").fetchone() == (database.database,)
            assert connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone() == (0,)
    elif database.dialect == "mysql":
        with pymysql.connect(
            host=database.host, port=database.port or 0, user=database.user, database=database.database
        ) as mysql:
            cursor = mysql.cursor()
            cursor.execute("show tables")
            assert cursor.fetchall() == ()


def test_postgresql_is_there_with_both_drivers(postgres_database: Profile) -> None:
    assert postgres_database.migration_driver in {"asyncpg", "psycopg"}
