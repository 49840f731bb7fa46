"""A project with a short history, its database at head."""

from __future__ import annotations

import pytest
from drifters import opened, with_history
from projects import TinyProject

from migrator.execution.upgrading import upgrade
from migrator.profiles.model import Profile


@pytest.fixture
def at_head(project: TinyProject, local_database: Profile) -> TinyProject:
    """The project, its database on the embedded PostgreSQL 18 at head."""
    with_history(project, local_database)
    upgrade(opened(project))
    return project
