"""The server crashes, its disk is full, the lock's holder dies, a pooler is in the way: a sample of each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from reliability.company import holder_killed, orphaned_build, poolers
from reliability.crashes import full_disk, restarts
from reliability.processes import Launcher
from reliability.scenario import ScenarioResult
from reliability.servers import Address
from reliability.workspace import Workspace, make_workspace


@pytest.fixture(params=["asyncpg", "psycopg"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path, "postgresql", "migrator", request.param)


def require_all_well(result: ScenarioResult) -> None:
    assert result.failures == []
    assert result.passed == result.tried > 0


def test_a_restart_in_the_middle_of_a_revision(launcher: Launcher, workspace: Workspace) -> None:
    require_all_well(asyncio.run(restarts(launcher, workspace, every=5)))


@pytest.mark.needs_root
def test_a_full_disk(launcher: Launcher, tmp_path: Path) -> None:
    """A small file system has to be mounted."""
    large = make_workspace(tmp_path, "postgresql", "migrator", "psycopg", further="disk")
    require_all_well(asyncio.run(full_disk(launcher, large, left=(2, 20))))


def test_one_of_seven_takes_over_when_the_holder_of_the_lock_is_killed(
    launcher: Launcher, workspace: Workspace, address: Callable[[str], Address]
) -> None:
    require_all_well(asyncio.run(holder_killed(launcher, workspace, address("embedded-18"), times=1)))


def test_a_run_that_meets_the_index_build_of_a_killed_one(
    launcher: Launcher, workspace: Workspace, address: Callable[[str], Address]
) -> None:
    require_all_well(asyncio.run(orphaned_build(launcher, workspace, address("embedded-18"), times=1)))


@pytest.mark.needs_pgbouncer
def test_pgbouncer_in_both_modes(launcher: Launcher, workspace: Workspace, address: Callable[[str], Address]) -> None:
    refused, raced = asyncio.run(poolers(launcher, workspace, address("embedded-18")))
    require_all_well(refused)
    require_all_well(raced)
