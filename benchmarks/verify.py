"""``migrator verify`` against pytest-alembic's four tests with ``downgrade_leaves_no_trace``, on embedded PostgreSQL.

Both see the same history, with an ``env.py`` as ``alembic init`` writes it (NullPool) that takes the connection which
pytest-alembic hands over. Then ten defects are seeded, each in a short history of its own for pytest-alembic, whose
tests stop at the first, and all in one for ``migrator verify``; what each finds is counted.

    python benchmarks/verify.py [--revisions 300] [--runs 3] [--growth 1000] [--unchanged 500]
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from defects import DEFECTS, Defect, add_defect
from history import linear_project
from measuring import SCRIPTS, Contestant, compare

from migrator.errors import ExitCode

ROOT = Path(__file__).resolve().parent.parent

ENV_PY = """\
from alembic import context
from sqlalchemy import engine_from_config, pool

from models import metadata as target_metadata

config = context.config
connectable = config.attributes.get("connection") or engine_from_config(
    config.get_section(config.config_ini_section, {}), prefix="sqlalchemy.", poolclass=pool.NullPool
)
with connectable.connect() as connection:
    context.configure(connection=connection, target_metadata=target_metadata)
    with context.begin_transaction():
        context.run_migrations()
"""
MODELS = """\
from sqlalchemy import Column, Index, Integer, MetaData, String, Table

metadata = MetaData()
for number in range({tables}):
    columns = [Column(f"c{{each}}", String(20)) for each in range(1, min(4, {revisions} - number * 4))]
    Table(f"t{{number}}", metadata, Column("id", Integer, primary_key=True), *columns)
"""
CONFTEST = """\
import os
import uuid

import pytest
from sqlalchemy import create_engine, make_url, pool, text


