"""The first profile of an adopted project: where its database is now, without the password."""

from __future__ import annotations

from migrator.chain.layout import Layout
from migrator.chain.settings import read_settings
from migrator.errors import ConfigurationError
from migrator.profiles.address import Address, parse_address

_HEADER = """\
# The profile used when neither --env nor MIGRATOR_ENV names another one: the database that the project used.
# The password belongs into local.local.env (git-ignored) as DB_PASS, or into the environment.
"""


def local_profile_of(address: Address) -> str:
    """Write the profile for an address."""
    settings = {
        "DB_DIALECT": address.dialect,
        "DB_DRIVER": address.driver,
        "DB_HOST": address.host,
        "DB_PORT": address.port,
        "DB_NAME": address.database,
        "DB_USER": address.user,
    }
    lines = [f"{name}={_written(str(value))}\n" for name, value in settings.items() if value not in {None, ""}]
    return _HEADER + "".join(lines)


def address_of(layout: Layout) -> Address | None:
    """Read ``sqlalchemy.url`` of the project's ini file; None when there is none, or it is the template's."""
    try:
        url = read_settings(ini=layout.ini, toml=layout.toml, section=layout.section).text("sqlalchemy.url")
        return parse_address(url) if url else None
    except (ConfigurationError, ValueError):
        return None


def _written(value: str) -> str:
    plain = value.replace("_", "").replace("-", "").replace(".", "").replace("/", "").replace(":", "")
    return value if plain.isalnum() else "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"
