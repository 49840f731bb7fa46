"""The entry point that every pytest session of the environment loads: an option, and nothing else until it is given."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Give pytest the option ``--migrator``."""
    parser.getgroup("migrator").addoption(
        "--migrator",
        action="store_true",
        help="Add the tests of the migration history: a round trip of each revision, and pytest-alembic's own, "
        "all on scratch databases.",
    )
    parser.addini("migrator_root", "Folder of the project whose history --migrator tests, from pytest's root folder.")


def pytest_configure(config: pytest.Config) -> None:
    """Bring in what collects the tests, when they are wanted."""
    if config.getoption("--migrator"):
        config.pluginmanager.import_plugin("migrator.testing.collecting")
