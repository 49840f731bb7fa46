"""Requests per second of the example service, against the same service with a hand-written engine and sessionmaker.

`service_by_hand.py` changes where a session comes from, nothing else: the routes, the driver, the size of the pool and
its pre-ping are the same. One uvicorn worker each; both are there, and are loaded in turn, A B B A, by wrk (Debian's
package ``wrk``). The first turn of each is not counted.

Usage: python benchmarks/service.py [--rounds 5] [--turns 6] [--seconds 1] [--driver asyncpg] [--results FILE]
    [--server postgresql://postgres@127.0.0.1:5432/postgres]
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import psycopg
from measuring import SCRIPTS
from sqlalchemy import make_url

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "migrator_service"
CONNECTIONS = 10
"""Of wrk; the pool has as many."""
WANTED = 0.95
OURS, THEIRS = "examples.service.app:create_app", "service_by_hand:create_app"
READS = {"a user: one SELECT": "/users/user_7", "a post: two SELECTs": "/posts/7"}
WRITE = "a login record: INSERT"
SCRIPT = """\
math.randomseed(os.time())
local start, count = math.random(1, 2^31), 0
request = function()
  count = count + 1
  local body = string.format('{"service_type": "web", "user_id": "%d-%d", "account_id": 7}', start, count)
  return wrk.format("POST", "/logins/", {["Content-Type"] = "application/json"}, body)
end
"""
CONTENT = """
INSERT INTO users (username, email, display_name)
    SELECT 'user_' || n, 'user_' || n || '@example.org', 'User ' || n FROM generate_series(1, 1000) AS n;
INSERT INTO posts (author_id, title) SELECT n % 1000 + 1, 'Post ' || n FROM generate_series(1, 5000) AS n;
INSERT INTO tags (name) SELECT 'tag_' || n FROM generate_series(1, 20) AS n;
INSERT INTO post_tags (post_id, tag_id) SELECT n, n % 20 + 1 FROM generate_series(1, 5000) AS n;
"""


def settings(server: str, driver: str) -> dict[str, str]:
    """The same database and the same pool, as a profile and as a URL."""
    url = make_url(server).set(database=DATABASE)
    by_name = {
        "DB_DRIVER": driver,
        "DB_HOST": url.host or "127.0.0.1",
        "DB_PORT": str(url.port or 5432),
        "DB_NAME": DATABASE,
        "DB_USER": url.username or "postgres",
        "DB_SSLMODE": "disable",
        "DB_POOL_SIZE": str(CONNECTIONS),
        "DB_MAX_OVERFLOW": "0",
    }
    if url.password:
        by_name["DB_PASS"] = str(url.password)
    word = "ssl" if driver == "asyncpg" else "sslmode"
    address = url.set(drivername=f"postgresql+{driver}").update_query_dict({word: "disable"})
    return {**by_name, "SERVICE_URL": address.render_as_string(hide_password=False)}


def fresh_database(server: str, env: dict[str, str]) -> None:
    """A database with this repository's migrations, and rows to read."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    upgrade = [SCRIPTS / "migrator", "--quiet", "upgrade"]
    subprocess.run(upgrade, cwd=ROOT, env={**os.environ, **env}, check=True, stdout=subprocess.DEVNULL)
    with psycopg.connect(server, dbname=DATABASE, autocommit=True) as connection:
        connection.execute(CONTENT)
        connection.execute("VACUUM ANALYZE")


@dataclass(frozen=True)
class Measured:
    """What one kind of request came to on one service."""

    per_second: float
    cpu_ms: float
    """Of the service's process, for each request: it varies less than the rate where other work is going on."""


