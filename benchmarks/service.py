"""Requests per second of a service with `migrator.runtime`, against the same service with a hand-written engine.

The routes are the same (`service_routes.py`), and so are driver, pool and pre-ping; `service_on_runtime.py` and
`service_by_hand.py` differ in where a session comes from. One uvicorn worker each, started anew for each turn, A B A B;
the load is wrk's (Debian's package ``wrk``).

Usage: python benchmarks/service.py [--rounds 10] [--seconds 5] [--driver asyncpg] [--results FILE]
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
from pathlib import Path
from urllib.request import urlopen

import psycopg
from measuring import SCRIPTS
from service_routes import MAX_OVERFLOW, POOL_SIZE
from sqlalchemy import make_url

ROOT = Path(__file__).resolve().parent.parent
DATABASE = "migrator_service"
CONNECTIONS = 10
WANTED = 0.95
OURS, THEIRS = "service_on_runtime", "service_by_hand"
READS = {"one SELECT": "/users/user_7", "two SELECTs": "/users/7/posts"}
WRITE = "INSERT"
SCRIPT = """\
math.randomseed(os.time())
local start, count = math.random(1, 2^31), 0
request = function()
  count = count + 1
  local body = string.format('{"service_type": "web", "user_id": "%d-%d", "account_id": 7}', start, count)
  return wrk.format("POST", "/logins", {["Content-Type"] = "application/json"}, body)
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
        "DB_POOL_SIZE": str(POOL_SIZE),
        "DB_MAX_OVERFLOW": str(MAX_OVERFLOW),
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


@contextmanager
def serving(module: str, env: dict[str, str], folder: Path) -> Iterator[str]:
    """Start a service, and give its address when it answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", f"{module}:app", f"--port={port}"]
    paths = os.pathsep.join([str(ROOT), str(ROOT / "benchmarks")])
    process = subprocess.Popen(
        [*command, "--log-level=warning", "--no-access-log"],
        cwd=folder,
        env={**os.environ, **env, "PYTHONPATH": paths, "PYTHONHASHSEED": "0"},
    )
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(f"{address}/users/user_7", process)
        yield address
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


def requests_per_second(url: str, seconds: float, *options: str) -> float:
    """Load a service; an answer other than 2xx ends the benchmark."""
    command = ["wrk", "--threads=1", f"--connections={CONNECTIONS}", f"--duration={seconds:g}s", *options, url]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        sys.exit(f"requests to {url} failed:\n{said}")
    found = re.search(r"Requests/sec:\s+([\d.]+)", said)
    assert found is not None, said
    return float(found[1])


def turn(module: str, env: dict[str, str], folder: Path, seconds: float) -> dict[str, float]:
    """Each kind of request on one service, after a second without counting."""
    figures = {}
    with serving(module, env, folder) as address:
        for name, path in READS.items():
            requests_per_second(address + path, 1)
            figures[name] = requests_per_second(address + path, seconds)
        script = f"--script={folder / 'write.lua'}"
        figures[WRITE] = requests_per_second(address, seconds, script)
    return figures


def show(name: str, ours: list[float], theirs: list[float]) -> dict[str, object]:
    """Print a row for each service and the ratio of their medians."""
    print(f"\n{name}")
    for title, figures in (("migrator.runtime", ours), ("written by hand", theirs)):
        print(f"  {title:<18} {statistics.median(figures):8.0f} requests/s  ({min(figures):.0f} to {max(figures):.0f})")
    ratio = statistics.median(ours) / statistics.median(theirs)
    print(f"  ratio {ratio:.3f}  (wanted: at least {WANTED:.2f}: {'met' if ratio >= WANTED else 'MISSED'})", flush=True)
    medians = [round(statistics.median(each)) for each in (ours, theirs)]
    return {"request": name, "requests_per_second": medians, "ratio": round(ratio, 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=5, help="of each kind of request, in each turn")
    parser.add_argument("--driver", default="asyncpg", choices=["asyncpg", "psycopg"])
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1:5432/postgres")
    parser.add_argument("--results", type=Path, help="file for the figures, as JSON")
    chosen = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is missing: apt-get install wrk")
    env = settings(chosen.server, chosen.driver)
    fresh_database(chosen.server, env)
    turns: dict[str, list[dict[str, float]]] = {OURS: [], THEIRS: []}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "write.lua").write_text(SCRIPT)
        for number in range(chosen.rounds):
            for module in (OURS, THEIRS) if number % 2 == 0 else (THEIRS, OURS):
                turns[module].append(turn(module, env, folder, chosen.seconds))
    rows = [
        show(kind, *([each[kind] for each in turns[module]] for module in (OURS, THEIRS))) for kind in (*READS, WRITE)
    ]
    if chosen.results:
        chosen.results.write_text(json.dumps({"driver": chosen.driver, "rows": rows}, indent=1) + "\n")
    with psycopg.connect(chosen.server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


if __name__ == "__main__":
    main()
