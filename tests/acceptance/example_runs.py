"""Runs the examples of README and docs; ``python tests/acceptance/example_runs.py`` puts their output into the pages.

Examples that still agree are left alone; in others all output is replaced, so that ids fit each other across commands.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from markdown_examples import Block, agrees, blocks

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
PROJECT = ("migrations", "env_profiles", "examples", "pyproject.toml")


@dataclass(frozen=True, kw_only=True)
class CommandRun:
    """A command of an example, what its page promises and what it printed."""

    block: Block
    command: str
    expected: list[str]
    printed: str

    @property
    def agrees(self) -> bool:
        """Whether the page tells the truth."""
        return agrees(self.expected, self.printed)


def examples() -> dict[str, list[Block]]:
    """The blocks of each example, by page and name."""
    found: dict[str, list[Block]] = {}
    for page in PAGES:
        for block in blocks(page):
            if block.example is not None:
                found.setdefault(f"{page.stem}:{block.example}", []).append(block)
    return found


@contextmanager
def example_folder() -> Iterator[Path]:
    """A folder named ``shop``, its path short enough for a Unix socket in it; its server is stopped afterwards."""
    above = Path(tempfile.mkdtemp(prefix="docs-"))
    folder = above / "shop"
    folder.mkdir()
    try:
        yield folder
    finally:
        subprocess.run(["migrator", "local", "stop", "--all"], cwd=folder, env=environment(), capture_output=True)
        shutil.rmtree(above)


def environment() -> dict[str, str]:
    """The environment of a person who has just installed the tool: no settings of this test run."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DB_", "MIGRATOR_", "ALEMBIC_"))}
    return {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept['PATH']}",
        "COLUMNS": "120",
        "NO_COLOR": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
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


def run_example(steps: list[Block], folder: Path) -> Iterator[CommandRun]:
    """Write the files of an example and run its commands, in the order of the page."""
    if steps[0].start == "repository":
        copy_of_the_project(folder)
    elif steps[0].start is not None:
        shutil.copytree(ROOT / steps[0].start, folder, dirs_exist_ok=True)
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
            yield CommandRun(block=block, command=command, expected=expected, printed=run.stdout)


def record() -> None:
    """Run every example and bring the pages up to date."""
    behind: dict[Block, list[CommandRun]] = {}
    for name, steps in examples().items():
        with example_folder() as folder:
            runs = list(run_example(steps, folder))
        wrong = [run.command for run in runs if not run.agrees]
        if wrong:
            print(f"{name}:", *(f"\n  $ {command}" for command in wrong))
            for run in runs:
                behind.setdefault(run.block, []).append(run)
    # From the last block to the first, so that a block's line is still right when its turn comes.
    for block in sorted(behind, key=lambda block: block.line, reverse=True):
        replace_body(block, behind[block])


def replace_body(block: Block, runs: list[CommandRun]) -> None:
    """Write a block anew: its commands, each with what it prints now."""
    lines = []
    for run in runs:
        lines.append("$ " + run.command.replace("\n", "\n> "))
        lines += run.printed.rstrip().splitlines()
    text = block.page.read_text(encoding="utf-8").splitlines(keepends=True)
    length = block.body.count("\n")
    text[block.line : block.line + length] = [f"{line}\n" for line in lines]
    block.page.write_text("".join(text), encoding="utf-8")


if __name__ == "__main__":
    record()
