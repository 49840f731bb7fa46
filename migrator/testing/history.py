"""The tests of a migration history; ``migrator.testing.collecting`` adds them to a session."""

from __future__ import annotations

from contextlib import suppress

import pytest

from migrator.testing.verdicts import Verdicts, revisions_of

with suppress(ImportError):
    from pytest_alembic.tests import (  # noqa: F401 - collected by pytest
        test_model_definitions_match_ddl,
        test_single_head_revision,
        test_up_down_consistency,
        test_upgrade,
    )


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
