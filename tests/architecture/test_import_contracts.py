"""The rooms of the package import only what they may."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
VAGUE = {"utils", "util", "helpers", "helper", "common", "base", "manager", "handler", "misc", "core"}


def test_every_import_contract_is_kept() -> None:
    """The contracts in pyproject.toml hold for the code as it is."""
    checked = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_module_is_named_after_what_it_does() -> None:
    """No drawer that anything fits in."""
    named = [path for path in (ROOT / "migrator").rglob("*.py") if VAGUE & set(path.stem.lower().split("_"))]
    assert named == []


def test_every_module_says_what_it_is_for() -> None:
    """A docstring stands at the top of each."""
    import ast

    silent = [
        path.relative_to(ROOT)
        for path in (ROOT / "migrator").rglob("*.py")
        if ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]
    assert silent == []


def test_no_module_has_grown_too_long_to_read() -> None:
    """400 lines are the most that a room's one module holds."""
    long = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "migrator").rglob("*.py")
        if (lines := path.read_text(encoding="utf-8").count("\n")) > 400
    }
    assert long == {}
