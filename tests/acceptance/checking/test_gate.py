"""``migrator check`` as the gate of a pull request: which revisions make a round trip, what is kept, what CI reads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from projects import EXECUTABLE, Completed, TinyProject, clean_environment, make_project
from servers import Servers

ROOT = Path(__file__).parents[3]
EXAMPLES = ROOT / "examples" / "ci"
LEAVES_A_TYPE = """op.execute("CREATE TYPE mood AS ENUM ('calm')")"""
MODELS = """\
from sqlalchemy import Column, Integer, MetaData, Table

metadata = MetaData()
Table("r1", metadata, Column("id", Integer, primary_key=True))
"""
DUMP = """
import sys
from migrator.cli.main import main
try:
    main(sys.argv[1:])
finally:
    print("IMPORTED", *sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""
Run = Callable[..., Completed]


@pytest.fixture(scope="module")
def scratch(servers: Servers) -> dict[str, str]:
    """Settings that name the session's embedded server as the place for scratch databases."""
    server = servers.profile("embedded-18")
    return {"MIGRATOR_SCRATCH_URL": f"postgresql://{server.user}@/postgres?host={server.host}&port={server.port}"}


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def pull_request(tmp_path_factory: pytest.TempPathFactory) -> TinyProject:
    """A clone whose main branch has a sound revision and whose own branch adds one that leaves a type behind.

    The project lies in a folder of its repository; read only.
    """
    folder = tmp_path_factory.mktemp("pull-request")
    origin, clone = folder / "origin", folder / "clone"
    origin.mkdir()
    git(origin, "init", "-qb", "main")
    project = make_project(origin / "backend", folder / "home")
    (project.root / "models.py").write_text(MODELS)
    env_py = project.root / "migrations" / "env.py"
    env_py.write_text(
        env_py.read_text().replace("target_metadata = None", "from models import metadata as target_metadata")
    )
    project.revision("r1")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "main")
    git(origin, "checkout", "-qb", "topic")
    project.revision("r2", LEAVES_A_TYPE, "pass", message="add moods")
    git(origin, "add", "-A")
    git(origin, "commit", "-qm", "topic")
    git(folder, "clone", "-q", "--branch", "topic", f"file://{origin}", str(clone))
    return TinyProject(clone / "backend", folder / "home")


def part(done: Completed, name: str) -> dict[str, object]:
    """A part of the report, by its name."""
    (found,) = [dict(each) for each in done.json["parts"] if each["part"] == name]
    return found


def tried(done: Completed) -> list[str]:
    """Revisions that made a round trip."""
    revisions = part(done, "round-trips")["revisions"]
    assert isinstance(revisions, list)
    return [each["revision"] for each in revisions]


def test_in_a_pull_request_only_what_is_new_makes_a_round_trip(
    pull_request: TinyProject, scratch: dict[str, str]
) -> None:
    job = pull_request.run("check", "--format", "json", env={**scratch, "GITHUB_BASE_REF": "main"})
    assert job.returncode == 9, job.stdout + job.stderr
    assert tried(job) == ["r2"]
    assert "against origin/main" in job.json["checked"]
    rules = {finding["rule"]: finding for finding in job.json["findings"]}
    assert rules["downgrade-leaves"]["revision"] == "r2"
    assert "mood" in rules["downgrade-leaves"]["message"]
    every = pull_request.run("check", "--format", "json", env=scratch)
    assert (every.returncode, tried(every)) == (9, ["r1", "r2"])


def test_nothing_new_and_none_wanted_make_no_round_trip(pull_request: TinyProject, scratch: dict[str, str]) -> None:
    for arguments in (["--base", "HEAD"], ["--round-trips", "none"]):
        done = pull_request.run("check", "--format", "json", *arguments, env=scratch)
        assert done.returncode in {0, 1}, done.stderr
        assert [each["part"] for each in done.json["parts"] if each["part"] == "round-trips"] == []


