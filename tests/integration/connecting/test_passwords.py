"""Special characters in every part reach the server: proven by servers that check the password."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import logins
import pytest
from logins import Login
from sqlalchemy.exc import DBAPIError
from strict_servers import StrictServer, has_ipv6

from migrator.database.connecting import CannotConnect, Reason, connect
from migrator.profiles.loading import load_profile
from migrator.profiles.model import Profile, Secret

PASSWORDS = [
    "1q2w3e4r!!",
    "p%40:/@#? \"'ü한",
    "%(x)s %s %% ${HOME} $x",
    " spaces at both ends ",
    "back\\slash`tick;semi{brace}",
    "***",
]
ODD_NAMES = ["plain", 'üser "quoted" 한', "a@b:c/d?e#f%20", "Mixed Case"]

postgresql_logins = pytest.mark.parametrize("login", logins.POSTGRESQL.values(), ids=list(logins.POSTGRESQL))
mysql_logins = pytest.mark.parametrize("login", logins.MYSQL.values(), ids=list(logins.MYSQL))


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def role(server: StrictServer, name: str, password: str) -> Iterator[Profile]:
    """A role and its own database of the same name."""
    with connect(server.admin) as admin:
        admin.execute(f"CREATE ROLE {identifier(name)} LOGIN PASSWORD {literal(password)}")
        admin.execute(f"CREATE DATABASE {identifier(name)} OWNER {identifier(name)}")
        try:
            yield replace(server.admin, user=name, database=name, password=Secret(password))
        finally:
            admin.execute(f"DROP DATABASE {identifier(name)} WITH (FORCE)")
            admin.execute(f"DROP ROLE {identifier(name)}")


@pytest.mark.parametrize("password", PASSWORDS)
def test_postgresql_accepts_the_password_and_only_that(strict_postgresql: StrictServer, password: str) -> None:
    """Each way of logging in works with it, and fails with another, so that the server really looked."""
    with role(strict_postgresql, "somebody", password) as profile:
        for way, login in logins.POSTGRESQL.items():
            assert login(profile, "SELECT current_user") == "somebody", way
            with pytest.raises((CannotConnect, DBAPIError)):
                login(replace(profile, password=Secret(password + "x")), "SELECT 1")


@pytest.mark.parametrize("name", ODD_NAMES)
def test_postgresql_users_and_databases_of_any_name(strict_postgresql: StrictServer, name: str) -> None:
    with role(strict_postgresql, name, "p@ss") as profile:
        for way, login in logins.POSTGRESQL.items():
            assert login(profile, "SELECT current_user || '|' || current_database()") == f"{name}|{name}", way


@postgresql_logins
@pytest.mark.parametrize("host", ["::1", "localhost", "socket"])
def test_postgresql_hosts_of_any_form(strict_postgresql: StrictServer, login: Login, host: str) -> None:
    if host == "::1" and not has_ipv6():
        pytest.skip("IPv6: no loopback on this machine")
    place = strict_postgresql.socket if host == "socket" else host
    found = login(replace(strict_postgresql.admin, host=place), "SELECT coalesce(host(inet_server_addr()), 'socket')")
    assert host in (found, "localhost")


@postgresql_logins
def test_a_whole_profile_from_files_logs_in(strict_postgresql: StrictServer, login: Login, tmp_path: Path) -> None:
    """From quotes in a file to the server's answer, settings of the session included."""
    (tmp_path / "env_profiles").mkdir()
    (tmp_path / "secret").write_text("p%40:/@#? \"'ü한\n", encoding="utf-8")
    admin = strict_postgresql.admin
    (tmp_path / "env_profiles" / "local.env").write_text(
        f"DB_HOST={admin.host}\nDB_PORT={admin.port}\nDB_NAME='some body'\nDB_USER='some body'\nDB_PASS_FILE=secret\n"
        "DB_SCHEMA=s 1,public\nDB_LOCK_TIMEOUT=2s\nDB_STATEMENT_TIMEOUT=1min\nDB_APPLICATION_NAME=a b\n"
    )
    profile = load_profile(None, root=tmp_path, environ={})
    assert profile is not None
    question = (
        "SELECT concat_ws('|', current_setting('search_path'), current_setting('lock_timeout'),"
        " current_setting('statement_timeout'), current_setting('application_name'))"
    )
    with role(strict_postgresql, "some body", "p%40:/@#? \"'ü한"):
        assert login(profile, question) == '"s 1", "public"|2s|1min|a b'


