"""The same schema on two versions of the server is no drift: 250 schemas at once."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from schema_pairs import PAIRS, PREPARATION
from servers import Servers

from migrator.database.connecting import connect
from migrator.database.snapshot.comparing import compare
from migrator.database.snapshot.model import Snapshot
from migrator.database.snapshot.reading import read_snapshot
from migrator.database.state import read_server
from migrator.profiles.model import Profile
from migrator.verification.drift.versions import Versions


def built(profile: Profile) -> tuple[Snapshot, str]:
    with psycopg.connect(
        host=profile.host, port=profile.port, user=profile.user, dbname=profile.database, autocommit=True
    ) as connection:
        connection.execute(PREPARATION)
        for number, pair in enumerate(PAIRS):
            if pair.since <= 15:
                connection.execute(pair.statements("after", f"pair_{number:03}"))
    with connect(profile) as reader:
        return read_snapshot(reader), read_server(reader)


@pytest.fixture(scope="module")
def schemas(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Snapshot, str]]:
    found = {}
    for server in ("postgresql", "embedded-16", "embedded-18"):
        with servers.database(server, folder=Path(tmp_path_factory.mktemp("versions"))) as profile:
            found[server] = built(profile)
    return found


@pytest.mark.parametrize(
    ("live", "scratch"),
    [("postgresql", "embedded-16"), ("postgresql", "embedded-18"), ("embedded-16", "embedded-18")],
)
def test_what_versions_print_differently_is_no_drift(
    live: str, scratch: str, schemas: dict[str, tuple[Snapshot, str]]
) -> None:
    (here, server), (there, built_on) = schemas[live], schemas[scratch]
    versions = Versions(server, built_on)
    assert [each for each in compare(there, here) if not versions.prints_differently(each)] == []
