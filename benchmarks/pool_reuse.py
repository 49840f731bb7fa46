"""What a pool is worth: a query on a pooled connection against one on a new one, and what ``pool_pre_ping`` costs.

Usage: python benchmarks/pool_reuse.py [--rounds 400] [--runs 5] [--server postgresql://postgres@127.0.0.1/postgres]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import text

from migrator.profiles.address import profile_from_url
from migrator.profiles.model import Profile
from migrator.runtime import Database

DRIVERS = {"postgresql": ("asyncpg", "psycopg"), "mysql": ("asyncmy",)}


@dataclass
class Way:
    """One way of getting a connection, and how long a query took with it."""

    name: str
    profile: Profile
    every: int = 1
    """It takes part in each round, or in one of so many."""
    microseconds: list[float] = field(default_factory=list)
    """Of one query with its checkout, in this run."""
    medians: list[float] = field(default_factory=list)
    """Of each run."""

    async def ask(self, database: Database) -> None:
        """Ask one question in a checkout of its own."""
        began = time.perf_counter()
        async with database.engine.connect() as connection:
            await connection.execute(text("SELECT 1"))
        self.microseconds.append((time.perf_counter() - began) * 1e6)

    def end_run(self) -> None:
        """Keep the median, without the first questions: they connect and compile."""
        self.medians.append(statistics.median(self.microseconds[3:]))
        self.microseconds.clear()


def profiles_of(address: str) -> list[Profile]:
    """The same database with each asynchronous driver of its dialect."""
    profile = profile_from_url(address, name="benchmark")
    return [replace(profile, driver=driver, migration_driver=driver) for driver in DRIVERS[profile.dialect]]


async def run(ways: Sequence[Way], rounds: int) -> None:
    """Ask in each way in turn, A B C A B C, so that whatever else the machine does meets all of them."""
    async with AsyncExitStack() as stack:
        databases = [await stack.enter_async_context(Database(way.profile)) for way in ways]
        for number in range(rounds):
            for way, database in zip(ways, databases, strict=True):
                if number % way.every == 0:
                    await way.ask(database)
    for way in ways:
        way.end_run()


def measure(profile: Profile, *, rounds: int, runs: int) -> dict[str, float | str]:
    """Run the three ways and compare them run by run."""
    reused = Way("pooled", replace(profile, pool_size=1, pool_pre_ping=False))
    pinged = Way("pooled, with pool_pre_ping", replace(profile, pool_size=1, pool_pre_ping=True))
    new = Way("a new connection each time", replace(profile, pool_size=0), every=10)
    ways = (reused, pinged, new)
    for _ in range(runs):
        asyncio.run(run(ways, rounds))
    print(f"\n{profile.dialect}, {profile.driver}: one query with its checkout")
    for way in ways:
        low, high = min(way.medians), max(way.medians)
        print(f"  {way.name:<28} {statistics.median(way.medians):9.0f} us  (min {low:.0f}, max {high:.0f})")
    ratio = statistics.median(b / a for a, b in zip(reused.medians, new.medians, strict=True))
    ping = statistics.median(b - a for a, b in zip(reused.medians, pinged.medians, strict=True))
    print(f"  reuse is {ratio:.1f} times as fast; a ping costs {ping:.0f} us a checkout")
    return {"driver": profile.driver, "ratio": round(ratio, 2), "ping_microseconds": round(ping, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--server", nargs="+", default=["postgresql://postgres@127.0.0.1:5432/postgres"])
    parser.add_argument("--results", type=Path, help="file for the figures, as JSON")
    chosen = parser.parse_args()
    measured = [
        measure(profile, rounds=chosen.rounds, runs=chosen.runs)
        for server in chosen.server
        for profile in profiles_of(server)
    ]
    if chosen.results:
        chosen.results.write_text(json.dumps(measured, indent=2) + "\n")


if __name__ == "__main__":
    main()
