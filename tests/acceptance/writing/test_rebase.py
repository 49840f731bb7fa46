"""``migrator rebase`` moves what nobody else has, by changing one value in one file."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from projects import TinyProject

from migrator.profiles.model import Profile


def git(project: TinyProject, *arguments: str) -> None:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *arguments], cwd=project.root, check=True, capture_output=True)


@pytest.fixture
def forked(project: TinyProject, sqlite_database: Profile) -> TinyProject:
    """Main has base and theirs; mine1 and mine2 are on a branch that began at base, not committed yet."""
    project.use(sqlite_database)
    project.revision("base1")
    project.revision("theirs1", parent="base1")
    git(project, "init")
    git(project, "add", ".")
    git(project, "commit", "-m", "main")
    git(project, "checkout", "-b", "feature")
    project.revision("mine1", parent="base1")
    project.revision("mine2")
    return project


def file_of(project: TinyProject, revision: str) -> Path:
    (path,) = project.versions.glob(f"{revision}_*.py")
    return path


def heads(project: TinyProject) -> str:
    return project.run("heads", "--format", "json").stdout


def test_the_line_moves_on_top_of_the_other_head(forked: TinyProject) -> None:
    path = file_of(forked, "mine1")
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    before, carried = path.read_bytes(), file_of(forked, "mine2").read_bytes()
    outcome = forked.run("rebase", "mine1", "--format", "json")
    assert outcome.returncode == 0, outcome.stderr
    assert (outcome.json["from"], outcome.json["onto"], outcome.json["carried"]) == (["base1"], "theirs1", ["mine2"])
    assert outcome.json["base"] == "main"
    assert len(outcome.json["asked"]) == 1
    assert path.read_bytes() == before.replace(b"= 'base1'", b"= 'theirs1'").replace(
        b"Revises: base1", b"Revises: theirs1"
    )
    assert file_of(forked, "mine2").read_bytes() == carried
    assert "mine2" in heads(forked)
    assert "theirs1" not in heads(forked)
    again = forked.run("rebase", "mine1")
    assert (again.returncode, "Nothing to do" in again.stdout) == (0, True)


def test_dry_run_changes_nothing(forked: TinyProject) -> None:
    before = file_of(forked, "mine1").read_bytes()
    outcome = forked.run("rebase", "mine1", "--dry-run")
    assert outcome.returncode == 0, outcome.stderr
    assert "Would move mine1 from base1 to theirs1" in outcome.stdout
    assert file_of(forked, "mine1").read_bytes() == before


def test_what_is_in_the_base_ref_stays(forked: TinyProject) -> None:
    outcome = forked.run("rebase", "theirs1", "--onto", "mine2")
    assert outcome.returncode == 6
    assert "published" in outcome.stderr
    git(forked, "add", ".")
    git(forked, "commit", "-m", "mine")
    assert forked.run("rebase", "mine1", "--base", "feature").returncode == 6
    assert forked.run("rebase", "mine1", "--base", "no-such-ref").returncode == 2
    assert forked.run("rebase", "mine1", "--dry-run").returncode == 0


def test_what_is_applied_stays(forked: TinyProject) -> None:
    assert forked.run("upgrade", "mine2").returncode == 0
    outcome = forked.run("rebase", "mine1")
    assert outcome.returncode == 6
    assert "applied" in outcome.stderr
    assert "migrator downgrade base1" in outcome.stderr
    assert forked.run("downgrade", "base1").returncode == 0
    assert forked.run("rebase", "mine1").returncode == 0


def test_a_database_that_does_not_answer_is_said_and_no_obstacle(forked: TinyProject) -> None:
    (forked.root / "env_profiles" / "local.env").write_text("DB_HOST=127.0.0.1\nDB_PORT=1\nDB_NAME=x\nDB_USER=x\n")
    outcome = forked.run("rebase", "mine1")
    assert outcome.returncode == 0, outcome.stderr
    assert "Applied revisions: not known" in outcome.stdout


def test_a_computed_parent_is_put_back(forked: TinyProject) -> None:
    path = file_of(forked, "mine1")
    path.write_text(path.read_text() + "\nif True:\n    down_revision = 'base1'\n")
    before = path.read_bytes()
    outcome = forked.run("rebase", "mine1")
    assert outcome.returncode == 4
    assert path.read_bytes() == before


def test_without_git_it_says_that_nothing_is_known_of_published_revisions(
    project: TinyProject, sqlite_database: Profile
) -> None:
    project.use(sqlite_database)
    project.revision("base1")
    project.revision("theirs1", parent="base1")
    project.revision("mine1", parent="base1")
    outcome = project.run("rebase", "mine1")
    assert outcome.returncode == 0, outcome.stderr
    assert "no git repository" in outcome.stdout
