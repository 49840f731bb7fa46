"""After every statement, the follower's snapshot is the one that a reading of the whole schema gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from following_steps import STEPS
from servers import Servers

from migrator.database.connecting import connect
from migrator.database.light import LightConnection
from migrator.database.snapshot.comparing import compare
from migrator.database.snapshot.following import SchemaFollower
from migrator.database.snapshot.reading import read_snapshot
from migrator.database.snapshot.repeating import RepeatingReader
from migrator.profiles.model import Profile

VERSION_TABLE = frozenset({"alembic_version"})


@pytest.fixture(params=["embedded-18", "postgresql"])
def scratch(request: pytest.FixtureRequest, servers: Servers, tmp_path: Path) -> Iterator[Profile]:
    with servers.database(request.param, folder=tmp_path) as profile:
        yield profile


@pytest.fixture
def session(scratch: Profile) -> Iterator[LightConnection]:
    with connect(scratch) as connection:
        connection.execute("SET synchronous_commit = off")
        yield connection


@pytest.fixture
def eyes(scratch: Profile) -> Iterator[LightConnection]:
    with connect(scratch) as connection:
        yield connection


def test_each_step_is_followed_exactly(session: LightConnection, eyes: LightConnection) -> None:
    follower = SchemaFollower(eyes, leave_out=VERSION_TABLE)
    whole_reader = RepeatingReader(session)
    before = follower.snapshot()
    reread = 0
    for step in STEPS:
        session.execute(step)
        after = follower.snapshot()
        whole = read_snapshot(whole_reader, leave_out=VERSION_TABLE)
        assert compare(after, whole, column_order=True) == (), step
        assert after.objects == whole.objects, step
        assert follower.compare(before, after) == compare(before, after), step
        assert follower.compare(after, before) == compare(after, before), step
        reread += follower.touched is None
        before = after
    assert reread < len(STEPS) / 4
