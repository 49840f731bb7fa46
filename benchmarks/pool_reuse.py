"""What a pool is worth: a query on a pooled connection against one on a new one, and what ``pool_pre_ping`` costs.

Usage: python benchmarks/pool_reuse.py [--rounds 300] [--runs 5] [--server postgresql://postgres@127.0.0.1/postgres]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import make_url, text

from migrator.profiles.model import Profile, Secret
from migrator.runtime import Database

DRIVERS = {"postgresql": ("asyncpg", "psycopg"), "mysql": ("asyncmy",)}


@dataclass
class Way:
    """One way of getting a connection, and how long a query took with it."""

    name: str
    profile: Profile
    queries: int
    microseconds: list[float] = field(default_factory=list)
    """Of one query with its checkout, the median of each run."""

    async def run(self, *, counted: bool) -> None:
        """Ask one question after the other, each in a checkout of its own."""
        async with Database(self.profile) as database:
            seconds = []
            for _ in range(self.queries + 5):
                began = time.perf_counter()
                async with database.engine.connect() as connection:
                    await connection.execute(text("SELECT 1"))
                seconds.append(time.perf_counter() - began)
        if counted:
            self.microseconds.append(statistics.median(seconds[5:]) * 1e6)


def profiles_of(address: str) -> list[Profile]:
    """The same database with each asynchronous driver of its dialect."""
    parts = make_url(address)
    dialect = "postgresql" if parts.drivername.startswith("postgres") else "mysql"
    return [
        Profile(
            name="benchmark",
            source="process",
            dialect=dialect,
            driver=driver,
            migration_driver=driver,
            host=parts.host or "127.0.0.1",
            port=parts.port or {"postgresql": 5432, "mysql": 3306}[dialect],
            user=parts.username,
            password=Secret(str(parts.password)) if parts.password else None,
            database=parts.database,
        )
        for driver in DRIVERS[dialect]
    ]


async def measure(profile: Profile, *, rounds: int, runs: int) -> dict[str, float | str]:
    """Run the three ways in turn, A B C A B C, and compare them run by run."""
    reused = Way("pooled", replace(profile, pool_size=1, pool_pre_ping=False), rounds)
    pinged = Way("pooled, with pool_pre_ping", replace(profile, pool_size=1, pool_pre_ping=True), rounds)
    new = Way("a new connection each time", replace(profile, pool_size=0), max(20, rounds // 10))
    for number in range(runs + 1):
        for way in (reused, pinged, new):
            await way.run(counted=number > 0)
    print(f"\n{profile.dialect}, {profile.driver}: one query with its checkout")
    for way in (reused, pinged, new):
        low, high = min(way.microseconds), max(way.microseconds)
        print(f"  {way.name:<28} {statistics.median(way.microseconds):9.0f} us  (min {low:.0f}, max {high:.0f})")
    ratio = statistics.median(b / a for a, b in zip(reused.microseconds, new.microseconds, strict=True))
    ping = statistics.median(b - a for a, b in zip(reused.microseconds, pinged.microseconds, strict=True))
    print(f"  reuse is {ratio:.1f} times as fast")
    print(f"  a ping costs {ping:.0f} us a checkout")
    return {"driver": profile.driver, "ratio": round(ratio, 2), "ping_microseconds": round(ping, 1)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--server", nargs="+", default=["postgresql://postgres@127.0.0.1:5432/postgres"])
    parser.add_argument("--results", type=Path, help="file for the figures, as JSON")
    chosen = parser.parse_args()
    measured = [
        asyncio.run(measure(profile, rounds=chosen.rounds, runs=chosen.runs))
        for server in chosen.server
        for profile in profiles_of(server)
    ]
    if chosen.results:
        chosen.results.write_text(json.dumps(measured, indent=2) + "\n")


if __name__ == "__main__":
    main()