@pytest.fixture
def alembic_engine():
    server = create_engine(os.environ["BENCHMARK_URL"], isolation_level="AUTOCOMMIT", poolclass=pool.NullPool)
    name = f"benchmark_{uuid.uuid4().hex[:12]}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            yield create_engine(make_url(os.environ["BENCHMARK_URL"]).set(database=name), poolclass=pool.NullPool)
        finally:
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
"""
PYTEST_INI = "[pytest]\npytest_alembic_include_experimental = downgrade_leaves_no_trace\n"
PYTEST = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--test-alembic"]


def project(root: Path, revisions: int) -> Path:
    """A project with that many revisions whose models fit."""
    linear_project(root, revisions)
    (root / "alembic.ini").write_text(
        "[alembic]\nscript_location = %(here)s/migrations\nprepend_sys_path = %(here)s\nsqlalchemy.url = postgresql://\n"
    )
    (root / "migrations" / "env.py").write_text(ENV_PY)
    (root / "models.py").write_text(MODELS.format(tables=-(-revisions // 4), revisions=revisions))
    (root / "tests").mkdir()
    (root / "tests" / "conftest.py").write_text(CONFTEST)
    (root / "pytest.ini").write_text(PYTEST_INI)
    return root


def verify(folder: Path, environment: dict[str, str]) -> Contestant:
    command = [SCRIPTS / "migrator", "verify", "--quiet"]
    return Contestant("migrator verify", command, cwd=folder, env=environment)


def pytest_alembic(folder: Path, environment: dict[str, str]) -> Contestant:
    return Contestant("pytest --test-alembic", PYTEST, cwd=folder, env=environment)


def seconds(contestant: Contestant, runs: int) -> float:
    for _ in range(runs):
        contestant.run(counted=True)
    return statistics.median(contestant.seconds)


def growth(folder: Path, environment: dict[str, str], *, small: int, large: int, runs: int) -> None:
    took = {
        count: seconds(verify(project(folder / f"growth-{count}", count), environment), runs)
        for count in (small, large)
    }
    print(f"\ngrowth: {small} revisions {took[small]:.2f} s, {large} revisions {took[large]:.2f} s")
    print(f"  ratio {took[large] / took[small]:.2f}  (wanted for 1,000 against 300: at most 3.60)")


def unchanged(folder: Path, environment: dict[str, str], *, revisions: int, runs: int) -> None:
    checked = project(folder / "unchanged", revisions)
    command = [SCRIPTS / "migrator", "check", "--quiet"]
    first = Contestant("migrator check, the first time", command, cwd=checked, env=environment, allowed=(0, 1, 9))
    first.run(counted=True)
    again = Contestant("migrator check, unchanged", command, cwd=checked, env=environment, allowed=(0, 1, 9))
    print(f"\nunchanged history of {revisions} revisions")
    print(f"  first {first.seconds[0]:.2f} s, again {seconds(again, runs):.3f} s  (wanted: less than 1 s)")


def found_by_verify(folder: Path, environment: dict[str, str]) -> dict[str, bool]:
    """All defects in one history: each is found when its own revision has a finding."""
    seeded = project(folder / "seeded", 8)
    for defect in DEFECTS:
        add_defect(seeded, defect)
    command = [SCRIPTS / "migrator", "verify", "--format", "json", "--quiet"]
    done = subprocess.run(
        command, cwd=seeded, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode != ExitCode.VERIFICATION:
        sys.exit(done.stdout + done.stderr)
    findings = json.loads(done.stdout)["findings"]
    weighty = {finding["revision"] for finding in findings if finding["severity"] != "notice"}
    return {defect.name: defect.name in weighty for defect in DEFECTS}


def found_by_pytest_alembic(folder: Path, environment: dict[str, str], defect: Defect) -> bool:
    seeded = project(folder / f"seeded-{defect.name}", 4)
    add_defect(seeded, defect)
    done = subprocess.run(
        PYTEST, cwd=seeded, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode not in {0, 1}:
        sys.exit(done.stdout + done.stderr)
    return done.returncode == 1


def defects(folder: Path, environment: dict[str, str]) -> None:
    ours = found_by_verify(folder, environment)
    theirs = {defect.name: found_by_pytest_alembic(folder, environment, defect) for defect in DEFECTS}
    print(f"\n{'seeded defect':<28} migrator verify  pytest-alembic")
    for defect in DEFECTS:
        marks = ("found" if found[defect.name] else "-" for found in (ours, theirs))
        print(f"  {defect.name:<26} {'  '.join(f'{mark:<15}' for mark in marks)}".rstrip())
    print(f"  found: {sum(ours.values())} and {sum(theirs.values())} of {len(DEFECTS)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--revisions", type=int, default=300)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--growth", type=int, default=1000, help="revisions of the longer history; 0: none")
    parser.add_argument("--unchanged", type=int, default=500, help="revisions of the unchanged history; 0: none")
    parser.add_argument("--no-defects", action="store_true")
    options = parser.parse_args()

    from migrator.database.embedded import ensure_running

    server = ensure_running(ROOT, 18)
    address = f"?host={server.socket_dir}&port={server.port}"
    environment = {
        "BENCHMARK_URL": f"postgresql+psycopg://{server.user}@/postgres{address}",
        "MIGRATOR_SCRATCH_URL": f"postgresql://{server.user}@/postgres{address}",
    }
    folder = Path(tempfile.mkdtemp(prefix="migrator-benchmark-"))
    started = time.perf_counter()
    try:
        history = project(folder / "history", options.revisions)
        compare(
            f"round trips of {options.revisions} revisions",
            verify(history, environment),
            pytest_alembic(history, environment),
            runs=options.runs,
            target=0.2,
        )
        if options.growth:
            growth(folder, environment, small=options.revisions, large=options.growth, runs=options.runs)
        if options.unchanged:
            unchanged(folder, environment, revisions=options.unchanged, runs=options.runs)
        if not options.no_defects:
            defects(folder, environment)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"\n{time.perf_counter() - started:.0f} s in all")


if __name__ == "__main__":
    main()
