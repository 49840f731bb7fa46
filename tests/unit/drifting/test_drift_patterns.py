"""`[tool.migrator.drift]`: what is read, and what is refused with the line to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.database.snapshot.comparing import Change, Difference
from migrator.database.snapshot.model import Kind, ObjectKey
from migrator.errors import ConfigurationError
from migrator.verification.drift.ignoring import Ignored, first_fitting, read_ignored


def test_project_without_patterns_ignores_nothing(tmp_path: Path) -> None:
    assert read_ignored(tmp_path) == ()


@pytest.mark.parametrize(
    "table",
    [
        "[tool.migrator.drift]\nignored = []",
        '[tool.migrator.drift]\nignore = ["table t"]',
        '[tool.migrator.drift]\nignore = [{ reason = "no object" }]',
        '[tool.migrator.drift]\nignore = [{ object = "t", reason = 1 }]',
        '[tool.migrator]\ndrift = "all"',
    ],
)
def test_what_cannot_be_used_is_refused_with_an_example(table: str, tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(table)
    with pytest.raises(ConfigurationError) as raised:
        read_ignored(tmp_path)
    assert "object =" in str(raised.value.remedy)


@pytest.mark.parametrize(
    ("pattern", "fits"),
    [("index public.*", True), ("index public.users.tmp_*", True), ("* public.users.*", True), ("table *", False)],
)
def test_patterns_see_objects_as_messages_name_them(pattern: str, fits: bool) -> None:
    difference = Difference(Change.ADDED, ObjectKey(Kind.INDEX, "public", "tmp_1", "users"), None, None)
    assert (first_fitting([Ignored(object=pattern)], difference) is not None) == fits
