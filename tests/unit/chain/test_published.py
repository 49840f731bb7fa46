"""The history of a git ref, read without a checkout."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from migrator.chain.checking import check_chain
from migrator.chain.layout import find_layout
from migrator.chain.policy import Policy
from migrator.chain.published import default_base, read_base
from migrator.chain.reader import read_chain
from migrator.errors import UsageError


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def add(root: Path, id_: str, parent: str | None, body: str = "pass") -> Path:
    path = root / "migrations" / "versions" / f"{id_}_step.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    (root / "alembic.ini").write_text("[alembic]\nscript_location = migrations\n")
    functions = "".join(f"\n\ndef {name}():\n    {body}\n" for name in ("upgrade", "downgrade"))
    path.write_text(f"revision = {id_!r}\ndown_revision = {parent!r}\n{functions}")
    return path


def commit(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-qm", "step")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project in a subfolder of a repository, its branch ``main`` at two revisions, now on the branch ``work``."""
    git(tmp_path, "init", "-q", "-b", "main")
    root = tmp_path / "back end"
    add(root, "aaaa1", None)
    add(root, "bbbb2", "aaaa1")
    commit(root)
    git(tmp_path, "checkout", "-qb", "work")
    return root


def rules(root: Path, ref: str = "main") -> list[str]:
    layout = find_layout(root, environ={})
    return [found.rule for found in check_chain(read_chain(layout), Policy(), base=read_base(layout, ref))]


def test_what_the_ref_gained_meanwhile_is_neither_deleted_nor_edited_here(root: Path) -> None:
    git(root, "checkout", "-q", "main")
    add(root, "cccc3", "bbbb2")
    add(root, "bbbb2", "aaaa1", body="op.execute('x')")
    commit(root)
    git(root, "checkout", "-q", "work")
    assert rules(root) == []
    add(root, "dddd4", "bbbb2")
    assert rules(root) == ["parent-not-base-head"]


def test_edits_count_before_and_after_they_are_committed(root: Path) -> None:
    add(root, "bbbb2", "aaaa1", body="op.execute('x')")
    assert "published-edited" in rules(root)
    commit(root)
    assert "published-edited" in rules(root)
    assert "published-edited" not in rules(root, "HEAD")


def test_ids_of_the_ref(root: Path) -> None:
    (root / "migrations" / "versions" / "bbbb2_step.py").unlink()
    assert read_base(find_layout(root, environ={}), "main").ids == {"aaaa1", "bbbb2"}


def test_nested_folders_are_read_only_when_they_count(root: Path) -> None:
    (root / "migrations" / "versions" / "old").mkdir()
    nested = root / "migrations" / "versions" / "old" / "zzzz.py"
    nested.write_text("revision = 'zzzz'\ndown_revision = None\n")
    commit(root)
    assert "zzzz" not in read_base(find_layout(root, environ={}), "HEAD").ids
    (root / "alembic.ini").write_text("[alembic]\nscript_location = migrations\nrecursive_version_locations = true\n")
    assert "zzzz" in read_base(find_layout(root, environ={}), "HEAD").ids


@pytest.mark.parametrize("ref", ["nowhere", "--help", "origin/main"])
def test_an_unknown_ref_is_refused_with_the_command_that_helps(root: Path, ref: str) -> None:
    with pytest.raises(UsageError, match="does not exist in this clone") as refused:
        read_base(find_layout(root, environ={}), ref)
    assert "git fetch origin" in (refused.value.remedy or "")


def test_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    add(tmp_path / "alone", "aaaa1", None)
    with pytest.raises(UsageError, match="not a git repository"):
        read_base(find_layout(tmp_path / "alone", environ={}), "main")
    assert default_base(tmp_path / "alone") is None


def test_without_git(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(root))
    with pytest.raises(UsageError, match="git is not installed"):
        read_base(find_layout(root, environ={}), "main")
    assert default_base(root) is None


def test_the_default_base_is_the_remote_before_the_local_main(root: Path, tmp_path: Path) -> None:
    assert default_base(root) == "main"
    git(tmp_path, "clone", "-q", str(tmp_path), str(tmp_path / "clone"))
    git(tmp_path / "clone", "remote", "set-head", "origin", "main")
    assert default_base(tmp_path / "clone") in {"origin/HEAD", "origin/main"}
