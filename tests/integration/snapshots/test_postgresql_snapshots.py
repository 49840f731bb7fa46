"""Whenever pg_dump --schema-only shows a difference, the snapshot does, in the object that it is; and the reverse."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TypeVar

import psycopg
import pytest
from dumping import conninfo, dump, entries
from schema_pairs import PAIRS, PREPARATION, Pair
from servers import Servers

from migrator.database.connecting import connect
from migrator.database.snapshot.comparing import Difference, compare
from migrator.database.snapshot.reading import read_snapshot
from migrator.profiles.model import Profile

T = TypeVar("T")
_NUMBERS = {pair.name: f"pair_{number:03}" for number, pair in enumerate(PAIRS)}
_OLDEST, _NEWEST = "postgresql", "embedded-18"


@dataclass(frozen=True)
class Sides:
    """What pg_dump and the snapshots say of every pair, by the name of its schema."""

    major: int
    before: dict[str, list[str]]
    after: dict[str, list[str]]
    differences: dict[str, list[Difference]]


def by_pair(things: Iterable[T], text: Callable[[T], str]) -> dict[str, list[T]]:
    """Things by the pairs that their texts speak of."""
    found: dict[str, list[T]] = defaultdict(list)
    for thing in things:
        for schema in set(re.findall(r"pair_\d{3}", text(thing))):
            found[schema].append(thing)
    return found


@pytest.fixture(scope="module", params=[_OLDEST, "embedded-16", _NEWEST])
def sides(
    request: pytest.FixtureRequest, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Sides]:
    """Every pair in two databases of a server: all that is before in one, all that is after in the other."""
    server, folder = request.param, tmp_path_factory.mktemp("pairs")
    with ExitStack() as stack:
        profiles = [stack.enter_context(servers.database(server, folder=folder)) for _ in range(2)]
        snapshots = []
        for profile, side in zip(profiles, ("before", "after"), strict=True):
            major = build(profile, side)
            with connect(profile) as reader:
                snapshots.append(read_snapshot(reader))
        before, after = (by_pair(sorted(entries(dump(profile, server))), str) for profile in profiles)
        differences = compare(*snapshots, column_order=True)
        yield Sides(major, before, after, by_pair(differences, lambda each: str(each.key)))


def build(profile: Profile, side: str) -> int:
    """Make one side of every pair; the answer is the server's major version."""
    with psycopg.connect(conninfo(profile), autocommit=True) as connection:
        major = connection.info.server_version // 10000
        connection.execute(PREPARATION)
        connection.execute("SET synchronous_commit = off")
        for pair in PAIRS:
            if pair.since <= major:
                # One statement after the other: a label of an enum is not usable in the transaction that made it.
                connection.execute(pair.statements(side, _NUMBERS[pair.name]))
    return major


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name.replace(" ", "-"))
def test_a_difference_that_is_dumped_is_seen_and_the_reverse(pair: Pair, sides: Sides) -> None:
    if pair.since > sides.major:
        assert pair.since > 14
        return
    schema = _NUMBERS[pair.name]
    found = [str(each.key) for each in sides.differences.get(schema, ())]
    assert bool(found) == pair.differs, found
    assert not pair.differs or pair.object(schema) in found
    before, after = sides.before.get(schema), sides.after.get(schema)
    assert (before != after) == ((pair.differs and not pair.dump_is_silent) or bool(pair.left_out)), (before, after)