@dataclass(frozen=True)
class Serving:
    """A service that answers."""

    address: str
    pid: int

    def measure(self, path: str, seconds: float, *options: str) -> Measured:
        """Load it; an answer other than 2xx or 3xx ends the benchmark."""
        url = self.address + path
        before = self._cpu_seconds()
        command = ["wrk", "--threads=1", f"--connections={CONNECTIONS}", f"--duration={seconds:g}s", *options, url]
        said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        if "Non-2xx" in said or "Socket errors" in said:
            sys.exit(f"requests to {url} failed:\n{said}")
        rate, count = re.search(r"Requests/sec:\s+([\d.]+)", said), re.search(r"(\d+) requests in", said)
        assert rate is not None, said
        assert count is not None, said
        return Measured(float(rate[1]), (self._cpu_seconds() - before) * 1000 / int(count[1]))

    def _cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(factory: str, env: dict[str, str]) -> Iterator[Serving]:
    """Start a service, and wait until it answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "--factory", factory, f"--port={port}"]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "benchmarks")])
    process = subprocess.Popen(
        [*command, "--log-level=warning", "--no-access-log"],
        cwd=ROOT,
        env={**os.environ, **env, "PYTHONPATH": paths, "PYTHONHASHSEED": "0"},
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/users/user_7", process)
        yield Serving(address, process.pid)
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        try:
            with urlopen(url, timeout=5):
                return
        except OSError:
            if process.poll() is not None:
                sys.exit(f"the service ended with {process.returncode}")
            time.sleep(0.1)
    sys.exit(f"no answer from {url}")


def alternate(env: dict[str, str], folder: Path, chosen: argparse.Namespace) -> Iterator[tuple[str, str, Measured]]:
    """Start both services and load them in turn, A B B A: yield the service, the kind of request and the figures."""
    requests = [(name, (path, chosen.seconds)) for name, path in READS.items()]
    requests.append((WRITE, ("", chosen.seconds, f"--script={folder / 'write.lua'}")))
    with serving(OURS, env) as ours, serving(THEIRS, env) as theirs:
        for name, load in requests:
            for number in range(chosen.turns + 1):
                both = [(OURS, ours), (THEIRS, theirs)]
                for factory, service in both if number % 2 else reversed(both):
                    measured = service.measure(*load)
                    if number:
                        yield factory, name, measured


def show(name: str, ours: list[Measured], theirs: list[Measured]) -> dict[str, object]:
    """Print a row for each service and the ratio of their medians."""
    print(f"\n{name}")
    rates, costs = [], []
    for title, figures in (("migrator.runtime", ours), ("written by hand", theirs)):
        each = [figure.per_second for figure in figures]
        rates.append(statistics.median(each))
        costs.append(statistics.median(figure.cpu_ms for figure in figures))
        print(f"  {title:<18} {rates[-1]:8.0f} requests/s  ({min(each):.0f} to {max(each):.0f})", end="")
        print(f"  {costs[-1]:.3f} ms of CPU each")
    ratio, cost = rates[0] / rates[1], costs[0] / costs[1]
    wanted = f"wanted: at least {WANTED:.2f}: {'met' if ratio >= WANTED else 'MISSED'}"
    print(f"  ratio {ratio:.3f}  ({wanted}), {cost:.3f} in CPU", flush=True)
    return {
        "request": name,
        "requests_per_second": [round(each) for each in rates],
        "ratio": round(ratio, 3),
        "cpu_ratio": round(cost, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="how often both services are started anew")
    parser.add_argument("--turns", type=int, default=6, help="of each service, for each kind of request, in a round")
    parser.add_argument("--seconds", type=float, default=1, help="of a turn")
    parser.add_argument("--driver", default="asyncpg", choices=["asyncpg", "psycopg"])
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1:5432/postgres")
    parser.add_argument("--results", type=Path, help="file for the figures, as JSON")
    chosen = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing: apt-get install wrk")
    env = settings(chosen.server, chosen.driver)
    fresh_database(chosen.server, env)
    seen: dict[tuple[str, str], list[Measured]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "write.lua").write_text(SCRIPT)
        for _ in range(chosen.rounds):
            for factory, kind, measured in alternate(env, folder, chosen):
                seen.setdefault((kind, factory), []).append(measured)
    rows = [show(kind, seen[kind, OURS], seen[kind, THEIRS]) for kind in (*READS, WRITE)]
    if chosen.results:
        chosen.results.write_text(json.dumps({"driver": chosen.driver, "rows": rows}, indent=1) + "\n")
    with psycopg.connect(chosen.server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


if __name__ == "__main__":
    main()
