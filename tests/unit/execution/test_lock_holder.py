"""Which database a lock is asked for where no profile names it."""

from __future__ import annotations

import pytest

from migrator.execution.lock_holder import database_of


@pytest.mark.parametrize(
    ("location", "database"),
    [
        ("postgresql+psycopg://u:***@db:5432/shop", "shop"),
        ("postgresql+psycopg://u:***@h1:1,h2:2/shop?target_session_attrs=primary", "shop"),
        ("postgresql+asyncpg://u@/shop?host=h1:1&host=h2:2", "shop"),
        ("mysql+pymysql://root@127.0.0.1/a%20b", "a b"),
        ("sqlite:////srv/shop.sqlite3", "/srv/shop.sqlite3"),
        ("sqlite://", None),
        ("somethingelse://u@h/shop", "shop"),
    ],
)
def test_the_database_is_read_from_the_url(location: str, database: str | None) -> None:
    assert database_of(location) == database
