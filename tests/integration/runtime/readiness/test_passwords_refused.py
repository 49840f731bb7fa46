"""A server that checks passwords: a wrong one ends a wait at once, and is told to nobody."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest
from askers import asking, stamp
from projects import TinyProject
from strict_servers import StrictServer

from migrator.profiles.model import Secret
from migrator.runtime import SchemaBehind

WRONG = "n0t-th3-w0rd"


@pytest.mark.parametrize("asynchronous", [True, False], ids=["async", "sync"])
@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_a_wrong_password_ends_the_wait_and_is_not_told(
    project: TinyProject,
    strict_postgresql: StrictServer,
    caplog: pytest.LogCaptureFixture,
    driver: str,
    *,
    asynchronous: bool,
) -> None:
    profile = replace(strict_postgresql.admin, driver=driver, migration_driver=driver)
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
