"""The tiny projects of ``tests/histories``: copied to a folder of their own and made ready as they say."""

from __future__ import annotations

import compileall
import json
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migrator.chain.checking import check_chain
from migrator.chain.layout import Layout, find_layout
from migrator.chain.policy import read_policy
from migrator.chain.published import read_base
from migrator.chain.reader import ChainReading, read_chain
from migrator.findings import Finding

FOLDER = Path(__file__).parents[2] / "histories"
CASES = sorted(path.parent.name for path in FOLDER.glob("*/expected.json"))


@dataclass(frozen=True)
class History:
    """One case in a folder where it may be changed."""

    root: Path
    expected: dict[str, Any]

    @property
    def layout(self) -> Layout:
        return find_layout(self.root, section=self.expected.get("section", "alembic"), environ={})

    def read(self, *, executed: Sequence[str] = ()) -> ChainReading:
        return read_chain(self.layout, executed=frozenset(executed))

    def findings(self, *, executed: Sequence[str] = ()) -> tuple[Finding, ...]:
        base = read_base(self.layout, self.expected["base"]) if "base" in self.expected else None
        return check_chain(self.read(executed=executed), read_policy(self.root), base=base)


def prepared(name: str, folder: Path) -> History:
    """Copy a case; build its git history and compile its files where it asks for that."""
    root = folder / name
    expected = json.loads((FOLDER / name / "expected.json").read_text())
    shutil.copytree(FOLDER / name, root, symlinks=True)
    if expected.get("compiled"):
        compileall.compile_dir(root / "migrations" / "versions", quiet=1, legacy=True)
        for source in (root / "migrations" / "versions").glob("*.py"):
            source.unlink()
    if "base" in expected:
        _commit_published(root, expected["base"])
    return History(root=root, expected=expected)


def _commit_published(root: Path, ref: str) -> None:
    """Commit ``published/`` as the ref, in a repository in which the project is a subfolder."""
    versions = root / "migrations" / "versions"
    aside = root.parent / "aside"
    shutil.move(versions, aside)
    shutil.move(root / ref / "migrations" / "versions", versions)
    shutil.rmtree(root / ref)
    identity = ["-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q", "-b", "work"], ["add", "-A"], ["commit", "-qm", "published"], ["branch", ref]):
        subprocess.run(["git", *identity, *arguments], cwd=root.parent, check=True, capture_output=True)
    shutil.rmtree(versions)
    shutil.move(aside, versions)
