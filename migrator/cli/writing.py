"""What the commands that write revision files share."""

from __future__ import annotations

from migrator.cli.opening import project_of
from migrator.cli.options import Invocation
from migrator.project import Project


def project_for_writing(invocation: Invocation) -> Project:
    """Open the project; its profile is read only where ``revision_environment`` makes ``env.py`` run for each file."""
    from migrator.execution.adapter.generating import wants_environment

    project = project_of(invocation, with_profile=False)
    return project_of(invocation) if wants_environment(project) else project
