"""SIGTERM and Ctrl-C in the middle of a statement: cancelled on the server, rolled back, unlocked and told."""

from __future__ import annotations

import os
import signal
import subprocess
import time

import pytest
from projects import EXECUTABLE, TinyProject

from migrator.database.connecting import connect
from migrator.profiles.model import Profile

SLEEPING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%'"
LOCKS = (
    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def until(profile: Profile, query: str, expected: int, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    with connect(profile) as connection:
        while connection.fetch(query) != [(expected,)]:
            assert time.monotonic() < end, f"{query} is not {expected}"
            time.sleep(0.05)


def start(project: TinyProject) -> subprocess.Popen[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(project.home), "PYTHONUNBUFFERED": "1"}
    return subprocess.Popen(
        [str(EXECUTABLE), "upgrade"],
        cwd=project.root,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(("number", "code", "word"), [(signal.SIGTERM, 143, "SIGTERM"), (signal.SIGINT, 130, "Ctrl-C")])
def test_signal_ends_the_statement_on_the_server_and_says_what_is_there(
    number: signal.Signals, code: int, word: str, project: TinyProject, postgres_database: Profile
) -> None:
    project.use(postgres_database)
    project.revision("r1")
    project.revision(
        "r2", 'op.create_table("r2", sa.Column("id", sa.Integer))\nop.execute("SELECT pg_sleep(60)")', "pass"
    )
    process = start(project)
    until(postgres_database, SLEEPING, 1)
    process.send_signal(number)
    began = time.monotonic()
    _stdout, stderr = process.communicate(timeout=20)
    assert time.monotonic() - began < 5
    assert process.returncode == code, stderr
    assert f"{word} ended the upgrade in r2 (create r2)" in stderr
    assert "version table holds r1; 1 of 2 revisions were applied" in stderr
    assert "Traceback" not in stderr
    until(postgres_database, SLEEPING, 0, seconds=1)
    until(postgres_database, LOCKS, 0, seconds=1)
    with connect(postgres_database) as connection:
        assert connection.fetch("SELECT version_num FROM alembic_version") == [("r1",)]
        assert connection.fetch("SELECT 1 FROM pg_class WHERE relname = 'r2'") == []


def test_output_that_nobody_reads_any_more_is_no_error(project: TinyProject) -> None:
    for number in range(2000):
        project.revision(f"r{number}", "pass", "pass")
    done = subprocess.run(
        f"{EXECUTABLE} history | head -1", shell=True, cwd=project.root, capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.stdout.count("\n")) == ("", 1)
