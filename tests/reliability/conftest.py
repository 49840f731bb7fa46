"""The drivers of `reliability/` on the servers of the test session."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from servers import ServerMissing, Servers

ROOT = Path(__file__).parents[2]
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

from reliability.processes import Launcher  # noqa: E402
from reliability.servers import Address  # noqa: E402

POOLER = os.environ.get("MIGRATOR_TEST_PGBOUNCER") or shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and count, what needs a PgBouncer that is not there: it is no server that the project must have."""
    left_out = [item for item in items if item.get_closest_marker("needs_pgbouncer")]
    if left_out and POOLER is None:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "needs_pgbouncer: left out, and counted, where PgBouncer is not installed")


@pytest.fixture
def launcher(tmp_path: Path) -> Launcher:
    """Starts processes that write what they say below the test's folder."""
    return Launcher(tmp_path)


@pytest.fixture
def address(servers: Servers) -> Callable[[str], Address]:
    """``address("embedded-18")``: a server of the session, as the drivers want it."""

    def find(server: str) -> Address:
        try:
            profile = servers.profile(server)
        except ServerMissing as reason:
            pytest.skip(f"{server}: {reason}")
        return Address(
            label=server,
            dialect=profile.dialect,
            host=str(profile.host),
            port=profile.port or 5432,
            user=str(profile.user),
            password=profile.password.reveal() if profile.password else None,
            database=str(profile.database),
        )

    return find
