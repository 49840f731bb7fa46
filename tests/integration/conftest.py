"""Servers that check passwords and speak TLS, one of each kind for all tests that ask for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import strict_servers
from strict_servers import StrictServer


@pytest.fixture(scope="session")
def strict_postgresql() -> Iterator[StrictServer]:
    """The wheel's PostgreSQL 18, asking for passwords."""
    with strict_servers.postgresql(None, tls=False) as server:
        yield server


@pytest.fixture(scope="session")
def tls_postgresql() -> Iterator[StrictServer]:
    """The system's PostgreSQL with TLS, asking for passwords."""
    programs = strict_servers.system_postgresql()
    if programs is None:
        pytest.skip("PostgreSQL with TLS: no initdb of the system")
    with strict_servers.postgresql(programs, tls=True) as server:
        yield server


@pytest.fixture(scope="session")
def tls_mariadb() -> Iterator[StrictServer]:
    """A private MariaDB with TLS."""
    if not strict_servers.has_mariadb():
        pytest.skip("MariaDB with TLS: no mariadbd and mariadb-install-db of the system")
    with strict_servers.mariadb() as server:
        yield server
