"""Asks databases through ``env.py``: the only way when it alone knows its database or version table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

from alembic.runtime.migration import MigrationContext, MigrationStep

from migrator.chain.model import Direction
from migrator.database.connection_reader import ConnectionReader
from migrator.database.ledger.durations import read_durations
from migrator.database.ledger.place import find_place, scope_of
from migrator.database.state import DatabaseState, Reader, VersionTable, require_supported
from migrator.errors import ConfigurationError
from migrator.execution.adapter.binding import Binding
from migrator.execution.adapter.connections import connection_of
from migrator.execution.adapter.running import EnvironmentRun, run_environment
from migrator.execution.gathering import Question, state_question
from migrator.project import Project

T = TypeVar("T")


def ask_through_env_py(project: Project, binding: Binding | None, question: Question[T]) -> tuple[T, ...]:
    """Run ``env.py`` with nothing to do and put a question to each database that it leads to; no table is created.

    Raises:
        ConfigurationError: ``env.py`` never configured a connection.

    """
    answers: list[T] = []

    def read(_heads: tuple[str, ...], context: MigrationContext) -> Iterable[MigrationStep]:
        answers.append(_asked(context, question))
        return ()

    run_environment(
        project,
        EnvironmentRun(work=read, binding=binding, context_options={"dont_mutate": True, "destination_rev": "heads"}),
    )
    if not answers:
        raise ConfigurationError(
            "env.py ended without calling context.run_migrations()",
            where=project.display(str(project.layout.env_py)),
            remedy="call context.configure(connection=...) and context.run_migrations() in env.py",
        )
    return tuple(answers)


def state_of(context: MigrationContext, project: Project) -> DatabaseState:
    """What the database of a migration context says."""
    return _asked(context, state_question(project))


def durations_of(context: MigrationContext, project: Project, direction: Direction) -> Mapping[str, float]:
    """How long revisions have taken in the database of a context, as its ledger knows."""

    def read(reader: Reader, version_table: VersionTable, _location: str) -> Mapping[str, float]:
        place = find_place(reader, version_table, project.care.ledger_schema)
        return {} if place is None else read_durations(reader, place, scope_of(version_table), direction.value)

    return _asked(context, read)


def _asked(context: MigrationContext, question: Question[T]) -> T:
    connection = connection_of(context)
    reader = ConnectionReader(connection)
    require_supported(reader.dialect)
    location = connection.engine.url.render_as_string(hide_password=True)
    return question(reader, VersionTable(context.version_table, context.version_table_schema), location)
