"""Where an existing project's database is: as its files say, else as its ``env.py`` connects."""

from __future__ import annotations

from migrator.chain.adoption import address_of
from migrator.chain.scaffold import Scaffold, plan_adoption
from migrator.errors import MigratorError
from migrator.execution.gathering import gather
from migrator.profiles.address import Address, parse_address
from migrator.project import Project


def plan_adoption_of(project: Project) -> Scaffold:
    """Plan the profiles of a project, the first one with the address that the project uses now."""
    return plan_adoption(project.layout, known_address(project))


def known_address(project: Project) -> Address | None:
    """Find where a project without a profile connects to; None when nothing tells, or nothing answers.

    The database itself is asked only where ``alembic.ini`` says nothing, and nothing is written to it.
    """
    return address_of(project.layout) or _address_in_use(project)


def _address_in_use(project: Project) -> Address | None:
    try:
        return parse_address(gather(project).state.location)
    except (MigratorError, ValueError):
        return None
