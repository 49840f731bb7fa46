"""``DB_URL`` is taken apart as SQLAlchemy takes it apart."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import URL, make_url

from migrator.profiles.address import for_migrations, parse_address, profile_from_url
from migrator.profiles.model import Profile, Secret

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=12)


@given(user=TEXT, password=TEXT, port=st.integers(1, 65535))
def test_what_sqlalchemy_writes_is_read_back(user: str, password: str, port: int) -> None:
    """Any character in user and password survives, percent-encoded."""
    url = URL.create("postgresql+asyncpg", user, password, "db.example", port, "app", query={"x": "ü &="})
    address = parse_address(url.render_as_string(hide_password=False))
    assert (address.user, address.password, address.port) == (user, password, port)
    assert (address.dialect, address.driver, address.host, address.database) == (
        "postgresql",
        "asyncpg",
        "db.example",
        "app",
    )
    assert address.options == {"x": "ü &="}


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://u:p@h:1/d",
        "postgresql+psycopg://h/d",
        "postgresql://u:@h/d",
        "postgresql://u@[fe80::1%25eth0]:5432/d",
        "mysql+pymysql://u:p%2Bq+r@h/d?charset=utf8mb4",
        "sqlite:////abs/x.db",
        "sqlite:///rel/x.db",
        "sqlite://",
        "postgresql://u:a:b#c@h/d",
        "mssql+pyodbc://u:p@h:1433/d?driver=ODBC+Driver+18+for+SQL+Server",
    ],
)
def test_addresses_mean_what_they_mean_to_sqlalchemy(text: str) -> None:
    ours, theirs = parse_address(text), make_url(text)
    expected = (theirs.username, theirs.host, theirs.port, theirs.database or None)
    assert (ours.user, ours.host, ours.port, ours.database) == expected
    assert (ours.password or "") == (theirs.password or "")
    assert dict(ours.options) == dict(theirs.query)


def test_words_after_the_question_mark_become_settings() -> None:
    address = parse_address(
        "postgres://h/d?sslmode=verify-full&sslrootcert=/ca.pem&connect_timeout=3&application_name=x&options=-c%20a=b"
    )
    assert address.known == {
        "sslmode": "verify-full",
        "sslrootcert": "/ca.pem",
        "connect_timeout": 3.0,
        "application_name": "x",
    }
    assert address.options == {"options": "-c a=b"}


def test_a_socket_and_a_login_may_stand_after_the_question_mark() -> None:
    address = parse_address("postgresql:///d?host=/var/run/postgresql&user=u&password=p&port=6000")
    assert (address.host, address.user, address.password, address.port) == ("/var/run/postgresql", "u", "p", 6000)
    assert parse_address("mysql://u@/d?unix_socket=/run/mysqld/mysqld.sock").host == "/run/mysqld/mysqld.sock"


def test_heroku_and_sqlalchemy_spellings_are_known() -> None:
    assert parse_address("postgres://h/d").dialect == "postgresql"
    assert parse_address("postgresql+psycopg_async://h/d").driver == "psycopg"


@pytest.mark.parametrize(
    "text", ["", "x", "://h/d", "nosuch://h/d", "postgresql+mysql://h/d", "postgresql://u:a@b@h/d"]
)
def test_what_is_no_address_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(ValueError) as told:
        parse_address(text)
    assert not text or text not in str(told.value)


def test_migrations_may_go_past_a_pooler() -> None:
    pooled = Profile(
        name="p", source="file", host="pooler", port=6432, database="app", user="u", password=Secret("s"),
        migration_host="db", migration_port=5432,
    )  # fmt: skip
    direct = for_migrations(pooled)
    assert (direct.host, direct.port, direct.user, direct.password) == ("db", 5432, "u", Secret("s"))
    assert for_migrations(direct) == direct


def test_migrations_may_have_an_address_of_their_own() -> None:
    pooled = profile_from_url("postgresql://app:s@pooler:6432/app")
    as_owner = replace(pooled, migration_url=Secret("postgresql+psycopg://owner:t@db/app"))
    direct = for_migrations(as_owner)
    assert (direct.host, direct.port, direct.user, direct.password) == ("db", 5432, "owner", Secret("t"))
    assert direct.migration_driver == "psycopg"


def test_a_password_does_not_follow_to_another_user() -> None:
    """Only an address for the same user, or none, takes the profile's password along."""
    app = profile_from_url("postgresql://app:s@pooler:6432/app")
    same = for_migrations(replace(app, migration_url=Secret("postgresql://db/app")))
    assert (same.user, same.password) == ("app", Secret("s"))
    other = for_migrations(replace(app, migration_url=Secret("postgresql://owner@db/app")))
    assert (other.user, other.password) == ("owner", None)
