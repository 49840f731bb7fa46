"""What a profile's settings become: the pool of an engine, and the arguments of its connections behind a pooler."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.pool import AsyncAdaptedQueuePool, NullPool, QueuePool

from migrator.profiles.loading import load_profile
from migrator.profiles.model import Profile
from migrator.runtime import Database, SyncDatabase
from migrator.runtime.pgbouncer import without_sessions
from migrator.runtime.pooling import pool_options

PLACE = {"DB_HOST": "h", "DB_NAME": "n", "DB_USER": "u"}


def load(root: Path, **settings: str) -> Profile:
    profile = load_profile(None, root=root, environ={**PLACE, **settings})
    assert profile is not None
    return profile


def test_each_setting_arrives(tmp_path: Path) -> None:
    options = pool_options(
        load(
            tmp_path,
            DB_POOL_SIZE="3",
            DB_MAX_OVERFLOW="4",
            DB_POOL_TIMEOUT="1500ms",
            DB_POOL_RECYCLE="28000",
            DB_POOL_PRE_PING="false",
        ),
        asynchronous=True,
    )
    kind = options.pop("poolclass")
    assert issubclass(kind, AsyncAdaptedQueuePool)
    assert options == {
        "pool_size": 3,
        "max_overflow": 4,
        "pool_timeout": 1.5,
        "pool_recycle": 28000,
        "pool_pre_ping": False,
        "pool_use_lifo": False,
    }


def test_connections_do_not_grow_old_unless_the_profile_says_so(tmp_path: Path) -> None:
    assert pool_options(load(tmp_path), asynchronous=False)["pool_recycle"] == -1


@pytest.mark.parametrize("kind", [Database, SyncDatabase])
def test_no_size_is_no_pool(tmp_path: Path, kind: type[Database | SyncDatabase]) -> None:
    """SQLAlchemy's own 0 would be a pool without limits."""
    made = kind(load(tmp_path, DB_POOL_SIZE="0"), root=tmp_path)
    assert isinstance(made.engine.pool, NullPool)
    assert set(made.pool_figures().as_dict().values()) == {0}


@pytest.mark.parametrize(
    ("settings", "is_in_memory"),
    [
        ({"DB_NAME": ":memory:"}, True),
        ({"DB_URL": "sqlite:///:memory:"}, True),
        ({"DB_URL": "sqlite:///file:shop?mode=memory&cache=shared&uri=true"}, True),
        ({"DB_URL": "sqlite:///file:shop.sqlite3?mode=ro&uri=true"}, False),
        ({"DB_NAME": "shop.sqlite3"}, False),
    ],
    ids=str,
)
def test_a_database_in_memory_has_one_connection(tmp_path: Path, settings: dict[str, str], is_in_memory: bool) -> None:
    place = {} if "DB_URL" in settings else {"DB_DIALECT": "sqlite"}
    profile = load_profile(None, root=tmp_path, environ={**place, **settings})
    assert profile is not None
    pool = SyncDatabase(profile, root=tmp_path).engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.size() == (1 if is_in_memory else 5)


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_behind_a_pooler_nothing_is_set_while_connecting(tmp_path: Path, driver: str) -> None:
    """Neither settings of the session, which poolers refuse, nor statements that outlive their transaction."""
    profile = load(
        tmp_path, DB_STATEMENT_TIMEOUT="5s", DB_LOCK_TIMEOUT="1s", DB_SCHEMA="app", DB_APPLICATION_NAME="shop"
    )
    arguments: dict[str, Any] = without_sessions(profile, driver)
    assert "options" not in arguments
    if driver == "psycopg":
        assert arguments["prepare_threshold"] is None
        return
    assert arguments["server_settings"] == {"application_name": "shop"}
    assert (arguments["statement_cache_size"], arguments["prepared_statement_cache_size"]) == (0, 0)
    assert arguments["prepared_statement_name_func"]() == ""
