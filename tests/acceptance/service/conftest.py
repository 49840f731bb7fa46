"""A running service on a migrated database of its own, shared by the tests of a file: each uses names of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest
from servers import Servers
from serving import Service, migrated, service_project

from migrator.profiles.model import Profile


@dataclass(frozen=True)
class Served:
    """A service that serves: its process, a client of it, and the database that it is on."""

    service: Service
    client: httpx.Client
    profile: Profile


@pytest.fixture(scope="module", params=["asyncpg", "psycopg"])
def served(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    """The service on the embedded PostgreSQL 18, with each driver in turn."""
    folder = tmp_path_factory.mktemp("served")
    with servers.database("embedded-18", folder=folder, driver=request.param) as profile:
        project = migrated(service_project(folder, profile))
        with Service(project) as service, service.serving() as client:
            yield Served(service, client, profile)


@pytest.fixture
def client(served: Served) -> httpx.Client:
    """A client of the service."""
    return served.client


@pytest.fixture
def there(served: Served) -> Profile:
    """The database of the service."""
    return served.profile
