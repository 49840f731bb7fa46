"""The metrics file through the command line, at every kind of end."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from projects import TinyProject, clean_environment
from prometheus_client.parser import text_string_to_metric_families

from migrator.profiles.model import Profile

DUMP = """
import sys
from migrator.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print("IMPORTED", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def samples(path: Path) -> dict[str, float]:
    families = text_string_to_metric_families(path.read_text())
    return {sample.name: sample.value for family in families for sample in family.samples}


def outcome(path: Path) -> str:
    families = text_string_to_metric_families(path.read_text())
    (sample,) = [sample for family in families if family.name == "migrator_run_outcome" for sample in family.samples]
    return sample.labels["outcome"]


@pytest.fixture
def measured(project: TinyProject, local_database: Profile) -> TinyProject:
    """Two pending revisions and a file for the figures, as the profile says."""
    project.use(local_database, MIGRATOR_METRICS_FILE="migrator.prom")
    project.revision("r1")
    project.revision("r2")
    return project


def test_each_end_of_a_run_is_written(measured: TinyProject) -> None:
    path = measured.root / "migrator.prom"
    assert measured.run("upgrade", "r1").returncode == 0
    found = samples(path)
    assert (outcome(path), found["migrator_run_exit_code"], found["migrator_revisions_applied"]) == ("done", 0, 1)
    assert (found["migrator_revisions_pending"], found["migrator_attempts_total"]) == (0, 1)

    assert measured.run("upgrade", "r1").returncode == 0
    again = samples(path)
    assert (outcome(path), again["migrator_revisions_applied"]) == ("nothing_to_do", 0)
    assert again["migrator_last_success_timestamp_seconds"] > found["migrator_last_success_timestamp_seconds"]

    measured.revision("r3", 'op.execute("SELECT * FROM nowhere")', "pass")
    assert measured.run("upgrade").returncode == 8
    failed = samples(path)
    assert (outcome(path), failed["migrator_run_exit_code"]) == ("partly_applied", 8)
    assert (failed["migrator_revisions_applied"], failed["migrator_revisions_pending"]) == (1, 1)
    assert failed["migrator_last_success_timestamp_seconds"] == again["migrator_last_success_timestamp_seconds"]
    assert failed["migrator_attempts_total"] == 3


def test_a_database_that_cannot_be_reached_is_written(measured: TinyProject) -> None:
    path = measured.root / "migrator.prom"
    done = measured.run("upgrade", env={"DB_HOST": "127.0.0.1", "DB_PORT": "1"})
    assert done.returncode == 10
    assert outcome(path) == "unreachable"
    assert "migrator_revisions_pending" not in samples(path)


def test_the_option_wins_and_is_relative_to_where_the_user_stands(measured: TinyProject, tmp_path: Path) -> None:
    folder = measured.root / "env_profiles"
    from projects import run_command

    done = run_command("upgrade", "--metrics-file", "mine.prom", cwd=folder, home=measured.home)
    assert done.returncode == 0, done.stderr
    assert (folder / "mine.prom").exists()
    assert not (measured.root / "migrator.prom").exists()


@pytest.mark.parametrize("quiet", [[], ["--quiet"]], ids=["", "quiet"])
def test_a_file_that_cannot_be_written_is_a_warning(quiet: list[str], measured: TinyProject) -> None:
    done = measured.run("upgrade", "--metrics-file", "nowhere/migrator.prom", *quiet)
    assert done.returncode == 0, done.stderr
    assert (
        f"Warning: writing the metrics file {measured.root}/nowhere/migrator.prom failed: No such file" in done.stderr
    )
    assert "Upgraded base -> r2" in done.stdout


def test_with_nothing_to_do_nothing_heavy_is_imported(measured: TinyProject) -> None:
    assert measured.run("upgrade").returncode == 0
    (measured.root / "migrator.prom").unlink()
    again = subprocess.run(
        [sys.executable, "-c", DUMP, "upgrade"],
        cwd=measured.root,
        env=clean_environment(
            measured.home,
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "MIGRATOR_BEFORE_RUN": "python:json:dumps"},
        ),
        capture_output=True,
        text=True,
    )
    assert again.returncode == 0, again.stderr
    imported = set(again.stderr.rpartition("IMPORTED ")[2].split())
    assert "asyncpg" in imported
    assert imported & {"alembic", "sqlalchemy", "rich", "opentelemetry", "google", "requests", "urllib3"} == set()
    assert outcome(measured.root / "migrator.prom") == "nothing_to_do"
