"""``migrator verify`` as people and machines run it: text, JSON, signals, eight at once."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from projects import EXECUTABLE, TinyProject, clean_environment, make_project
from servers import Servers

from migrator.database.connecting import connect
from migrator.errors import MigratorError
from migrator.profiles.model import Profile
from migrator.verification.throwaway import PREFIX


@pytest.fixture
def server(servers: Servers) -> Profile:
    return replace(servers.profile("embedded-18"), migration_driver="psycopg")


@pytest.fixture
def history(tmp_path: Path, server: Profile) -> TinyProject:
    project = make_project(tmp_path / "project", tmp_path / "home")
    address = f"postgresql://{server.user}@/postgres?host={server.host}&port={server.port}"
    project.use(replace(server, host="db.example.invalid", database="app"), MIGRATOR_SCRATCH_URL=address)
    project.revision("one")
    return project


def test_text_and_json(history: TinyProject) -> None:
    history.revision("two", 'op.create_index("one_id", "one", ["id"])', "pass")
    shown = history.run("verify", "--without-data")
    assert shown.returncode == 9
    lines = shown.stdout.splitlines()
    assert lines[0].startswith("migrations/versions/two_create_two.py:21: warning[downgrade-leaves] downgrade() of two")
    assert '    fix: op.drop_index("one_id", table_name="one")' in lines
    assert lines[-1].startswith("Failed: 2 revisions made a round trip on PostgreSQL 18.")
    assert lines[-1].endswith(": 1 exact, 1 with findings.")
    body = history.run("verify", "--format", "json", "--only", "one").json
    assert (body["schema"], body["exit_code"], body["with_data"]) == ("migrator/verify/1", 0, True)
    (verdict,) = body["verdicts"]
    assert (verdict["revision"], verdict["outcome"], verdict["findings"]) == ("one", "exact", [])
    assert all(seconds > 0 for seconds in verdict["seconds"].values())


def scratch_databases(server: Profile, marker: str) -> set[str]:
    """The scratch databases of one project: those that hold the table of its first revision."""
    with connect(server) as connection:
        names = [
            str(name)
            for (name,) in connection.fetch("SELECT datname FROM pg_database WHERE datname LIKE ?", f"{PREFIX}%")
        ]
    return {name for name in names if _holds(server, name, marker)}


def _holds(server: Profile, name: str, table: str) -> bool:
    with suppress(MigratorError), connect(replace(server, database=name)) as connection:  # gone by now, perhaps
        return bool(connection.fetch("SELECT 1 FROM pg_class WHERE relname = ?", table))
    return False


@pytest.fixture
def sleeping(history: TinyProject, server: Profile) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A run that stands in a slow revision, and the name of a table that only its scratch database has."""
    marker = f"marker_{os.getpid()}_{time.monotonic_ns()}"
    history.revision(marker)
    history.revision("slow", f'op.execute("SELECT pg_sleep(60) AS {marker}")', "pass")
    process = subprocess.Popen(
        [str(EXECUTABLE), "verify", "--without-data"],
        cwd=history.root,
        env=clean_environment(history.home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            _wait_for_sleep(process, server, marker)
            yield process, marker
        finally:
            process.kill()


def _wait_for_sleep(process: subprocess.Popen[str], server: Profile, marker: str) -> None:
    for _ in range(600):
        assert process.poll() is None, process.communicate()
        with connect(server) as connection:
            query = "SELECT 1 FROM pg_stat_activity WHERE state = 'active' AND query LIKE ?"
            if connection.fetch(query, f"SELECT pg_sleep(60) AS {marker}%"):
                return
        time.sleep(0.1)
    raise AssertionError("the slow revision was not reached")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)], ids=["SIGTERM", "Ctrl-C"])
def test_a_signal_ends_it_and_leaves_nothing(
    sleeping: tuple[subprocess.Popen[str], str], server: Profile, number: int, code: int
) -> None:
    process, marker = sleeping
    assert len(scratch_databases(server, marker)) == 1
    process.send_signal(number)
    _, told = process.communicate(timeout=30)
    assert process.returncode == code, told
    assert "Traceback" not in told
    assert scratch_databases(server, marker) == set()


def test_what_a_killed_run_leaves_is_swept_by_the_next(
    sleeping: tuple[subprocess.Popen[str], str], history: TinyProject, server: Profile
) -> None:
    process, marker = sleeping
    process.kill()
    process.wait()
    (left,) = scratch_databases(server, marker)
    for _ in range(100):  # until the server has noticed that nobody is there
        with connect(server) as connection:
            if not connection.fetch("SELECT 1 FROM pg_stat_activity WHERE application_name = ?", left):
                break
        time.sleep(0.1)
    assert history.run("verify", "--only", "one").returncode == 0
    assert left not in scratch_databases(server, marker)


def test_eight_at_once(history: TinyProject) -> None:
    history.revision("two")
    started = [
        subprocess.Popen(
            [str(EXECUTABLE), "verify", "--quiet"],
            cwd=history.root,
            env=clean_environment(history.home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    ended = [process.communicate(timeout=120) for process in started]
    assert [process.returncode for process in started] == [0] * 8, ended
    assert all(": 2 exact." in shown for shown, _ in ended)
