"""This project's own history makes its round trips, on each major version of PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest
from servers import POSTGRESQL, REPOSITORY, ServerMissing, Servers
from verifying_histories import url_of

from migrator.findings import Severity
from migrator.profiles.model import Secret
from migrator.project import open_project
from migrator.verification.roundtrips import Outcome, VerifyRequest, verify


@pytest.mark.parametrize("server", POSTGRESQL)
def test_own_history_is_exact(servers: Servers, server: str) -> None:
    try:
        profile = servers.profile(server)
    except ServerMissing as reason:
        pytest.skip(f"{server}: {reason}")
    project = open_project(start=REPOSITORY, environ={})
    assert project.profile is not None
    project = replace(project, profile=replace(project.profile, scratch_url=Secret(url_of(profile)), embedded=None))
    report = verify(project, VerifyRequest())
    assert [each.message for each in report.findings if each.severity is not Severity.NOTICE] == []
    assert {each.outcome for each in report.verdicts} == {Outcome.EXACT}
    assert report.unfilled == ()
    assert report.rebuilt == 0
    (accepted,) = report.findings
    assert accepted.rule == "downgrade-loses-data"
    assert "every row of author_activity" in str(accepted.cause)
