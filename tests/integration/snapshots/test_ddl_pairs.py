"""The statements between two schemas, run on one, make it the other: pair by pair, both ways, and all at once."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg
import pytest
from schema_pairs import PAIRS, PREPARATION, Pair
from servers import Servers

from migrator.database.connecting import connect
from migrator.database.snapshot.comparing import Difference, compare
from migrator.database.snapshot.ddl import statements
from migrator.database.snapshot.model import Snapshot
from migrator.database.snapshot.reading import read_snapshot
from migrator.profiles.model import Profile

_NUMBERS = {pair.name: f"pair_{number:03}" for number, pair in enumerate(PAIRS)}
_LABEL = "a label of an enum cannot be taken away or moved: told as a recipe"
_REMADE = "the table has to be made again: told as a remark"
_ONE_WAY = {
    "label removed": _LABEL,
    "label added": _LABEL,
    "order of labels": _LABEL,
    "label renamed": _LABEL,
    "label with a quote": _LABEL,
    "partitioning": _REMADE,
    "partitioned by list": _REMADE,
    "subpartition": _REMADE,
    "attribute renamed": "a new attribute comes last",
    "inherited or own column": "nothing but leaving the parent makes an inherited column the table's own",
    "invalid index": "made whole instead: told as a remark",
    "index of one partition not attached": "made whole instead: told as a remark",
}
"""Pairs that statements do not turn into one another, in one direction or in both, and why."""


@dataclass
class Way:
    """What became of one database that was to become like another."""

    ran: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    left: dict[str, list[Difference]] = field(default_factory=dict)


@pytest.fixture(scope="module", params=["postgresql", "embedded-18"])
def server(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def sides(
    server: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, tuple[Profile, Snapshot]]]:
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("pairs")
        made = {side: stack.enter_context(servers.database(server, folder=folder)) for side in ("before", "after")}
        for side, profile in made.items():
            build(profile, side)
        yield {side: (profile, read(profile)) for side, profile in made.items()}


@pytest.fixture(scope="module")
def empty(server: str, servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Profile]:
    with servers.database(server, folder=tmp_path_factory.mktemp("empty")) as profile:
        yield profile


@pytest.fixture(scope="module")
def ways(sides: dict[str, tuple[Profile, Snapshot]]) -> dict[str, Way]:
    (before, was), (after, is_now) = sides["before"], sides["after"]
    return {"there": turn(before, was, is_now), "back": turn(after, is_now, was)}


def turn(profile: Profile, here: Snapshot, there: Snapshot) -> Way:
    """Run the statements pair by pair; what a pair's statements leave undone is told at the end."""
    way = Way()
    with session(profile) as connection:
        for schema, differences in by_pair(compare(here, there)).items():
            for statement in statements(differences, after=there):
                way.ran[schema].append(statement)
                if problem := refusal(connection, statement):
                    way.refused[schema].append(f"{statement}: {problem}")
    way.left = by_pair(compare(read(profile), there))
    return way


def build(profile: Profile, side: str) -> None:
    with session(profile) as connection:
        connection.execute(PREPARATION)
        for pair in PAIRS:
            if pair.since <= connection.info.server_version // 10000:
                connection.execute(pair.statements(side, _NUMBERS[pair.name]))


def session(profile: Profile) -> psycopg.Connection:
    text = f"host={profile.host} port={profile.port} user={profile.user} dbname={profile.database}"
    return psycopg.connect(f"{text} options='-c synchronous_commit=off'", autocommit=True)


def read(profile: Profile) -> Snapshot:
    with connect(profile) as reader:
        return read_snapshot(reader)


def refusal(connection: psycopg.Connection, statement: str) -> str | None:
    if statement.startswith("--"):
        return None
    try:
        connection.execute(statement)
    except psycopg.Error as error:
        return str(error)
    return None


def by_pair(differences: Iterable[Difference]) -> dict[str, list[Difference]]:
    found: dict[str, list[Difference]] = defaultdict(list)
    for each in differences:
        for schema in re.findall(r"pair_\d{3}", str(each.key))[:1]:
            found[schema].append(each)
    return found


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.name.replace(" ", "-"))
def test_each_side_of_a_pair_becomes_the_other(pair: Pair, ways: dict[str, Way]) -> None:
    schema = _NUMBERS[pair.name]
    for way in ways.values():
        assert way.refused[schema] == []
    unfinished = {name: way.left[schema] for name, way in ways.items() if schema in way.left}
    assert bool(unfinished) == (pair.name in _ONE_WAY), (unfinished, [way.ran[schema] for way in ways.values()])


def test_everything_at_once_is_made_of_nothing_and_unmade(
    empty: Profile, sides: dict[str, tuple[Profile, Snapshot]]
) -> None:
    with session(empty) as connection:
        # Servers of foreign data are no part of a schema.
        for pair in PAIRS:
            for made in re.findall(r"CREATE (?:FOREIGN DATA WRAPPER|SERVER) [^;]*;", pair.base):
                connection.execute(made.replace("PAIR", _NUMBERS[pair.name]))
    nothing, everything = read(empty), sides["after"][1]
    for here, there in ((nothing, everything), (everything, nothing)):
        with session(empty) as connection:
            refused = [
                f"{statement}: {problem}"
                for statement in statements(compare(here, there), after=there)
                if (problem := refusal(connection, statement))
            ]
        assert refused == []
        assert [each for each in compare(read(empty), there) if not _is_made_whole(each)] == []


def _is_made_whole(difference: Difference) -> bool:
    """An invalid index, which is made valid, with its part of a partition attached."""
    return all(facet.name in {"validity", "partition of"} for facet in difference.facets) and bool(difference.facets)
