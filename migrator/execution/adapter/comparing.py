"""Alembic's autogenerate operations as differences in our own words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from alembic.operations import ops
from sqlalchemy import Column
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.sql.elements import ClauseElement
from sqlalchemy.types import TypeEngine

from migrator.execution.differences import Change, Difference


def differences_of(operations: Iterable[ops.MigrateOperation], dialect: Dialect) -> tuple[Difference, ...]:
    """Tell what the operations of an ``upgrade()`` would do."""
    return tuple(_described(operations, dialect))


def _described(operations: Iterable[ops.MigrateOperation], dialect: Dialect) -> Iterator[Difference]:
    for operation in operations:
        if isinstance(operation, ops.OpContainer):
            yield from _described(operation.ops, dialect)
            continue
        describe = next((found for kind, found in _DESCRIPTIONS if isinstance(operation, kind)), _other)
        yield from describe(operation, dialect)


def _create_table(operation: ops.CreateTableOp, dialect: Dialect) -> Iterator[Difference]:
    columns = [item for item in operation.columns if isinstance(item, Column)]
    yield Difference(
        change=Change.ADDED,
        what="table",
        table=_qualified(operation.table_name, operation.schema),
        definition=_columns(columns, dialect),
    )


def _drop_table(operation: ops.DropTableOp, dialect: Dialect) -> Iterator[Difference]:
    yield Difference(
        change=Change.REMOVED,
        what="table",
        table=_qualified(operation.table_name, operation.schema),
        definition=_columns(operation.to_table().columns, dialect),
    )


def _add_column(operation: ops.AddColumnOp, dialect: Dialect) -> Iterator[Difference]:
    yield Difference(
        change=Change.ADDED,
        what="column",
        table=_qualified(operation.table_name, operation.schema),
        name=operation.column.name,
        definition=_type(operation.column.type, dialect),
    )


def _drop_column(operation: ops.DropColumnOp, dialect: Dialect) -> Iterator[Difference]:
    column = operation.to_column()
    yield Difference(
        change=Change.REMOVED,
        what="column",
        table=_qualified(operation.table_name, operation.schema),
        name=operation.column_name,
        definition=_type(column.type, dialect),
    )


def _alter_column(operation: ops.AlterColumnOp, dialect: Dialect) -> Iterator[Difference]:
    changes: list[tuple[str, str | None, str | None]] = []
    if operation.modify_type is not None:
        changes.append(
            ("type of column", _type(operation.existing_type, dialect), _type(operation.modify_type, dialect))
        )
    if operation.modify_nullable is not None:
        changes.append(
            ("nullability of column", _nullable(operation.existing_nullable), _nullable(operation.modify_nullable))
        )
    if operation.modify_server_default is not False:
        existing, new = operation.existing_server_default, operation.modify_server_default
        changes.append(("default of column", _default(existing, dialect), _default(new, dialect)))
    if operation.modify_comment is not False:
        changes.append(("comment of column", repr(operation.existing_comment), repr(operation.modify_comment)))
    for what, before, after in changes or [("column", None, None)]:
        yield Difference(
            change=Change.CHANGED,
            what=what,
            table=_qualified(operation.table_name, operation.schema),
            name=operation.column_name,
            before=before,
            after=after,
        )


def _create_index(operation: ops.CreateIndexOp, _dialect: Dialect) -> Iterator[Difference]:
    yield _part(Change.ADDED, "index", operation, operation.index_name)


def _drop_index(operation: ops.DropIndexOp, _dialect: Dialect) -> Iterator[Difference]:
    yield _part(Change.REMOVED, "index", operation, operation.index_name)


def _add_constraint(operation: Any, _dialect: Dialect) -> Iterator[Difference]:
    what = _CONSTRAINTS.get(operation.constraint_type, "constraint")
    table = operation.source_table if isinstance(operation, ops.CreateForeignKeyOp) else None
    yield _part(Change.ADDED, what, operation, operation.constraint_name, table=table)


def _drop_constraint(operation: ops.DropConstraintOp, _dialect: Dialect) -> Iterator[Difference]:
    what = _CONSTRAINTS.get(operation.constraint_type or "", "constraint")
    yield _part(Change.REMOVED, what, operation, operation.constraint_name)


def _table_comment(operation: Any, _dialect: Dialect) -> Iterator[Difference]:
    yield Difference(
        change=Change.CHANGED,
        what="comment of table",
        table=_qualified(operation.table_name, operation.schema),
        before=repr(operation.existing_comment),
        after=repr(getattr(operation, "comment", None)),
    )


def _other(operation: Any, _dialect: Dialect) -> Iterator[Difference]:
    table = getattr(operation, "table_name", None) or "the database"
    yield Difference(change=Change.CHANGED, what=type(operation).__name__, table=str(table), name="by a plugin")


_DESCRIPTIONS: tuple[tuple[type[ops.MigrateOperation], Callable[[Any, Dialect], Iterator[Difference]]], ...] = (
    (ops.CreateTableOp, _create_table),
    (ops.DropTableOp, _drop_table),
    (ops.AddColumnOp, _add_column),
    (ops.DropColumnOp, _drop_column),
    (ops.AlterColumnOp, _alter_column),
    (ops.CreateIndexOp, _create_index),
    (ops.DropIndexOp, _drop_index),
    (ops.AddConstraintOp, _add_constraint),
    (ops.DropConstraintOp, _drop_constraint),
    (ops.CreateTableCommentOp, _table_comment),
    (ops.DropTableCommentOp, _table_comment),
)

_CONSTRAINTS = {
    "unique": "unique constraint",
    "foreignkey": "foreign key",
    "check": "check constraint",
    "primary": "primary key",
}


def _part(change: Change, what: str, operation: Any, name: Any, *, table: str | None = None) -> Difference:
    schema = getattr(operation, "schema", None) or _further_arguments(operation).get("source_schema")
    return Difference(
        change=change,
        what=what,
        table=_qualified(str(table or operation.table_name), schema),
        name=None if name is None else str(name),
    )


def _further_arguments(operation: Any) -> dict[str, Any]:
    return dict(getattr(operation, "kw", None) or {})


def _qualified(table: str, schema: str | None) -> str:
    return f"{schema}.{table}" if schema else table


def _columns(columns: Iterable[Column[Any]], dialect: Dialect) -> str:
    return ", ".join(sorted(f"{column.name} {_type(column.type, dialect)}" for column in columns))


def _type(type_: TypeEngine[Any] | None, dialect: Dialect) -> str:
    if type_ is None:
        return "unknown"
    try:
        return type_.compile(dialect=dialect)
    except (SQLAlchemyError, AttributeError, NotImplementedError):
        return repr(type_)


def _nullable(value: bool | None) -> str:
    return "unknown" if value is None else "NULL" if value else "NOT NULL"


def _default(default: Any, dialect: Dialect) -> str:
    argument = getattr(default, "arg", default)
    if argument is None or argument is False:
        return "none"
    if isinstance(argument, ClauseElement):
        return str(argument.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    return str(argument)
