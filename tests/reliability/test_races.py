"""Eight processes at the same instant: all exit with 0, and the database is as one alone makes it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from servers import POSTGRESQL

from reliability.processes import Launcher
from reliability.race import race
from reliability.servers import Address
from reliability.workspace import make_workspace


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
@pytest.mark.parametrize("server", POSTGRESQL)
def test_every_process_succeeds_and_each_revision_is_applied_once(
    server: str, driver: str, launcher: Launcher, tmp_path: Path, address: Callable[[str], Address]
) -> None:
    workspace = make_workspace(tmp_path, "postgresql", "migrator", driver)
    result = asyncio.run(race(launcher, workspace, address(server), rounds=1))
    assert (result.rounds, result.failed_rounds) == (1, 0), result.reasons