def test_a_base_that_the_clone_lacks_is_told_where_the_job_named_it_and_refused_where_a_person_did(
    pull_request: TinyProject,
) -> None:
    job = pull_request.run("check", "--chain", env={"GITHUB_BASE_REF": "release"})
    assert job.returncode == 0, job.stderr
    assert (
        "Not checked: against origin/release: The git ref 'origin/release' does not exist in this clone" in job.stdout
    )
    assert "fetch-depth: 0" in job.stdout
    assert pull_request.run("check", "--chain", "--base", "origin/release").returncode == 2
    nowhere = pull_request.run("check", "--round-trips", "since")
    assert nowhere.returncode == 2
    assert "--base origin/main" in nowhere.stderr


def test_what_was_found_is_known_the_second_time_and_nothing_heavy_is_imported(
    pull_request: TinyProject, scratch: dict[str, str]
) -> None:
    first = pull_request.run("check", env=scratch)
    environment = clean_environment(pull_request.home, scratch)
    begun = time.perf_counter()
    again = subprocess.run(
        [sys.executable, "-c", DUMP, "check"], cwd=pull_request.root, env=environment, capture_output=True, text=True
    )
    took = time.perf_counter() - begun
    assert (first.returncode, again.returncode) == (9, 9), again.stderr
    imported = set(again.stderr.rpartition("IMPORTED ")[2].split())
    assert not imported & {"sqlalchemy", "alembic", "rich", "psycopg", "mako"}
    # Two lines where the minute changed between the two parts.
    kept = [line.rpartition("from the cache: ")[2] for line in again.stdout.splitlines() if "from the cache" in line]
    assert ", ".join(line.rstrip(".") for line in kept) == "models against history, round trips"
    findings = [line for line in first.stdout.splitlines() if "[" in line]
    assert findings == [line for line in again.stdout.splitlines() if "[" in line]
    assert took < 10
    looked = pull_request.run("check", "--no-cache", "--chain", env=scratch)
    assert "from the cache" not in looked.stdout


def test_formats_and_files_of_one_run(pull_request: TinyProject, scratch: dict[str, str], tmp_path: Path) -> None:
    files = {name: tmp_path / f"report.{name}" for name in ("sarif", "junit", "markdown", "json", "text")}
    outputs = [word for name, file in files.items() for word in ("--output", f"{name}={file}")]
    done = pull_request.run("check", "--format", "github", *outputs, env=scratch)
    assert done.returncode == 9, done.stderr
    assert "file=backend/migrations/versions/r2_add_moods.py" in done.stdout
    (run,) = json.loads(files["sarif"].read_text())["runs"]
    uris = {
        place["physicalLocation"]["artifactLocation"]["uri"]
        for result in run["results"]
        for place in result["locations"]
    }
    assert "backend/migrations/versions/r2_add_moods.py" in uris
    cases = {case.get("name"): case for case in ET.fromstring(files["junit"].read_text()).iter("testcase")}
    assert cases["r1 create r1"].find("failure") is None
    assert cases["r2 add moods"].find("failure") is not None
    assert files["markdown"].read_text().startswith("<!-- migrator check -->")
    assert json.loads(files["json"].read_text())["exit_code"] == 9
    assert "downgrade-leaves" in files["text"].read_text()
    wrong = pull_request.run("check", "--chain", "--output", "pdf=x")
    assert wrong.returncode == 2
    nowhere = pull_request.run("check", "--chain", "--output", f"text={tmp_path / 'no' / 'folder'}")
    assert (nowhere.returncode, "cannot be written" in nowhere.stderr) == (3, True)


def bash(script: str, cwd: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", script],
        cwd=cwd,
        env={**environment},
        capture_output=True,
        text=True,
    )


