"""What is in the repository could be in anybody's."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Put together here, so that this file does not find itself.
OF_ONE_MACHINE = re.compile(
    "|".join(["/ro" + "ot/", "/ho" + "me/[a-z]", "/wo" + "rk/", "/tm" + "p/v/", "/us" + "r/local/lib/python"])
)


def tracked() -> list[Path]:
    """Every text file that git knows."""
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    paths = (ROOT / name for name in listed.splitlines())
    return [path for path in paths if path.is_file() and b"\0" not in path.read_bytes()[:1000]]


def test_no_file_names_a_path_of_one_machine() -> None:
    """A clone works wherever it lies."""
    found = [
        f"{path.relative_to(ROOT)}: {match[0]}"
        for path in tracked()
        if (match := OF_ONE_MACHINE.search(path.read_text(encoding="utf-8", errors="replace")))
    ]
    assert found == []


def test_every_source_file_ends_with_a_newline_and_has_no_trailing_spaces() -> None:
    """Small things that make a diff noisy."""
    untidy = [
        str(path.relative_to(ROOT))
        for path in tracked()
        if "histories" not in path.parts and path.suffix in {".py", ".toml", ".yaml", ".md"}
        if (text := path.read_text(encoding="utf-8"))
        and (not text.endswith("\n") or re.search(r"[ \t]+$", text, re.MULTILINE))
    ]
    assert untidy == []


def test_every_revision_of_this_repository_has_a_readable_name() -> None:
    """A file's name is its id and a slug, and the id is twelve hexadecimal digits."""
    names = [path.stem for path in (ROOT / "migrations" / "versions").glob("*.py")]
    assert len(names) >= 10
    assert [name for name in names if not re.fullmatch(r"[0-9a-f]{12}_[a-z]+(_[a-z]+)*", name)] == []
