"""Databases in which tables are made and filled: one for all tests of a module, a schema for each."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

import pytest
from filled_tables import Tables
from servers import ServerMissing, Servers

from migrator.database.connecting import LightConnection, connect
from migrator.verification.rows.keeper import RowKeeper


@pytest.fixture(scope="module", params=[("embedded-18", "psycopg"), ("postgresql", "asyncpg")], ids="-".join)
def connection(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[LightConnection]:
    """A connection to a fresh database on the newest PostgreSQL and on the oldest, each with another driver."""
    server, driver = request.param
    try:
        servers.profile(server)
    except ServerMissing as reason:
        pytest.skip(f"{server}: {reason}")
    folder = tmp_path_factory.mktemp("rows")
    with servers.database(server, folder=folder, driver=driver) as profile, connect(profile) as opened:
        yield opened


@pytest.fixture
def tables(connection: LightConnection) -> Tables:
    """A fresh schema, which names without one mean."""
    schema = f"s{uuid.uuid4().hex[:8]}"
    connection.execute(f"CREATE SCHEMA {schema}; SET search_path = {schema}")
    return Tables(connection, RowKeeper(connection, "postgresql"), schema)


@pytest.fixture
def make(tables: Tables) -> Callable[[str], Tables]:
    """Make tables and fill them, which must succeed for all of them."""

    def made(sql: str) -> Tables:
        tables.run(sql)
        filled = tables.fill()
        assert filled.unfilled == ()
        return tables

    return made
