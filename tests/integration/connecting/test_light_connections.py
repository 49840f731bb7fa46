"""A light connection behaves the same on every server and driver."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
from servers import SERVERS_FOLDER, Servers, unique_name

from migrator.database import connecting
from migrator.database.connecting import CannotConnect, DatabaseError, LightConnection, Reason, connect, reachable
from migrator.database.logins import try_logins
from migrator.errors import ExitCode
from migrator.profiles.model import Profile, Secret


@pytest.fixture(params=["pymysql", "asyncmy"])
def mysql_driver(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """asyncmy is only used where PyMySQL is not installed."""
    driver = str(request.param)
    if driver == "asyncmy":
        monkeypatch.setattr(connecting, "find_spec", lambda _: None)
    return driver


def use(connection: LightConnection) -> None:
    """What every connection can do."""
    connection.execute("CREATE TABLE t (id INTEGER, name VARCHAR(20))")
    connection.execute("INSERT INTO t VALUES (?, ?)", 1, "50% of 'a?'")
    connection.execute("INSERT INTO t VALUES (2, 'x%s')")
    assert connection.fetch("SELECT id, name FROM t WHERE name LIKE '%' AND id < ? ORDER BY id", 9) == [
        (1, "50% of 'a?'"),
        (2, "x%s"),
    ]
    assert connection.fetch("SELECT id FROM t WHERE id > 5") == []
    with pytest.raises(DatabaseError) as told:
        connection.fetch("SELECT * FROM no_such_table")
    assert told.value.exit_code is ExitCode.FAILED
    assert "no_such_table" in told.value.message


def test_questions_and_statements(database: Profile) -> None:
    with connect(database) as connection:
        assert connection.dialect == database.dialect
        use(connection)
        connection.close()
        connection.close()


def test_questions_and_statements_with_psycopg(postgres_database: Profile) -> None:
    with connect(postgres_database) as connection:
        use(connection)
        with pytest.raises(DatabaseError) as told:
            connection.fetch("SELECT * FROM no_such_table")
        assert told.value.sqlstate == "42P01"
        connection.execute("SELECT 1; SELECT 2")


def test_questions_and_statements_with_both_mysql_drivers(mariadb_database: Profile, mysql_driver: str) -> None:
    with connect(mariadb_database) as connection:
        use(connection)
        with pytest.raises(DatabaseError) as told:
            connection.fetch("SELECT * FROM no_such_table")
        assert told.value.number == 1146
    with pytest.raises(CannotConnect) as refused:
        connect(replace(mariadb_database, password=Secret("wrong")))
    assert refused.value.reason is Reason.LOGIN


def test_without_autocommit_nothing_stays_that_was_not_committed(database: Profile) -> None:
    with connect(database) as connection:
        connection.execute("CREATE TABLE t (id INTEGER)")
    with connect(database, autocommit=False) as writer, connect(database) as reader:
        writer.execute("INSERT INTO t VALUES (1)")
        writer.rollback()
        writer.execute("INSERT INTO t VALUES (2)")
        writer.commit()
        writer.execute("INSERT INTO t VALUES (3)")
        assert reader.fetch("SELECT id FROM t") == [(2,)]
        writer.rollback()


def test_it_works_under_a_running_loop(database: Profile) -> None:
    """A notebook, or an application that starts its own migrations."""

    async def ask() -> list[tuple[int]]:
        with connect(database) as connection:
            return connection.fetch("SELECT 1")

    assert asyncio.run(ask()) == [(1,)]
    connection = connect(database)

    async def ask_through(given: LightConnection) -> list[tuple[int]]:
        return given.fetch("SELECT 2")

    assert asyncio.run(ask_through(connection)) == [(2,)]
    assert connection.fetch("SELECT 3") == [(3,)]
    connection.close()


def test_a_lost_connection_is_told_as_such(postgres_database: Profile) -> None:
    with connect(postgres_database) as doomed, connect(postgres_database) as other:
        ((pid,),) = doomed.fetch("SELECT pg_backend_pid()")
        other.fetch("SELECT pg_terminate_backend(?)", pid)
        for _ in range(2):
            with pytest.raises(CannotConnect) as told:
                doomed.fetch("SELECT 1")
            assert told.value.reason is Reason.LOST


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
@pytest.mark.parametrize(
    ("change", "reason", "may_pass"),
    [
        ({"port": 1}, Reason.REFUSED, True),
        ({"host": "no-such-host.invalid"}, Reason.NO_SUCH_HOST, True),
        ({"host": "/no/such/folder"}, Reason.REFUSED, True),
        ({"database": "no such database"}, Reason.NO_SUCH_DATABASE, False),
        ({"user": "nobody at all"}, Reason.LOGIN, False),
    ],
    ids=lambda value: str(value) if isinstance(value, Reason) else "",
)
def test_why_there_is_no_connection(
    servers: Servers, driver: str, change: dict[str, Any], reason: Reason, may_pass: bool
) -> None:
    """The reason decides whether waiting makes sense, and what to type next."""
    profile = replace(servers.profile("embedded-18"), host="127.0.0.1", port=1, migration_driver=driver)
    if reason in (Reason.NO_SUCH_DATABASE, Reason.LOGIN):
        profile = replace(servers.profile("embedded-18"), migration_driver=driver)
    with pytest.raises(CannotConnect) as told:
        connect(replace(profile, **change))
    assert (told.value.reason, told.value.may_pass) == (reason, may_pass)
    assert told.value.exit_code is ExitCode.UNREACHABLE
    assert "migrator profile show --env" in str(told.value.remedy) or profile.source != "file"
    assert try_logins([replace(profile, **change)], root=SERVERS_FOLDER)["test"] is not None


def test_an_attempt_to_connect_has_an_end(unused_listener: int) -> None:
    profile = Profile(name="p", source="file", host="127.0.0.1", port=unused_listener, database="x", user="u")
    for driver in ("asyncpg", "psycopg"):
        with pytest.raises(CannotConnect) as told:
            connect(replace(profile, connect_timeout=2.0, migration_driver=driver, sslmode="disable"))
        assert told.value.reason is Reason.TIMEOUT, driver


@pytest.fixture
def unused_listener() -> Iterator[int]:
    """A port that accepts connections and never says a word."""
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


def test_an_embedded_profile_finds_its_server_and_makes_its_database(servers: Servers) -> None:
    administration = servers.profile("embedded-18")
    name = f'{unique_name()} "ü'
    profile = Profile(name="p", source="file", embedded=18, database=name, schema="app", search_path=("app",))
    try:
        for _ in range(2):
            found = reachable(profile, root=SERVERS_FOLDER)
            with connect(found) as connection:
                assert connection.fetch("SELECT current_database()") == [(name,)]
        assert (found.host, found.port) == (administration.host, administration.port)
        assert reachable(found, root=SERVERS_FOLDER) == found
    finally:
        with connect(administration) as connection, suppress(DatabaseError):
            connection.execute('DROP DATABASE "' + name.replace('"', '""') + '"')


def test_another_profile_is_reachable_as_it_is() -> None:
    profile = Profile(name="p", source="file", host="db", database="x")
    assert reachable(profile, root=SERVERS_FOLDER) is profile


def test_an_sqlite_file_in_a_folder_that_is_not_there(sqlite_database: Profile) -> None:
    with pytest.raises(CannotConnect, match="Cannot connect to") as told:
        connect(replace(sqlite_database, database="/no/such/folder/x.db"))
    assert told.value.reason is Reason.NO_SUCH_DATABASE
    assert "create the folder" in str(told.value.remedy)