@postgresql_logins
def test_a_password_command_is_asked_at_each_login(
    strict_postgresql: StrictServer, login: Login, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text("1q2w3e4r!!\n")
    profile = replace(strict_postgresql.admin, password=None, password_command="cat token", root=tmp_path)
    assert login(profile, "SELECT 1") == 1


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_a_refused_login_is_told_without_the_password(strict_postgresql: StrictServer, driver: str) -> None:
    wrong = replace(strict_postgresql.admin, password=Secret("hunter2"), migration_driver=driver)
    with pytest.raises(CannotConnect, match=r"Cannot connect to .*admin@.*: the login was refused") as told:
        connect(wrong)
    assert (told.value.reason, told.value.may_pass) == (Reason.LOGIN, False)
    assert "hunter2" not in " ".join((told.value.message, str(told.value.remedy), *told.value.details))


# -- MySQL and MariaDB ------------------------------------------------------------------------------------------------


@contextmanager
def mysql_user(server: StrictServer, name: str, password: str) -> Iterator[Profile]:
    with connect(server.admin) as admin:
        admin.execute("CREATE DATABASE `od``d %40/ü`")
        admin.execute("CREATE USER ? IDENTIFIED BY ?", name, password)
        admin.execute("GRANT ALL ON `od``d \\%40/ü`.* TO ?", name)
        try:
            yield replace(server.admin, user=name, password=Secret(password), database="od`d %40/ü")
        finally:
            admin.execute("DROP USER ?", name)
            admin.execute("DROP DATABASE `od``d %40/ü`")


@mysql_logins
@pytest.mark.parametrize("password", PASSWORDS)
def test_mariadb_accepts_the_password_and_only_that(tls_mariadb: StrictServer, login: Login, password: str) -> None:
    with mysql_user(tls_mariadb, "ü@s r:%", password) as profile:
        assert login(profile, "SELECT database()") == "od`d %40/ü"
        with pytest.raises((CannotConnect, DBAPIError)):
            login(replace(profile, password=Secret(password + "x")), "SELECT 1")


@mysql_logins
def test_mariadb_by_its_socket(tls_mariadb: StrictServer, login: Login) -> None:
    assert login(replace(tls_mariadb.admin, host=tls_mariadb.socket), "SELECT 1") == 1


@pytest.mark.parametrize(
    "login", (logins.MYSQL | logins.MYSQL_BY_URL).values(), ids=[*logins.MYSQL, *logins.MYSQL_BY_URL]
)
def test_mariadb_timeouts(tls_mariadb: StrictServer, login: Login) -> None:
    profile = replace(tls_mariadb.admin, lock_timeout=3000, statement_timeout=1500)
    question = "SELECT concat_ws('|', @@lock_wait_timeout, @@innodb_lock_wait_timeout, @@max_statement_time)"
    assert login(profile, question) == "3|3|1.500000"


# -- SQLite -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["plain.db", "a b%20#?ü한.db", 'it\'s "quoted".db', "file:odd.db"])
@pytest.mark.parametrize("asynchronous", [True, False])
def test_sqlite_files_of_any_name(tmp_path: Path, name: str, asynchronous: bool) -> None:
    path = tmp_path / name
    profile = Profile(
        name="p", source="file", dialect="sqlite", database=str(path), driver="pysqlite", migration_driver="pysqlite"
    )
    with connect(profile) as connection:
        assert connection.fetch("SELECT count(*) FROM sqlite_master") == [(0,)]
        assert not path.exists(), "a question creates no file"
        connection.execute("CREATE TABLE t (x)")
        connection.execute("INSERT INTO t VALUES (?)", "1")
    login = logins.engine("aiosqlite" if asynchronous else "pysqlite", asynchronous=asynchronous)
    assert login(profile, "SELECT x FROM t") == "1"
    assert [file.name for file in tmp_path.iterdir()] == [name]
