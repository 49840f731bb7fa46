"""A real PgBouncer, where there is one: on ``PATH`` or named by ``MIGRATOR_TEST_PGBOUNCER``."""

from __future__ import annotations

import os
import shutil

import pytest

PGBOUNCER = (
    os.environ.get("MIGRATOR_TEST_PGBOUNCER") or shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, and count, what needs a PgBouncer that is not there: it is no server that the project must have."""
    left_out = [item for item in items if item.path.name == "test_poolers.py"]
    if left_out and PGBOUNCER is None:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


@pytest.fixture
def pgbouncer() -> str:
    """The program."""
    assert PGBOUNCER is not None
    return PGBOUNCER
