"""After every statement, the follower's snapshot is the one that a reading of the whole schema gives."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from following_steps import STEPS
from schema_pairs import PAIRS, PREPARATION
from servers import Servers

from migrator.database.connecting import connect
from migrator.database.light import LightConnection
from migrator.database.snapshot.comparing import compare
from migrator.database.snapshot.following import SchemaFollower
from migrator.database.snapshot.reading import read_snapshot
from migrator.database.snapshot.repeating import RepeatingReader
from migrator.profiles.model import Profile

NAMES = {
    "SCHEMA": ("nspname", "pg_namespace"),
    "SERVER": ("srvname", "pg_foreign_server"),
    "FOREIGN DATA WRAPPER": ("fdwname", "pg_foreign_data_wrapper"),
    "PUBLICATION": ("pubname", "pg_publication"),
    "EVENT TRIGGER": ("evtname", "pg_event_trigger"),
}
GONE = """DO $$ DECLARE made name; BEGIN
    FOR made IN SELECT {1} FROM {2} WHERE {1} ~ '^pair' LOOP EXECUTE format('DROP {0} %I CASCADE', made); END LOOP;
END $$"""
BATCH = 20
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


@pytest.fixture
def other_eyes(scratch: Profile) -> Iterator[LightConnection]:
    with connect(scratch) as connection:
        yield connection


def test_each_step_is_followed_exactly(
    session: LightConnection, eyes: LightConnection, other_eyes: LightConnection
) -> None:
    follower = SchemaFollower(eyes, leave_out=VERSION_TABLE)
    whole_reader = RepeatingReader(other_eyes)
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


def test_the_corpus_is_followed_in_batches(local_database: Profile) -> None:
    with (
        connect(local_database) as session,
        connect(local_database) as eyes,
        connect(local_database) as other_eyes,
    ):
        follow_the_corpus(session, eyes, other_eyes)


def follow_the_corpus(session: LightConnection, eyes: LightConnection, other_eyes: LightConnection) -> None:
    major = int(session.fetch("SHOW server_version")[0][0].split(".")[0])
    session.execute(PREPARATION)
    follower, whole_reader = SchemaFollower(eyes), RepeatingReader(other_eyes)
    follower.snapshot()
    read_as_a_whole = []
    for first in range(0, len(PAIRS), BATCH):
        pairs = [(number, pair) for number, pair in enumerate(PAIRS[first : first + BATCH]) if pair.since <= major]
        for side in ("before", "after"):
            for number, pair in pairs:
                session.execute(pair.statements(side, f"pair_{number}"))
            session.execute("RESET search_path")
            assert follower.snapshot().objects == read_snapshot(whole_reader).objects, (first, side)
            read_as_a_whole.append(follower.touched is None)
            for leftover, names in NAMES.items():
                session.execute(GONE.format(leftover, *names))
            assert follower.snapshot().objects == read_snapshot(whole_reader).objects, (first, side, "dropped")
            read_as_a_whole.append(follower.touched is None)
    assert sum(read_as_a_whole) < len(read_as_a_whole) / 2
