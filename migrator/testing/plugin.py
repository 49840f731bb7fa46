"""Fixtures that let pytest-alembic's tests run a project's history on a scratch database, and on nothing else.

In ``conftest.py``::

    from migrator.testing.plugin import *  # noqa: F403

then ``pytest --test-alembic``, or import the tests that are wanted into a test module::

    from pytest_alembic.tests import test_single_head_revision, test_up_down_consistency, test_upgrade

``pytest --migrator`` needs neither: see ``migrator.testing.collecting``.

The project is the one around pytest's root folder, or in the folder that the ini option ``migrator_root`` names;
``MIGRATOR_ENV`` chooses the profile, whose dialect and drivers are
used but never its database. Override ``migrator_project`` for another project, and ``alembic_config`` as pytest-alembic
documents it, on top of what this one returns.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from migrator.profiles.model import Profile
    from migrator.project import Project

__all__ = ["alembic_config", "alembic_engine", "migrator_project", "scratch_profile"]


@pytest.fixture
def migrator_project(pytestconfig: pytest.Config) -> Project:
    """The project whose history is tested: ``migrator_root``, else the one around pytest's root folder."""
    from migrator.testing.verdicts import project_of_session

    return project_of_session(pytestconfig)


@pytest.fixture
def scratch_profile(migrator_project: Project) -> Iterator[Profile]:
    """A profile of a fresh throwaway database, which no connection of the test may leave."""
    from migrator.verification.confining import confined_to
    from migrator.verification.scratch import scratch_database

    with scratch_database(migrator_project.profile, root=migrator_project.root) as scratch, confined_to(scratch):
        yield scratch


@pytest.fixture
def alembic_engine(scratch_profile: Profile) -> Iterator[Engine]:
    """The engine that pytest-alembic hands to ``env.py``."""
    from migrator.verification.confining import scratch_engine

    with scratch_engine(scratch_profile) as engine:
        yield engine


@pytest.fixture
def alembic_config(
    migrator_project: Project, scratch_profile: Profile, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """Where pytest-alembic finds the project; the scratch database's URL stands in for the project's own."""
    from migrator.database.drivers import driver_for
    from migrator.database.urls import standalone_url

    layout = migrator_project.layout
    monkeypatch.chdir(layout.root)  # pytest-alembic reads pyproject.toml from the working directory
    driver = driver_for(scratch_profile, asynchronous=False)
    url = standalone_url(scratch_profile, driver=driver).render_as_string(hide_password=False)
    return {
        "file": str(layout.ini or layout.root / "alembic.ini"),
        "script_location": str(layout.script_location).replace("%", "%%"),
        "sqlalchemy.url": url.replace("%", "%%"),
    }
