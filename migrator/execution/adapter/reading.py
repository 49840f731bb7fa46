"""Reads version rows through ``env.py``: the only way when it alone knows its database or version table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from alembic.runtime.migration import MigrationContext, MigrationStep

from migrator.database.state import (
    DatabaseState,
    VersionTable,
    read_identity,
    read_server,
    read_state,
    require_supported,
)
from migrator.errors import ConfigurationError
from migrator.execution.adapter.binding import Binding
from migrator.execution.adapter.connections import ConnectionReader, connection_of
from migrator.execution.adapter.running import EnvironmentRun, run_environment
from migrator.project import Project


def read_through_env_py(project: Project, binding: Binding | None) -> tuple[DatabaseState, ...]:
    """Run ``env.py`` with nothing to do and read the databases that it leads to; no table is created.

    Raises:
        ConfigurationError: ``env.py`` never configured a connection.

    """
    states: list[DatabaseState] = []

    def read(_heads: tuple[str, ...], context: MigrationContext) -> Iterable[MigrationStep]:
        states.append(state_of(context))
        return ()

    run_environment(
        project,
        EnvironmentRun(work=read, binding=binding, context_options={"dont_mutate": True, "destination_rev": "heads"}),
    )
    if not states:
        raise ConfigurationError(
            "env.py ended without calling context.run_migrations()",
            where=project.display(str(project.layout.env_py)),
            remedy="call context.configure(connection=...) and context.run_migrations() in env.py",
        )
    return tuple(states)


def state_of(context: MigrationContext) -> DatabaseState:
    """What the database of a migration context says."""
    connection = connection_of(context)
    reader = ConnectionReader(connection)
    require_supported(reader.dialect)
    location = connection.engine.url.render_as_string(hide_password=True)
    table = VersionTable(context.version_table, context.version_table_schema)
    state = read_state(reader, table, location=location)
    return replace(state, server=read_server(reader), identity=read_identity(reader))
