"""The commit hooks of this repository, and the one that it offers to others, are valid and stop a broken chain."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """No settings of this person, and the development environment's programs first."""
    return {
        "PATH": f"{PROGRAMS}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(tmp_path / "home"),
        "PRE_COMMIT_HOME": str(tmp_path / "pre-commit"),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "LANG": "C.UTF-8",
    }


def pre_commit(*arguments: str, cwd: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run pre-commit."""
    return subprocess.run(
        [PROGRAMS / "pre-commit", *arguments], cwd=cwd, env=environment, capture_output=True, text=True
    )


def test_both_files_are_what_pre_commit_understands(environment: dict[str, str]) -> None:
    """pre-commit's own validators accept them."""
    for check, name in (
        ("validate-config", ".pre-commit-config.yaml"),
        ("validate-manifest", ".pre-commit-hooks.yaml"),
    ):
        done = pre_commit(check, name, cwd=ROOT, environment=environment)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_hook_lets_a_sound_chain_pass_and_stops_two_heads(tmp_path: Path, environment: dict[str, str]) -> None:
    """The entry that others get, run by pre-commit in a repository with our own revisions."""
    repository = tmp_path / "repository"
    repository.mkdir()
    (hook,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    hooks = {"repos": [{"repo": "local", "hooks": [{**hook, "language": "system"}]}]}
    (repository / ".pre-commit-config.yaml").write_text(yaml.safe_dump(hooks))
    (repository / "pyproject.toml").write_text('[tool.alembic]\nscript_location = "%(here)s/migrations"\n')
    shutil.copytree(ROOT / "migrations", repository / "migrations", ignore=shutil.ignore_patterns("__pycache__"))
    for arguments in (["init", "-q"], ["add", "."]):
        subprocess.run(["git", *arguments], cwd=repository, env=environment, check=True)

    sound = pre_commit("run", "--all-files", cwd=repository, environment=environment)
    assert sound.returncode == 0, sound.stdout + sound.stderr

    (repository / "migrations" / "versions" / "0123456789ab_second_head.py").write_text(
        '"""Second head."""\nrevision = "0123456789ab"\ndown_revision = "b93d05f8ac61"\n'
        "def upgrade() -> None:\n    pass\ndef downgrade() -> None:\n    pass\n"
    )
    subprocess.run(["git", "add", "."], cwd=repository, env=environment, check=True)
    broken = pre_commit("run", "--all-files", cwd=repository, environment=environment)
    assert broken.returncode == 1
    assert "0123456789ab" in broken.stdout
    assert "migrator merge" in broken.stdout
