"""A server that checks passwords: a wrong one ends a wait at once, and is told to nobody."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from askers import asking, stamp
from projects import TinyProject

from migrator.profiles.model import Secret
from migrator.runtime import SchemaBehind

CONNECTING = Path(__file__).resolve().parents[2] / "connecting"
if str(CONNECTING) not in sys.path:
    sys.path.append(str(CONNECTING))

import strict_servers  # noqa: E402

WRONG = "n0t-th3-w0rd"


@pytest.fixture(scope="module")
def strict() -> Iterator[strict_servers.StrictServer]:
    """The wheel's PostgreSQL 18, asking for passwords."""
    with strict_servers.postgresql(None, tls=False) as server:
        yield server


@pytest.mark.parametrize("asynchronous", [True, False], ids=["async", "sync"])
@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_a_wrong_password_ends_the_wait_and_is_not_told(
    project: TinyProject,
    strict: strict_servers.StrictServer,
    caplog: pytest.LogCaptureFixture,
    driver: str,
    *,
    asynchronous: bool,
) -> None:
    profile = replace(strict.admin, driver=driver, migration_driver=driver)
    project.use(replace(profile, password=Secret(WRONG)))
    project.revision("r1")
    stamp(profile, "r1")
    with asking(project.root, asynchronous=asynchronous) as asker:
        found = asker.readiness()
        assert (found.is_ready, found.may_change) == (False, False)
        assert "the login was refused" in found.reason
        assert found.remedy.startswith("correct DB_USER and DB_PASS")
        caplog.set_level(logging.DEBUG, "migrator")
        with pytest.raises(SchemaBehind) as refused:
            asker.require_head(timeout=30)
    assert WRONG not in repr(found) + repr(refused.value.__dict__) + caplog.text
    assert "waiting for" not in caplog.text
    project.use(profile)
    with asking(project.root, asynchronous=asynchronous) as asker:
        assert asker.require_head().is_ready
