"""Applications on fresh databases of real servers, each made from a profile file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from applications import MARIADB, POSTGRESQL, Ground, Kind
from own_pooler import PROGRAM
from servers import ServerMissing, Servers


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and count, what needs a PgBouncer that is not there: it is no server that the project must have."""
    left_out = [item for item in items if item.path.name == "test_through_pgbouncer.py"]
    if left_out and PROGRAM is None:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def _ground(kind: Kind, servers: Servers, folder: Path) -> Iterator[Ground]:
    try:
        servers.profile(kind.server)
    except ServerMissing as reason:
        pytest.skip(f"{kind.server}: {reason}")
    root = folder / "application"
    root.mkdir()
    with servers.database(kind.server, folder=folder, driver=kind.driver) as profile:
        yield Ground(kind, profile, root)


@pytest.fixture(params=[*POSTGRESQL, *MARIADB], ids=str)
def ground(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[Ground]:
    """A fresh database for each kind of application on a server."""
    yield from _ground(request.param, servers, tmp_path)


@pytest.fixture(params=POSTGRESQL, ids=str)
def postgres_ground(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[Ground]:
    """A fresh database for each kind of application on PostgreSQL."""
    yield from _ground(request.param, servers, tmp_path)


@pytest.fixture(params=[kind for kind in (*POSTGRESQL, *MARIADB) if kind.asynchronous], ids=str)
def asynchronous_ground(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[Ground]:
    """A fresh database for each kind of asynchronous application."""
    yield from _ground(request.param, servers, tmp_path)
