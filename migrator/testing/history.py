"""The round trip of each revision as a test; ``migrator.testing.collecting`` adds them to a session."""

from __future__ import annotations

import pytest

from migrator.testing.verdicts import Verdicts, revisions_of


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each revision, named after its id and its message."""
    if "migrator_revision" in metafunc.fixturenames:
        names = revisions_of(metafunc.config)
        metafunc.parametrize("migrator_revision", list(names), ids=list(names.values()))


def test_revision_round_trips(migrator_revision: str, migrator_verdicts: Verdicts) -> None:
    """Going down leads to where going up began, and up again to where it had led; rows in the tables survive."""
    failure = migrator_verdicts.failure(migrator_revision)
    if failure is not None:
        pytest.fail(failure, pytrace=False)
