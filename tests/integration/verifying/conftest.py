"""Projects whose scratch databases are made on the servers of the test session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from projects import TinyProject, make_project
from servers import Servers
from verifying_histories import prepared

from migrator.profiles.model import Profile
from migrator.project import Project, open_project


@pytest.fixture
def scratch_server(servers: Servers) -> Profile:
    """The server that scratch databases are made on: the session's embedded PostgreSQL 18."""
    return servers.profile("embedded-18")


@pytest.fixture
def history(tmp_path: Path, scratch_server: Profile) -> TinyProject:
    """A project with a synchronous env.py, without revisions; its own database cannot be reached."""
    return prepared(make_project(tmp_path / "project", tmp_path / "home", style="sync"), scratch_server)


@pytest.fixture
def async_history(tmp_path: Path, scratch_server: Profile) -> TinyProject:
    """The same with an asynchronous env.py and asyncpg."""
    return prepared(make_project(tmp_path / "project", tmp_path / "home"), scratch_server, driver="asyncpg")


@pytest.fixture
def opened() -> Callable[[TinyProject], Project]:
    """Open a tiny project as the commands do."""
    return lambda project: open_project(start=project.root, environ={})
