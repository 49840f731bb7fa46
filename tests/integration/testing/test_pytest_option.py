"""``pytest --migrator`` in projects of its own: what it adds, what fails and how, alone and in several processes."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from projects import TinyProject, clean_environment, make_project
from servers import Servers

from migrator.testing import collecting

ROUND_TRIPS = {
    "test_revision_round_trips[r1-create-r1]": "PASSED",
    "test_revision_round_trips[r2-add-moods-ber-all]": "FAILED",
    "test_revision_round_trips[r3-create-r3]": "PASSED",
}
THEIRS = {
    "test_model_definitions_match_ddl",
    "test_single_head_revision",
    "test_up_down_consistency",
    "test_upgrade",
}
CONFTEST = """\
import pytest

@pytest.fixture(scope="session")
def anyio_backend():
    return "asyncio"

@pytest.fixture(scope="session", autouse=True)
async def application(anyio_backend):
    yield "running"
"""
TEST_WITH_A_LOOP = """\
import pytest

@pytest.mark.anyio
async def test_own(application):
    assert application == "running"
"""
MODELS = """\
from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()
for name in ("r1", "r3"):
    Table(name, metadata, Column("id", Integer, primary_key=True))
"""


@pytest.fixture(scope="module")
def scratch(servers: Servers) -> dict[str, str]:
    """Settings that name the session's embedded server as the place for scratch databases."""
    server = servers.profile("embedded-18")
    return {"MIGRATOR_SCRATCH_URL": f"postgresql://{server.user}@/postgres?host={server.host}&port={server.port}"}


def application(folder: Path, style: str) -> TinyProject:
    """A project of three revisions, the second of which leaves a type behind, with a test of its own."""
    project = make_project(folder / "project", folder / "home", style=style)
    project.revision("r1")
    project.revision("r2", "op.execute(\"CREATE TYPE mood AS ENUM ('calm')\")", "pass", message="add moods über all")
    project.revision("r3")
    (project.root / "models.py").write_text(MODELS)
    env_py = project.root / "migrations" / "env.py"
    env_py.write_text(
        env_py.read_text().replace("target_metadata = None", "from models import metadata as target_metadata")
    )
    tests = project.root / "tests"
    tests.mkdir()
    (tests / "conftest.py").write_text(CONFTEST)
    (tests / "test_own.py").write_text(TEST_WITH_A_LOOP)
    (project.root / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider -W error --strict-markers\n")
    return project


def run_pytest(
    project: TinyProject, *arguments: str, settings: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-v", *arguments],
        cwd=project.root,
        env=clean_environment(project.home, settings),
        capture_output=True,
        text=True,
        timeout=300,
    )


def outcomes(done: subprocess.CompletedProcess[str]) -> dict[str, str]:
    """Each test of the history with how it ended."""
    found = re.findall(r"^migrations::(\S+) (PASSED|FAILED|ERROR)", done.stdout, re.MULTILINE)
    found += [
        (name, end)
        for end, name in re.findall(r"^\[gw\d\].*? (PASSED|FAILED) migrations::(\S+)", done.stdout, re.MULTILINE)
    ]
    return dict(found)


@pytest.mark.parametrize("style", ["async", "sync"])
def test_a_session_has_the_round_trips_and_pytest_alembic_s_tests(
    style: str, tmp_path: Path, scratch: dict[str, str]
) -> None:
    done = run_pytest(application(tmp_path, style), "--migrator", settings=scratch)
    found = outcomes(done)
    assert {name: end for name, end in found.items() if "[" in name} == ROUND_TRIPS, done.stdout + done.stderr
    assert set(found) - set(ROUND_TRIPS) == THEIRS
    assert found["test_single_head_revision"] == found["test_upgrade"] == "PASSED"
    assert "test_own" in done.stdout
    assert "downgrade-leaves" in done.stdout
    assert "DROP TYPE" in done.stdout
    assert "verdicts.py" not in done.stdout, "a failure is told without a traceback"


def test_several_processes_share_one_verdict_on_the_chosen_revisions(tmp_path: Path, scratch: dict[str, str]) -> None:
    arguments = ("--migrator", "-n", "2", "--basetemp", str(tmp_path / "shared"), "-k", "r2 or r3")
    done = run_pytest(application(tmp_path, "async"), *arguments, settings=scratch)
    expected = dict([*ROUND_TRIPS.items()][1:])
    assert outcomes(done) == expected, done.stdout + done.stderr
    (file,) = (tmp_path / "shared").glob("*.json")
    (verdicts,) = json.loads(file.read_text()).values()
    assert set(verdicts["failures"]) == {"r2", "r3"}


def test_without_the_option_a_session_pays_nothing(project: TinyProject) -> None:
    (project.root / "test_modules.py").write_text(
        "import sys\n\ndef test_modules():\n"
        "    ours = {name for name in sys.modules if name.partition('.')[0] in ('migrator', 'sqlalchemy', 'alembic')}\n"
        "    assert ours == {'migrator', 'migrator.testing', 'migrator.testing.entry'}\n"
    )
    done = run_pytest(project, "-p", "no:pytest_alembic", "-p", "no:hypothesispytest")
    assert (done.returncode, "1 passed" in done.stdout) == (0, True), done.stdout


def test_a_broken_chain_is_one_failing_test_and_a_line_in_conftest_does_as_the_option(project: TinyProject) -> None:
    """In a folder of its own below pytest's root, which a setting names."""
    project.revision("r1", parent="r0")
    root = project.root.parent
    (root / "pytest.ini").write_text("[pytest]\nmigrator_root = project\n")
    (root / "conftest.py").write_text('pytest_plugins = ["migrator.testing.collecting"]\n')
    (root / "test_nothing.py").write_text("def test_nothing(): pass\n")
    above = TinyProject(root, project.home)
    done = run_pytest(above, "-p", "no:pytest_alembic", "test_nothing.py")
    assert outcomes(done) == {"test_revision_round_trips[chain]": "FAILED"}, done.stdout + done.stderr
    assert "unknown-parent" in done.stdout


def test_what_cannot_work_with_pytest_9_2_is_refused_with_the_pin(
    pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pytestconfig.option, "pytest_alembic_tests_path", None)
    monkeypatch.setattr(pytest, "version_tuple", (9, 2, 0))
    collecting.pytest_configure(pytestconfig)
    assert pytestconfig.option.pytest_alembic_tests_path == "collected-by-migrator"
    monkeypatch.setattr(pytestconfig.option, "pytest_alembic_registration_enabled", True)
    with pytest.raises(pytest.UsageError, match=r"pin \"pytest<9\.2\""):
        collecting.pytest_configure(pytestconfig)
    monkeypatch.setattr(pytest, "version_tuple", (9, 1, 1))
    collecting.pytest_configure(pytestconfig)
