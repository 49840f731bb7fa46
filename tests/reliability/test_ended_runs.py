"""A sample of the matrix that `make reliability` tries whole: runs ended in every way, and the next one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from reliability.cells import MatrixResult, matrix
from reliability.disturbances import Disturbance
from reliability.processes import Launcher
from reliability.servers import Address
from reliability.workspace import make_workspace

# Primes: the sample meets each kind and each side of a statement, at ever other statements.
EVERY = {"postgresql": 97, "mysql": 89}


def sample(launcher: Launcher, folder: Path, server: Address, driver: str, direction: str) -> MatrixResult:
    workspace = make_workspace(folder, server.dialect, "migrator", driver)
    every = EVERY[server.dialect]
    return asyncio.run(matrix(launcher, workspace, server, direction, list(Disturbance), every=every))


def require_all_well(result: MatrixResult) -> None:
    assert set(result.by_kind) == {how.name.lower() for how in Disturbance}
    assert result.cells >= 12
    assert result.failures == [], json.dumps(asdict(result)["failures"], indent=1)
    assert result.recovered + result.half_applied == result.cells


@pytest.mark.parametrize("direction", ["upgrade", "downgrade"])
@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_the_next_run_on_postgresql_brings_everything_where_it_belongs(
    driver: str, direction: str, launcher: Launcher, tmp_path: Path, address: Callable[[str], Address]
) -> None:
    result = sample(launcher, tmp_path, address("embedded-18"), driver, direction)
    require_all_well(result)
    assert result.half_applied == 0


@pytest.mark.parametrize("driver", ["asyncmy", "pymysql"])
def test_the_next_run_on_mariadb_brings_it_to_the_head_or_says_truly_what_is_there(
    driver: str, launcher: Launcher, tmp_path: Path, address: Callable[[str], Address]
) -> None:
    require_all_well(sample(launcher, tmp_path, address("mariadb"), driver, "upgrade"))
