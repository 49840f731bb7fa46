"""What goes wrong is said with the place, the server's own words and the next command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from servers import REPOSITORY

from migrator.database import embedded
from migrator.errors import ConfigurationError, Unreachable


def test_data_of_another_version_is_not_touched(place: Path) -> None:
    server = embedded.ensure_running(place, 16)
    embedded.stop(place, 16)
    shutil.move(server.data, place / ".migrator" / "postgres-18")
    with pytest.raises(ConfigurationError, match=r"of PostgreSQL 16, not 18") as caught:
        embedded.ensure_running(place, 18)
    assert "migrator local reset --major 18" in str(caught.value.remedy)
    assert (place / ".migrator" / "postgres-18" / "PG_VERSION").exists()


def test_server_that_does_not_start_is_told_with_its_last_words(place: Path) -> None:
    server = embedded.ensure_running(place, 18)
    embedded.stop(place, 18)
    with (server.data / "postgresql.auto.conf").open("a") as settings:
        settings.write("shared_buffers = 'a lot'\n")
    with pytest.raises(Unreachable, match="does not start") as caught:
        embedded.ensure_running(place, 18)
    assert any("shared_buffers" in line for line in caught.value.details)
    assert str(server.data) in str(caught.value.where)
    assert "migrator local reset" in str(caught.value.remedy)


def test_unknown_version_is_told_with_the_known_ones(place: Path) -> None:
    with pytest.raises(ConfigurationError, match="no embedded PostgreSQL 17; the wheel carries 16 and 18"):
        embedded.ensure_running(place, 17)


def test_missing_wheel_is_told_with_its_extra(place: Path) -> None:
    code = (
        "from pathlib import Path; from migrator.errors import ConfigurationError\n"
        "from migrator.database.embedded import ensure_running\n"
        f"try: ensure_running(Path({str(place)!r}), 18)\n"
        "except ConfigurationError as error: print(error.message, error.remedy)"
    )
    outcome = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PATH": os.defpath, "PYTHONPATH": str(REPOSITORY)},
        cwd="/",
        check=True,
        capture_output=True,
        text=True,
    )
    assert "not installed" in outcome.stdout
    assert "pip install 'migrator[embedded]'" in outcome.stdout


def test_refused_statement_keeps_the_servers_words(place: Path) -> None:
    server = embedded.ensure_running(place, 18)
    with pytest.raises(Unreachable) as caught:
        embedded.ensure_database(server, "")
    assert any("zero-length" in line for line in caught.value.details)
