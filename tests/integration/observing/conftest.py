"""A database with a table, and who is connected to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playing import Stage, stage_of

from migrator.profiles.model import Profile


@pytest.fixture
def stage(postgres_database: Profile) -> Iterator[Stage]:
    """On each PostgreSQL, with each driver."""
    with stage_of(postgres_database) as made:
        yield made


@pytest.fixture
def local_stage(local_database: Profile) -> Iterator[Stage]:
    """On the embedded PostgreSQL 18, with asyncpg."""
    with stage_of(local_database) as made:
        yield made
