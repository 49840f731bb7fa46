"""What an application notices while an ``ALTER TABLE`` waits behind one long transaction.

pgbench reads and writes a table at a steady rate; a transaction that has read the table stays open; meanwhile the
table gets a column, once by ``alembic upgrade head``, once by ``migrator upgrade``. Times of the application's queries
are from pgbench's log. "due" counts from when a query was due, as users see it: a query that could not be sent
because all connections were stuck counts too.

Usage: python benchmarks/lock_queue.py [--hold 20] [--clients 20] [--rate 500] [--json FILE]
    [--server postgresql://postgres@127.0.0.1:5432/postgres]
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from history import ENV_PY, REVISION
from measuring import SCRIPTS

from migrator.database.embedded.binaries import installed

DATABASE = "migrator_lock_queue"
ROWS = 10_000
BEFORE, AFTER = 2.0, 8.0
"""Seconds of load before the long transaction begins, and after it has ended."""
READ = f"\\set id random(1, {ROWS})\nSELECT balance FROM accounts WHERE id = :id;\n"
WRITE = f"\\set id random(1, {ROWS})\nUPDATE accounts SET balance = balance + 1 WHERE id = :id;\n"


@dataclass(frozen=True)
class Measured:
    """What one of the two did to the application."""

    command: str
    exit_code: int
    seconds: float
    """From its start to its end."""
    attempts_given_up: int
    queries: int
    query_ms: dict[str, float]
    """Length of a query: p50, p99, max."""
    due_ms: dict[str, float]
    """From when it was due."""


def project(root: Path) -> Path:
    """One revision, which adds a column to the table that the application uses."""
    versions = root / "migrations" / "versions"
    versions.mkdir(parents=True)
    (root / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/migrations\n")
    (root / "migrations" / "env.py").write_text(ENV_PY)
    text = REVISION.format(
        number=1,
        id="a1",
        parent=None,
        parent_text="",
        upgrade='op.add_column("accounts", sa.Column("note", sa.Text))',
        downgrade='op.drop_column("accounts", "note")',
    )
    (versions / "a1_note.py").write_text(text)
    return root


def fresh_database(server: str, address: str) -> None:
    """A database with the application's table."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE TABLE accounts (id integer PRIMARY KEY, balance integer NOT NULL DEFAULT 0)")
        connection.execute(f"INSERT INTO accounts SELECT generate_series(1, {ROWS})")
        connection.execute("VACUUM ANALYZE accounts")


def start_load(address: str, folder: Path, chosen: argparse.Namespace) -> subprocess.Popen[str]:
    """Pgbench, which writes a line for each query into files of the folder."""
    (folder / "read.sql").write_text(READ)
    (folder / "write.sql").write_text(WRITE)
    command = [
        chosen.pgbench or pgbench(),
        "--no-vacuum",
        "--file=read.sql@3",
        "--file=write.sql@1",
        f"--client={chosen.clients}",
        "--jobs=2",
        f"--rate={chosen.rate}",
        f"--time={round(BEFORE + chosen.hold + AFTER)}",
        "--log",
        f"--log-prefix={folder / 'log'}",
        address,
    ]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def pgbench() -> str:
    """The program on ``PATH``, else the embedded server's."""
    return shutil.which("pgbench") or str(installed(18) / "pgbench")


def measure(name: str, command: Sequence[str | Path], root: Path, chosen: argparse.Namespace) -> Measured:
    """Run one of the two while the application works and a long transaction is open."""
    address = f"{chosen.server.rpartition('/')[0]}/{DATABASE}"
    fresh_database(chosen.server, address)
    with tempfile.TemporaryDirectory() as logs, psycopg.connect(address) as long_transaction:
        load = start_load(address, Path(logs), chosen)
        time.sleep(BEFORE)
        long_transaction.execute("SELECT count(*) FROM accounts")
        began = time.monotonic()
        url = address.replace("postgresql://", "postgresql+psycopg://")
        with tempfile.TemporaryFile("w+") as said:
            upgrade = subprocess.Popen(
                [str(part) for part in command],
                cwd=root,
                env={"PATH": str(SCRIPTS), "BENCHMARK_URL": url, "LANG": "C.UTF-8"},
                stdout=said,
                stderr=subprocess.STDOUT,
            )
            time.sleep(chosen.hold)
            long_transaction.rollback()
            code = upgrade.wait(120)
            seconds = time.monotonic() - began
            said.seek(0)
            output = said.read()
        summary, _ = load.communicate(timeout=120)
        if load.returncode:
            sys.exit(f"pgbench failed:\n{summary}")
        query, due = read_logs(Path(logs))
    if chosen.show:
        print(output)
    given_up = len(re.findall(r"attempt \d+ rolled back", output))
    return Measured(name, code, seconds, given_up, len(query), percentiles(query), percentiles(due))


def read_logs(folder: Path) -> tuple[list[float], list[float]]:
    """Milliseconds of each query, and from when it was due."""
    query, due = [], []
    for path in folder.glob("log.*"):
        for line in path.read_text().splitlines():
            fields = line.split()
            if fields[2].isdigit():
                elapsed, lag = int(fields[2]) / 1000, int(fields[6]) / 1000
                query.append(elapsed - lag)
                due.append(elapsed)
    return query, due


def percentiles(values: list[float]) -> dict[str, float]:
    """The median, the 99th of a hundred, and the worst."""
    values = sorted(values)
    return {"p50": values[len(values) // 2], "p99": values[int(len(values) * 0.99)], "max": values[-1]}


def show(each: Measured) -> None:
    """Print a row for each kind of time."""
    tried = f", {each.attempts_given_up} attempts given up" if each.attempts_given_up else ""
    print(f"\n{each.command}: exit {each.exit_code} after {each.seconds:.1f} s{tried}; {each.queries} queries")
    for kind, times in (("query", each.query_ms), ("due", each.due_ms)):
        figures = "  ".join(f"{name} {value:10.1f} ms" for name, value in times.items())
        print(f"  {kind:<6} {figures}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hold", type=float, default=20, help="seconds that the long transaction lives")
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--rate", type=int, default=500, help="queries a second, of all clients")
    parser.add_argument("--server", default="postgresql://postgres@127.0.0.1:5432/postgres")
    parser.add_argument("--pgbench", help="the program; else from PATH, else the embedded server's")
    parser.add_argument("--show", action="store_true", help="print what the two say")
    parser.add_argument("--json", type=Path, help="write the figures to a file")
    chosen = parser.parse_args()
    print(f"Load on {urlsplit(chosen.server).hostname}: {chosen.rate} queries/s of {chosen.clients} clients;", end=" ")
    print(f"a transaction that has read the table stays open for {chosen.hold:.0f} s")
    with tempfile.TemporaryDirectory() as folder:
        root = project(Path(folder) / "project")
        theirs = measure("alembic upgrade head", [SCRIPTS / "alembic", "upgrade", "head"], root, chosen)
        show(theirs)
        ours = measure("migrator upgrade", [SCRIPTS / "migrator", "upgrade"], root, chosen)
        show(ours)
    ratio = ours.query_ms["max"] / theirs.query_ms["max"]
    print(f"\nlongest query: {ratio:.3f} of what it is under alembic")
    if chosen.json:
        chosen.json.write_text(json.dumps([asdict(theirs), asdict(ours)], indent=2) + "\n")
    with psycopg.connect(chosen.server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


if __name__ == "__main__":
    main()
