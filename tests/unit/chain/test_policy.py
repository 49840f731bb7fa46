"""``[tool.migrator]``: read in full, refused with every problem at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.chain.policy import Ignored, Irreversible, Policy, read_policy
from migrator.errors import ConfigurationError
from migrator.findings import Severity


def policy(root: Path, text: str) -> Policy:
    (root / "pyproject.toml").write_text(text)
    return read_policy(root)


def test_no_file_and_no_table_mean_no_exceptions(tmp_path: Path) -> None:
    assert read_policy(tmp_path) == Policy()
    assert policy(tmp_path, "[project]\nname = 'migrator'\n") == Policy()


def test_every_key(tmp_path: Path) -> None:
    found = policy(
        tmp_path,
        '[tool.migrator]\nallowed_heads = ["a"]\nversion_num_length = 64\n'
        'irreversible = [{ revision = "a", reason = "r" }]\n'
        'ignore = [{ rule = "model-import", path = "x/*", reason = "r" }]\n'
        '[tool.migrator.severity]\n"downgrade-empty" = "error"\n',
    )
    assert found.allowed_heads == ("a",)
    assert found.version_num_length == 64
    assert found.irreversible == (Irreversible(revision="a", reason="r"),)
    assert found.ignore == (Ignored(rule="model-import", path="x/*", reason="r"),)
    assert found.severity == {"downgrade-empty": Severity.ERROR}
    assert found.lines == {"allowed_heads": 2, "version_num_length": 3, "irreversible": 4, "ignore": 5, "severity": 6}


def test_all_problems_are_told_at_once_with_line_and_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        policy(
            tmp_path,
            '[tool.migrator]\nallowed_head = ["a"]\nversion_num_length = "64"\nirreversible = ["a"]\n'
            'ignore = [{ rule = "modle-import" }, { rule = "cycle", reson = "r" }, { revision = "a" }]\n'
            '[tool.migrator.severity]\ncycle = "fatal"\n',
        )
    assert [detail.split(": ")[0] for detail in refused.value.details] == [
        "pyproject.toml:2", "pyproject.toml:4", "pyproject.toml:5", "pyproject.toml:5", "pyproject.toml:5",
        "pyproject.toml:6", "pyproject.toml:3",
    ]  # fmt: skip
    text = " ".join(refused.value.details)
    for hint in ("'allowed_heads'?", "'model-import'?", "'reason'?", "needs rule", "'fatal' is not one of"):
        assert hint in text
