"""Which kind of scratch database a project without profiles needs: that of the connection in its own ``env.py``."""

from __future__ import annotations

from migrator.chain.adoption import address_of
from migrator.errors import MigratorError
from migrator.execution.gathering import gather
from migrator.profiles.address import Address, parse_address
from migrator.profiles.model import Profile
from migrator.profiles.settings import DRIVERS
from migrator.project import Project


def profile_for_scratch(project: Project) -> Profile | None:
    """Give the profile whose dialect a scratch database is to have; None leaves it at PostgreSQL.

    The project's own database is asked only where ``alembic.ini`` says nothing, and then only for what it is.
    """
    if project.profile is not None:
        return project.profile
    address = address_of(project.layout) or _address_in_use(project)
    if address is None:
        return None
    driver = address.driver or DRIVERS[address.dialect][0]
    return Profile(name="env.py", source="process", dialect=address.dialect, driver=driver, migration_driver=driver)


def _address_in_use(project: Project) -> Address | None:
    try:
        return parse_address(gather(project).state.location)
    except (MigratorError, ValueError):
        return None
