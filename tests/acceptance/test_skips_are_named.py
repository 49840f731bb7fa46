"""A run without a server says so at its end, and fails where everything is required."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from servers import REPOSITORY


@pytest.mark.parametrize("workers", ["0", "2"])
@pytest.mark.parametrize(("required", "code"), [("", 0), ("1", 1)])
def test_missing_server_is_named_at_the_end_and_fails_where_it_is_required(
    required: str, code: int, workers: str
) -> None:
    test = "tests/integration/database/test_servers.py::test_each_server_gives_a_fresh_database"
    outcome = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "-n",
            workers,
            f"{test}[postgresql]",
            f"{test}[sqlite]",
        ],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "MIGRATOR_TEST_POSTGRES_URL": "postgresql://nobody@127.0.0.1:1/none",
            "MIGRATOR_TEST_REQUIRE_ALL": required,
        },
        check=False,
        capture_output=True,
        text=True,
    )
    assert outcome.returncode == code, outcome.stdout
    assert "MISSING postgresql: no postgresql at 127.0.0.1:1" in outcome.stdout
    assert "1 tests were skipped" in outcome.stdout
    assert ("counts as a failure" in outcome.stdout) is bool(required)
