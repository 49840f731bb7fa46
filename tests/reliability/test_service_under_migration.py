"""A sample of the load that `python -m reliability.service` keeps up for a minute."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from reliability.servers import Address
from reliability.service import under_migration
from reliability.workspace import HISTORY

FURTHER = len([*(HISTORY / "service").glob("*.py")])


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_no_request_fails_while_migrations_are_applied_and_reverted(
    driver: str, tmp_path: Path, address: Callable[[str], Address]
) -> None:
    result = asyncio.run(under_migration(tmp_path, address("embedded-18"), driver, seconds=8, clients=4))
    assert result.problems == {}
    assert result.failed == 0
    assert result.applied == result.reverted >= FURTHER
    assert result.requests > 50
