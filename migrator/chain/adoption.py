"""The first profile of an adopted project: where its database is now, without the password."""

from __future__ import annotations

from collections.abc import Mapping

from migrator.chain.layout import Layout
from migrator.chain.settings import read_settings
from migrator.errors import ConfigurationError
from migrator.profiles.address import Address, parse_address
from migrator.profiles.settings import DEFAULT_PORTS

_LOCAL = "env_profiles/local.env"

_HEADER = """\
# The profile used when neither --env nor MIGRATOR_ENV names another one: the database that the project used.
# The password belongs into local.local.env (git-ignored) as DB_PASS, or into the environment.
"""


def profiles_at(address: Address, profiles: Mapping[str, str]) -> dict[str, str]:
    """The profiles of a new project, changed to what an existing one uses.

    Args:
        address: of the database that the project uses now; it becomes the local profile.
        profiles: the templates for PostgreSQL, by file name; they get the dialect, its port and the driver that the
            project uses: revisions that one driver runs, another may refuse (psycopg2 sends literals, psycopg typed
            parameters). A database that is a file has a local profile only.

    """
    local = {_LOCAL: local_profile_of(address)}
    if address.dialect == "sqlite":
        return local
    if address.dialect == "postgresql" and address.driver is None:
        return {**profiles, **local}
    return {name: _in_dialect(text, address) for name, text in profiles.items()} | local


def _in_dialect(text: str, address: Address) -> str:
    settings = {
        "DB_DIALECT": address.dialect,
        "DB_DRIVER": address.driver,
        "DB_PORT": DEFAULT_PORTS.get(address.dialect),
        "DB_USER": "root" if address.dialect in {"mysql", "mariadb"} and "DB_USER=postgres" in text else None,
    }
    lines = []
    for line in text.splitlines(keepends=True):
        name = line.partition("=")[0]
        value = settings.get(name)
        if name == "DB_DRIVER" and value is None:
            continue
        lines.append(line if value is None else f"{name}={value}\n")
    return "".join(lines)


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
