"""Projects on databases whose ledgers are asked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledgers import Remembered
from projects import TinyProject
from servers import ServerMissing, Servers

WHERE = [("embedded-18", "asyncpg"), ("embedded-18", "psycopg"), ("mariadb", None), ("sqlite", None)]


@pytest.fixture(params=WHERE, ids=lambda each: "-".join(filter(None, each)))
def remembered(
    request: pytest.FixtureRequest, servers: Servers, project: TinyProject, tmp_path: Path
) -> Iterator[Remembered]:
    """A project with the revisions r001, r002 and r003 on an empty database of each kind."""
    server, driver = request.param
    try:
        servers.profile(server)
    except ServerMissing as reason:
        pytest.skip(f"{server}: {reason}")
    with servers.database(server, folder=tmp_path, driver=driver) as profile:
        project.use(profile)
        yield Remembered(project, profile, [project.revision(name) for name in ("r001", "r002", "r003")])
