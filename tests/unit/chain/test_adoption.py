"""The profiles of an adopted project keep to what the project uses."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.chain.layout import Layout, find_layout
from migrator.chain.scaffold import plan_adoption, wiring
from migrator.profiles.address import parse_address

PROFILES = ("ci", "local", "prod")


def adopted(layout: Layout, url: str) -> dict[str, str]:
    files = dict(plan_adoption(layout, parse_address(url)).files)
    return {name: files[f"env_profiles/{name}.env"] for name in PROFILES}


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "env.py").write_text("from alembic import context\n")
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = %(here)s/migrations\n")
    return find_layout(tmp_path)


@pytest.mark.parametrize("driver", ["psycopg2", "asyncpg"])
def test_every_profile_names_the_driver_that_the_project_uses(driver: str, layout: Layout) -> None:
    for text in adopted(layout, f"postgresql+{driver}://app@db/app").values():
        assert f"DB_DRIVER={driver}\n" in text


def test_a_driver_that_nobody_named_is_the_one_that_fits_env_py(layout: Layout) -> None:
    profiles = adopted(layout, "postgresql://app@db/app")
    assert "DB_DRIVER" not in profiles["local"]
    assert "DB_DRIVER=psycopg\n" in profiles["prod"]


def test_wiring_names_the_call_that_an_asynchronous_env_py_makes(tmp_path: Path) -> None:
    env_py = tmp_path / "env.py"
    env_py.write_text("from sqlalchemy.ext.asyncio import async_engine_from_config\n")
    assert "in place of async_engine_from_config(...)" in "\n".join(wiring(env_py))
