"""Which kind of scratch database a project without profiles needs: that of the connection in its own ``env.py``."""

from __future__ import annotations

from migrator.execution.adopting import known_address
from migrator.profiles.model import Profile
from migrator.profiles.settings import DRIVERS
from migrator.project import Project


def profile_for_scratch(project: Project) -> Profile | None:
    """Give the profile whose dialect a scratch database is to have; None leaves it at PostgreSQL."""
    if project.profile is not None:
        return project.profile
    address = known_address(project)
    if address is None:
        return None
    driver = address.driver or DRIVERS[address.dialect][0]
    return Profile(name="env.py", source="process", dialect=address.dialect, driver=driver, migration_driver=driver)
