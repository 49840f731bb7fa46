"""Creates what the models of ``env.py`` say, on a database that is there for nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from alembic.runtime.migration import MigrationContext, MigrationStep
from sqlalchemy import MetaData, Table
from sqlalchemy.schema import CreateSchema

from migrator.execution.adapter.binding import Binding
from migrator.execution.adapter.connections import connection_of
from migrator.execution.adapter.generating import require_models
from migrator.execution.adapter.running import EnvironmentRun, run_environment
from migrator.project import Project

TableName = tuple[str | None, str]
"""Schema and name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedModels:
    """What was created, and what ``env.py`` keeps out of comparisons."""

    default_schema: str | None
    """Where tables without a schema are."""
    left_out: frozenset[TableName]
    """Of the tables that were asked about: those that autogenerate does not look at in this project."""


def create_models(
    project: Project, binding: Binding, *, prepared: Sequence[str], tables: Collection[TableName]
) -> CreatedModels:
    """Run ``env.py`` on an empty database and create every table, type and sequence of its ``target_metadata``.

    Args:
        project: on a scratch database.
        binding: that database.
        prepared: statements to run before: extensions, say.
        tables: of the history, to ask which of them ``env.py`` excludes.

    Raises:
        NoMetadata: ``env.py`` gives no ``target_metadata``.
        SQLAlchemyError: the server refuses something.

    """
    created: list[CreatedModels] = []

    def create(_rows: tuple[str, ...], context: MigrationContext) -> Iterable[MigrationStep]:
        require_models(project, context)
        connection = connection_of(context)
        for statement in prepared:
            connection.exec_driver_sql(statement)
        for metadata in _metadatas(context):
            for schema in sorted(metadata._schemas):  # noqa: SLF001
                if connection.dialect.name != "sqlite":
                    connection.execute(CreateSchema(schema, if_not_exists=True))
            metadata.create_all(connection)
        created.append(
            CreatedModels(
                default_schema=connection.dialect.default_schema_name,
                left_out=_left_out(context, tables, connection.dialect.default_schema_name),
            )
        )
        return ()

    run_environment(
        project,
        EnvironmentRun(
            work=create,
            commits=True,
            binding=binding,
            context_options={"dont_mutate": True, "destination_rev": "heads"},
        ),
    )
    return created[-1]


def _metadatas(context: MigrationContext) -> tuple[MetaData, ...]:
    found: Any = context.opts["target_metadata"]
    return (found,) if isinstance(found, MetaData) else tuple(found)


def _left_out(
    context: MigrationContext, tables: Collection[TableName], default_schema: str | None
) -> frozenset[TableName]:
    modelled = {schema for metadata in _metadatas(context) for schema in metadata._schemas}  # noqa: SLF001
    wanted = {None, *modelled}
    opts = context.opts
    excluded: set[TableName] = set()
    for schema, name in tables:
        within = None if schema == default_schema else schema
        if (within not in wanted and not opts.get("include_schemas")) or not _is_included(opts, within, name):
            excluded.add((schema, name))
    return frozenset(excluded)


def _is_included(opts: dict[str, Any], schema: str | None, name: str) -> bool:
    """What the filters of ``env.py`` say of a table that is in the database."""
    include_name, include_object = opts.get("include_name"), opts.get("include_object")
    qualified = f"{schema}.{name}" if schema else name
    if include_name is not None:
        if schema is not None and not include_name(schema, "schema", {}):
            return False
        if not include_name(name, "table", {"schema_name": schema, "schema_qualified_table_name": qualified}):
            return False
    if include_object is None:
        return True
    return bool(include_object(Table(name, MetaData(), schema=schema), name, "table", True, None))
