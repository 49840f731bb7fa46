"""A second connection to the database that ``env.py`` has led to, where no profile says how."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection

from migrator.database.connecting import watching
from migrator.database.light import LightConnection
from migrator.profiles.model import Profile, Secret
from migrator.profiles.settings import DRIVERS


def sibling_of(connection: Connection) -> Callable[[], LightConnection] | None:
    """What opens a light connection to the same database, made of the engine's URL.

    What an ``env.py`` hands to its driver beside the URL is not known here, so that opening may fail.

    Returns:
        None for a driver that has no light connection, and where it would have nothing to tell.

    """
    url = connection.engine.url
    dialect, driver = url.get_backend_name(), url.get_driver_name()
    if driver not in DRIVERS.get(dialect, ()):
        return None
    options = {name: value for name, value in url.query.items() if isinstance(value, str)}
    profile = Profile(
        name="env.py",
        source="url",
        dialect=dialect,
        driver=driver,
        migration_driver=driver,
        host=url.host or options.pop("host", None),
        port=url.port,
        database=url.database,
        user=url.username,
        password=None if url.password is None else Secret(str(url.password)),
        url_options=options,
    )
    return watching(profile)
