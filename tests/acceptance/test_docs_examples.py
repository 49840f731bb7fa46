"""What README and docs show is run here: each example in a folder of its own, its output compared line by line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_examples import Block, agrees, blocks

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PROJECT = ("migrations", "env_profiles", "examples", "pyproject.toml")


def examples() -> dict[str, list[Block]]:
    """The blocks of each example, by page and name."""
    found: dict[str, list[Block]] = {}
    for page in PAGES:
        for block in blocks(page):
            if block.example is not None:
                found.setdefault(f"{page.stem}:{block.example}", []).append(block)
    return found


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder whose path is short enough for a Unix socket in it, and whose server is stopped afterwards."""
    path = Path(tempfile.mkdtemp(prefix="docs-"))
    yield path
    subprocess.run(["migrator", "local", "stop"], cwd=path, env=environment(), capture_output=True)
    shutil.rmtree(path)


def environment() -> dict[str, str]:
    """The environment of a person who has just installed the tool: no settings of this test run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DB_", "MIGRATOR_", "ALEMBIC_"))}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}",
        "COLUMNS": "120",
        "NO_COLOR": "1",
    }


def copy_of_the_project(folder: Path) -> None:
    """Copy what a clone would have: no personal settings, no server's data, no compiled files."""
    ignored = shutil.ignore_patterns("__pycache__", "*.local.env")
    for name in PROJECT:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy(source, folder / name)


@pytest.mark.parametrize("name", sorted(examples()))
def test_an_example_prints_what_the_page_shows(name: str, folder: Path) -> None:
    """Every command of an example, run in order in one folder, prints what stands below it."""
    steps = examples()[name]
    if steps[0].start == "repository":
        copy_of_the_project(folder)
    for block in steps:
        if block.file is not None:
            path = folder / block.file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.body, encoding="utf-8")
            continue
        for command, expected in block.commands():
            run = subprocess.run(
                ["bash", "-c", command],
                cwd=folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=120,
            )
            place = f"{block.page.relative_to(ROOT)}:{block.line}"
            assert agrees(expected, run.stdout), f"{place}: $ {command}\n{run.stdout}"


def test_every_console_block_is_run_or_says_why_not() -> None:
    """A page cannot show output that nothing checks."""
    unchecked = [
        f"{block.page.relative_to(ROOT)}:{block.line}"
        for page in PAGES
        for block in blocks(page)
        if block.language == "console" and block.example is None and block.excuse is None
    ]
    assert unchecked == []


def test_every_link_leads_to_a_file() -> None:
    """A relative link in README and docs points at something that exists."""
    import re

    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []


@pytest.mark.parametrize(
    ("expected", "printed", "answer"),
    [
        (["a", "b"], "a\nb\n", True),
        (["a", "...", "d"], "a\nb\nc\nd\n", True),
        (["a", "...", "d"], "a\nd\n", True),
        (["a ... c"], "a b c\n", True),
        (["a"], "a\nb\n", False),
        (["a", "...", "d"], "a\nb\n", False),
        ([], "", True),
        ([], "surprise\n", False),
    ],
)
def test_what_is_promised_is_compared_line_by_line(expected: list[str], printed: str, *, answer: bool) -> None:
    """Wildcards match what they stand for, and nothing else goes unseen."""
    assert agrees(expected, printed) is answer