def test_the_github_action_annotates_summarises_and_fails(
    pull_request: TinyProject, scratch: dict[str, str], tmp_path: Path
) -> None:
    action = yaml.safe_load((EXAMPLES / "github-action" / "action.yml").read_text())
    steps = action["runs"]["steps"]
    assert all(step.get("shell") == "bash" for step in steps if "run" in step)
    fetch, check = (next(step for step in steps if word in step.get("run", "")) for word in ("git fetch", "migrator "))
    environment = clean_environment(pull_request.home, scratch) | {
        "GITHUB_BASE_REF": "main",
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "RUNNER_TEMP": str(tmp_path),
        "ARGUMENTS": action["inputs"]["arguments"]["default"],
        "SARIF": str(tmp_path / action["inputs"]["sarif"]["default"]),
    }
    assert bash(fetch["run"], pull_request.root, environment).returncode == 0
    checked = bash(check["run"], pull_request.root, environment)
    assert checked.returncode == 9, checked.stderr
    assert "::warning file=backend/migrations/versions/r2_add_moods.py" in checked.stdout
    assert "downgrade-leaves" in (tmp_path / "summary.md").read_text()
    assert json.loads((tmp_path / "migrations.sarif").read_text())["version"] == "2.1.0"
    refused = bash(check["run"], pull_request.root, {**environment, "ARGUMENTS": "--base no-such-ref"})
    assert refused.returncode == 2


def test_the_action_comments_once_and_then_edits_its_comment(tmp_path: Path) -> None:
    """A stand-in for GitHub's command line notes what it is asked for."""
    action = yaml.safe_load((EXAMPLES / "github-action" / "action.yml").read_text())
    (comment,) = [step["run"] for step in action["runs"]["steps"] if "gh api" in step.get("run", "")]
    (tmp_path / "migrator-check.md").write_text("<!-- migrator check -->\n")
    gh = tmp_path / "gh"
    gh.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\ncase "$*" in *--jq*) printf "$EARLIER" ;; esac\n')
    gh.chmod(0o755)
    environment = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}", "RUNNER_TEMP": str(tmp_path)}
    environment |= {"GITHUB_REPOSITORY": "team/shop", "PULL_REQUEST": "7"}
    for earlier, method in (
        ("", "repos/team/shop/issues/7/comments -F"),
        ("41\\n42\\n", "PATCH repos/team/shop/issues"),
    ):
        (tmp_path / "asked").unlink(missing_ok=True)
        done = bash(comment, tmp_path, {**environment, "EARLIER": earlier})
        assert done.returncode == 0, done.stderr
        asked = (tmp_path / "asked").read_text().splitlines()
        assert len(asked) == 2
        assert method in asked[1]


def test_the_workflow_uses_the_action_with_the_rights_that_it_needs() -> None:
    workflow = yaml.safe_load((EXAMPLES / "github-workflow.yml").read_text())
    (job,) = workflow["jobs"].values()
    uses = [step["uses"] for step in job["steps"] if "uses" in step]
    assert "./.github/actions/migrator-check" in uses
    (checkout,) = [step for step in job["steps"] if step.get("uses", "").startswith("actions/checkout")]
    assert checkout["with"]["fetch-depth"] == 0
    assert job["permissions"] == {"contents": "read", "pull-requests": "write", "security-events": "write"}


def test_the_gitlab_job_leaves_a_report_of_what_is_new(
    pull_request: TinyProject, scratch: dict[str, str], tmp_path: Path
) -> None:
    (job,) = yaml.safe_load((EXAMPLES / "gitlab-ci.yml").read_text()).values()
    (command,) = job["script"]
    assert EXECUTABLE.name in command
    base = subprocess.run(
        ["git", "rev-parse", "origin/main"], cwd=pull_request.root, capture_output=True, text=True, check=True
    ).stdout.strip()
    environment = clean_environment(pull_request.home, scratch) | {"CI_MERGE_REQUEST_DIFF_BASE_SHA": base}
    done = bash(command, pull_request.root, environment)
    report = pull_request.root / job["artifacts"]["reports"]["junit"]
    try:
        assert done.returncode == 9, done.stderr
        names = [case.get("name") for case in ET.fromstring(report.read_text()).iter("testcase")]
        assert "r2 add moods" in names
        assert "r1 create r1" not in names
    finally:
        report.unlink()
