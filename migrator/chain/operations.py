"""What a revision will do, told from its ``op.*`` calls; read one file at a time, when someone asks."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from migrator.chain.constants import Constants
from migrator.chain.executed_sql import is_destructive, shortened, table_in
from migrator.chain.statements import Scope

_SILENT = frozenset(
    {"batch_alter_table", "f", "get_bind", "get_context", "get_impl", "inline_literal", "invoke", "implementation_for"}
)
_EXECUTING = frozenset({"execute", "scalar", "scalars", "exec_driver_sql"})
UNKNOWN_SCHEMA = "?"
"""Of an operation that computes its schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation as it stands in the file; whether it runs can depend on conditions around it."""

    kind: str
    """Name of the ``op`` function, such as ``create_table``."""
    table: str | None = None
    """None when there is none or it is computed."""
    schema: str | None = None
    """None: the connection's current one."""
    name: str | None = None
    """Column, index or constraint."""
    line: int = 1
    summary: str = ""
    """One line for people, such as ``create table users``."""
    destructive: bool = False
    """Whether rows or columns are lost by it."""


@dataclass(frozen=True, slots=True)
class RevisionOperations:
    """What the two functions of a revision do, in the order of the file."""

    upgrade: tuple[Operation, ...] = ()
    downgrade: tuple[Operation, ...] = ()


def read_operations(path: str) -> RevisionOperations:
    """Read the operations of one revision file; empty when the file cannot be parsed (the chain check says why)."""
    try:
        tree = ast.parse(Path(path).read_bytes(), path)
    except (OSError, SyntaxError, ValueError):
        return RevisionOperations()
    scope = Scope(Constants(()))
    scope.run(tree.body)
    return RevisionOperations(tuple(_Finder(scope).within("upgrade")), tuple(_Finder(scope).within("downgrade")))


