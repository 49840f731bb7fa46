"""Connections through a pooler in transaction mode: nothing may be left on the session that a transaction was lent."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from sqlalchemy import event

from migrator.database.urls import connect_arguments, server_settings

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

    from migrator.profiles.model import Profile


def without_sessions(profile: Profile, driver: str) -> dict[str, Any]:
    """``connect_args`` without settings of the session, which poolers refuse, and without prepared statements."""
    options = {name: value for name, value in profile.url_options.items() if name != "options"}
    bare = replace(
        profile,
        statement_timeout=None,
        lock_timeout=None,
        schema=None,
        search_path=(),
        url_options=MappingProxyType(options),
    )
    arguments = connect_arguments(bare, driver=driver)
    if driver == "asyncpg":
        return {
            **arguments,
            "statement_cache_size": 0,
            "prepared_statement_cache_size": 0,
            "prepared_statement_name_func": _no_name,
        }
    return {**arguments, "prepare_threshold": None} if driver == "psycopg" else arguments


def _no_name() -> str:
    """Unnamed statements are parsed in the same breath as they are run, and leave nothing on a session.

    Named ones would pile up: asyncpg closes them later, on whichever session it is lent by then.
    """
    return ""


def set_in_each_transaction(engine: Engine, profile: Profile) -> None:
    """Set at the begin of each transaction what would otherwise be set while connecting."""
    settings = server_settings(profile)
    if not settings:
        return
    calls = ", ".join(f"set_config('{name}', {_literal(value)}, true)" for name, value in settings.items())

    @event.listens_for(engine, "begin")
    def set_locally(connection: Connection) -> None:
        connection.exec_driver_sql(f"SELECT {calls}")


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''").replace("%", "%%") + "'"
