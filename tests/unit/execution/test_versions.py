"""An environment that is too old for the adapter is told as such, not as a defect."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from migrator.errors import ConfigurationError
from migrator.execution.adapter import versions


@pytest.mark.parametrize(
    ("sqlalchemy", "alembic", "named"),
    [
        ("1.4.54", "1.16.4", ["SQLAlchemy 1.4.54"]),
        ("1.3.24", "1.14.1", ["SQLAlchemy 1.3.24", "alembic 1.14.1"]),
        ("2.0.40", "1.16.0", []),
        ("2.1.0b1", "1.16rc1", []),
        ("2.0.39", "1.20.1", ["SQLAlchemy 2.0.39"]),
    ],
)
def test_old_versions_are_named_and_new_ones_pass(
    sqlalchemy: str, alembic: str, named: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(versions, "version", {"SQLAlchemy": sqlalchemy, "alembic": alembic}.__getitem__)
    if not named:
        versions.require_versions()
        return
    with pytest.raises(ConfigurationError) as caught:
        versions.require_versions()
    assert all(each in caught.value.message for each in named)
    assert "'SQLAlchemy>=2.0.40' 'alembic>=1.16'" in str(caught.value.remedy)


def test_the_versions_are_those_of_the_package_s_own_dependencies() -> None:
    project = tomllib.loads((Path(__file__).parents[3] / "pyproject.toml").read_text())
    declared = project["project"]["dependencies"]
    assert "alembic>=1.16" in declared
    assert "sqlalchemy[asyncio]>=2.0.40" in declared
    assert versions.NEEDED == {"SQLAlchemy": (2, 0, 40), "alembic": (1, 16)}