class _Finder:
    """Walks one function, and the functions of the same file that it calls, in the order of the source."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._entered: set[str] = set()
        self._tables: dict[str, tuple[str | None, str | None]] = {}
        """Batches by their variable: table and schema."""
        self._names = dict(scope.values)

    def within(self, function: str) -> Iterator[Operation]:
        definition = self._scope.functions.get(function)
        if definition is None or function in self._entered:
            return
        self._entered.add(function)
        for statement in definition.body:
            yield from self._visit(statement)

    def _visit(self, node: ast.AST) -> Iterator[Operation]:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            return
        if isinstance(node, (ast.With, ast.AsyncWith)):
            self._enter_batches(node)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            self._names[node.targets[0].id] = self._scope.evaluate(node.value)
        if isinstance(node, ast.Call):
            operation = self._operation(node)
            if operation is not None:
                yield operation
                return
        for child in ast.iter_child_nodes(node):
            yield from self._visit(child)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield from self.within(node.func.id)

    def _enter_batches(self, node: ast.With | ast.AsyncWith) -> None:
        for item in node.items:
            call = item.context_expr
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr == "batch_alter_table"
                and isinstance(item.optional_vars, ast.Name)
            ):
                arguments = _Arguments(call)
                table = self._text(arguments.get(0, "table_name"))
                self._tables[item.optional_vars.id] = (table, self._schema(arguments))

    def _operation(self, call: ast.Call) -> Operation | None:
        function = call.func
        if not isinstance(function, ast.Attribute):
            return None
        owner = function.value.id if isinstance(function.value, ast.Name) else None
        arguments = _Arguments(call)
        if owner == "op" or owner in self._tables:
            if function.attr in _SILENT:
                return None
            batch = None if owner == "op" else self._tables[owner or ""]
            made = self._described(function.attr, arguments, batch)
        elif function.attr in _EXECUTING and call.args:
            made = self._executed(call.args[0])
        elif function.attr in {"create", "drop"} and call.args and _is_bind(call.args[0]):
            made = Operation(kind=f"{function.attr}_type", summary=f"{function.attr} a type or table of its own")
        else:
            return None
        return replace(made, line=call.lineno)

    def _described(self, kind: str, arguments: _Arguments, batch: tuple[str | None, str | None] | None) -> Operation:
        """An ``op`` or ``batch_op`` call; inside a batch the table is not among the arguments."""
        if kind == "execute":
            return self._executed(arguments.get(0, "sqltext"))
        shape = _SHAPES.get(kind)
        if shape is None:
            first = self._text(arguments.get(0, ""))
            return Operation(kind=kind, name=first, summary=" ".join(filter(None, (kind.replace("_", " "), first))))
        table = batch[0] if batch else self._text(arguments.get(shape.table, shape.table_keyword))
        position = shape.name
        if batch and position is not None and shape.table < position:
            position -= 1
        name = self._text(arguments.get(position, *shape.name_keywords)) if position is not None else None
        text = shape.text.format(table=table or "?", name=name or "?")
        changes = ", ".join(_CHANGES[keyword] for keyword in arguments.keywords if keyword in _CHANGES)
        if kind == "alter_column" and changes:
            text += f" ({changes})"
        schema = batch[1] if batch else self._schema(arguments)
        return Operation(kind=kind, table=table, schema=schema, name=name, summary=text, destructive=shape.destructive)

    def _schema(self, arguments: _Arguments) -> str | None:
        given = arguments.keywords.get("schema")
        if given is None or (isinstance(given, ast.Constant) and given.value is None):
            return None
        return self._text(given) or UNKNOWN_SCHEMA

    def _executed(self, argument: ast.expr | None) -> Operation:
        if isinstance(argument, ast.Call) and argument.args:
            argument = argument.args[0]
        sql = self._text(argument)
        if sql is None and isinstance(argument, ast.JoinedStr):
            sql = "".join(str(part.value) if isinstance(part, ast.Constant) else "..." for part in argument.values)
        if sql is None:
            return Operation(kind="execute", summary="execute SQL")
        destructive = is_destructive(sql)
        schema, table = table_in(sql) if destructive else (None, None)
        return Operation(
            kind="execute", table=table, schema=schema, summary=f"execute {shortened(sql)}", destructive=destructive
        )

    def _text(self, node: ast.expr | None) -> str | None:
        if node is None:
            return None
        if isinstance(node, ast.Call) and node.args:
            # A name is often wrapped, in op.f, Column, text or table: always the first argument.
            return self._text(node.args[0])
        self._scope.values = self._names
        value = self._scope.evaluate(node)
        return value if isinstance(value, str) else None


class _Arguments:
    """The arguments of a call by position or keyword."""

    def __init__(self, call: ast.Call) -> None:
        self._positional = call.args
        self.keywords: Mapping[str, ast.expr] = {word.arg: word.value for word in call.keywords if word.arg}

    def get(self, position: int, *keywords: str) -> ast.expr | None:
        for keyword in keywords:
            if keyword in self.keywords:
                return self.keywords[keyword]
        return self._positional[position] if position < len(self._positional) else None


@dataclass(frozen=True, slots=True)
class _Shape:
    """How an ``op`` function names its table and its object."""

    text: str
    table: int
    name: int | None = None
    name_keywords: Sequence[str] = ()
    table_keyword: str = "table_name"
    destructive: bool = False


_CHANGES = {
    "type_": "type",
    "nullable": "nullability",
    "server_default": "default",
    "new_column_name": "name",
    "comment": "comment",
    "existing_autoincrement": "autoincrement",
}
_SHAPES: Mapping[str, _Shape] = {
    "create_table": _Shape("create table {table}", 0),
    "drop_table": _Shape("drop table {table}", 0, destructive=True),
    "rename_table": _Shape("rename table {table} to {name}", 0, 1, ("new_table_name",), "old_table_name"),
    "add_column": _Shape("add column {table}.{name}", 0, 1, ("column",)),
    "drop_column": _Shape("drop column {table}.{name}", 0, 1, ("column_name",), destructive=True),
    "alter_column": _Shape("alter column {table}.{name}", 0, 1, ("column_name",)),
    "create_index": _Shape("create index {name} on {table}", 1, 0, ("index_name",)),
    "drop_index": _Shape("drop index {name}", 1, 0, ("index_name",)),
    "create_unique_constraint": _Shape("add unique constraint {name} on {table}", 1, 0, ("constraint_name",)),
    "create_foreign_key": _Shape("add foreign key {name} on {table}", 1, 0, ("constraint_name",), "source_table"),
    "create_check_constraint": _Shape("add check constraint {name} on {table}", 1, 0, ("constraint_name",)),
    "create_primary_key": _Shape("add primary key {name} on {table}", 1, 0, ("constraint_name",)),
    "create_exclude_constraint": _Shape("add exclude constraint {name} on {table}", 1, 0, ("constraint_name",)),
    "drop_constraint": _Shape("drop constraint {name} on {table}", 1, 0, ("constraint_name",)),
    "create_table_comment": _Shape("set comment on table {table}", 0),
    "drop_table_comment": _Shape("drop comment on table {table}", 0),
    "bulk_insert": _Shape("insert rows into {table}", 0, table_keyword="table"),
}


def _is_bind(node: ast.expr) -> bool:
    """Whether an argument is a connection: ``op.get_bind()``, ``bind``, ``conn``, ``connection``."""
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Attribute) and node.func.attr == "get_bind"
    return isinstance(node, ast.Name) and node.id in {"bind", "conn", "connection"}
