"""What the probe says of a revision file that was just written."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.execution.import_probe import probe


def probed(tmp_path: Path, text: str) -> tuple[str | None, list[tuple[str, str | None]]]:
    path = tmp_path / "revision.py"
    path.write_text(text)
    answer = probe(str(path))
    return answer["error"], [(each["name"], each["module"]) for each in answer["missing"]]


def test_a_sound_file_has_nothing_to_say(tmp_path: Path) -> None:
    text = (
        "import os\nX = 1\ndef upgrade():\n    y = [z for z in (X, os.name, len)]\n    def inner():\n        return y\n"
    )
    assert probed(tmp_path, text) == (None, [])


@pytest.mark.parametrize(
    ("expression", "module"),
    [
        ("json.dumps(1)", "json"),
        ("json.decoder.JSONDecoder()", "json.decoder"),
        ("nowhere.thing", None),
        ("nowhere", None),
    ],
)
def test_a_name_that_upgrade_uses_and_nobody_imports(tmp_path: Path, expression: str, module: str | None) -> None:
    error, missing = probed(tmp_path, f"def upgrade():\n    if 0 > 1:\n        {expression}\n")
    assert error is None
    assert missing == [(expression.split(".", maxsplit=1)[0], module)]


@pytest.mark.parametrize("text", ["def upgrade(:\n", "import no_such_module\n", "1 / 0\n", "x = nowhere.thing\n"])
def test_a_file_that_cannot_be_executed(tmp_path: Path, text: str) -> None:
    error, _ = probed(tmp_path, text)
    assert error
