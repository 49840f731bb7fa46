"""Adds the tests of the migration history to a session: by ``pytest --migrator``, or by a line in ``conftest.py``.

The line in the ``conftest.py`` of pytest's root folder does the same in every session::

    pytest_plugins = ["migrator.testing.collecting"]
"""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from migrator.testing.plugin import alembic_config, alembic_engine, migrator_project, scratch_profile
from migrator.testing.verdicts import migrator_verdicts

__all__ = ["alembic_config", "alembic_engine", "migrator_project", "migrator_verdicts", "scratch_profile"]

_NAME = "migrations"
_BROKEN_WITH_9_2 = "0.13.1"
"""The pytest-alembic whose own collector ends every session of pytest 9.2."""


class HistoryModule(pytest.Module):
    """The tests of an installed module, as if they were in the project."""

    def __init__(self, *, source: str, **options: Any) -> None:
        """Take the tests from the module of that name."""
        super().__init__(**options)
        self._source = source

    def _getobj(self) -> ModuleType:
        return import_module(self._source)

    def funcnamefilter(self, name: str) -> bool:
        """Take the names as they are there, whatever ``python_functions`` says of the project's own tests."""
        return name.startswith("test_")


def pytest_configure(config: pytest.Config) -> None:
    """Keep pytest-alembic's own collector out of the way: its tests are collected here."""
    if not config.pluginmanager.has_plugin("pytest_alembic"):
        return
    if not _collects_by_itself(config):
        config.option.pytest_alembic_tests_path = "collected-by-migrator"
    elif pytest.version_tuple >= (9, 2) and version("pytest-alembic") == _BROKEN_WITH_9_2:
        raise pytest.UsageError(
            f"pytest-alembic {_BROKEN_WITH_9_2} cannot collect its tests with pytest {pytest.__version__}: leave "
            '--test-alembic out, since --migrator runs the same tests, or pin "pytest<9.2".'
        )


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(session: pytest.Session, items: list[pytest.Item]) -> None:
    """Add the tests, before ``-k`` and ``-m`` choose among all of them."""
    folder = _folder_of_tests(items) or session
    sources = ["migrator.testing.history"]
    if session.config.pluginmanager.has_plugin("pytest_alembic") and not _collects_by_itself(session.config):
        sources.append("pytest_alembic.tests")
    for source in sources:
        path = Path(str(import_module(source).__file__))
        module = HistoryModule.from_parent(folder, path=path, name=_NAME, nodeid=_NAME, source=source)
        items.extend(session.genitems(module))


def _collects_by_itself(config: pytest.Config) -> bool:
    """Whether pytest-alembic was told to collect its tests."""
    return bool(config.getoption("pytest_alembic_registration_enabled", default=False))


def _folder_of_tests(items: list[pytest.Item]) -> pytest.Collector | None:
    """The topmost folder below the root that has a ``conftest.py``: fixtures that it overrides are meant here too."""
    for item in items:
        for node in item.listchain():
            if isinstance(node, pytest.Directory) and node.path != item.config.rootpath:
                if (node.path / "conftest.py").is_file():
                    return node
                break
    return None
