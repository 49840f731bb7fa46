"""Which driver suits whom: an ``env.py`` is either synchronous or asynchronous, whatever the profile names."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

from migrator.profiles.model import ASYNCHRONOUS_ONLY, SYNCHRONOUS_ONLY, Profile

_SYNCHRONOUS: Final = {
    "postgresql": ("psycopg", "psycopg2"),
    "mysql": ("pymysql",),
    "mariadb": ("pymysql",),
    "sqlite": ("pysqlite",),
    "oracle": ("oracledb",),
    "mssql": ("pyodbc",),
}
_ASYNCHRONOUS: Final = {
    "postgresql": ("asyncpg", "psycopg"),
    "mysql": ("asyncmy",),
    "mariadb": ("asyncmy",),
    "sqlite": ("aiosqlite",),
    "oracle": ("oracledb",),
    "mssql": ("aioodbc",),
}
_MODULES: Final = {"pysqlite": "sqlite3"}


def driver_for(profile: Profile, *, asynchronous: bool) -> str:
    """Return the profile's driver for migrations where it works that way, else one of the dialect that does."""
    return _first_fit(profile, (profile.migration_driver, profile.driver), asynchronous=asynchronous)


def application_driver(profile: Profile, *, asynchronous: bool) -> str:
    """Return the application's driver where it works that way, else an installed one of the dialect that does."""
    return _first_fit(profile, (profile.driver,), asynchronous=asynchronous)


def _first_fit(profile: Profile, wanted: tuple[str, ...], *, asynchronous: bool) -> str:
    unfit = SYNCHRONOUS_ONLY if asynchronous else ASYNCHRONOUS_ONLY
    for named in wanted:
        if named not in unfit:
            return named
    choices = (_ASYNCHRONOUS if asynchronous else _SYNCHRONOUS)[profile.dialect]
    return next((each for each in choices if find_spec(_MODULES.get(each, each))), choices[0])
