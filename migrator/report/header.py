"""The line above every result: which profile, which database."""

from __future__ import annotations

from migrator.execution.gathering import Gathered
from migrator.project import Project


def header(project: Project, gathered: Gathered) -> str:
    """Say where the command is looking."""
    return "\n".join(f"{profile_line(project)}  {location}" for location in locations(gathered))


def profile_line(project: Project) -> str:
    """Where the connection's settings come from."""
    profile = project.profile
    if profile is None:
        return f"connection of {project.display(str(project.layout.script_location / 'env.py'))}"
    if profile.source == "process":
        return "DB_ settings of the process environment"
    place = project.display(str(profile.path)) if profile.path else "process environment"
    return f"profile {profile.name} ({place}{', protected' if profile.protected else ''})"


def locations(gathered: Gathered) -> list[str]:
    """The databases, never with a password."""
    if gathered.profile is not None and len(gathered.states) == 1:
        return [gathered.profile.location]
    return [state.location for state in gathered.states]
