"""Run the assignments of a module in one's head: the last one wins, what cannot be known is marked as computed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from migrator.chain.constants import Constants, Imported, Module, Namespace, evaluate
from migrator.chain.declared import Computed


class Scope:
    """The names of a module or class body while its statements are read in order."""

    def __init__(self, constants: Constants, *, known: Mapping[str, Any] | None = None) -> None:
        """Start with the names that are known before the first statement."""
        self.values: dict[str, Any] = dict(known or {})
        self.lines: dict[str, int] = {}
        self.functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
        self.relative_imports: list[ast.ImportFrom] = []
        self._constants = constants

    def run(self, body: Iterable[ast.stmt]) -> None:
        """Read statements one after another."""
        for statement in body:
            reader = _STATEMENTS.get(type(statement))
            if reader is not None:
                reader(self, statement)

    def bind(self, name: str, value: Any, line: int) -> None:
        """Let a name stand for a value from here on."""
        self.values[name] = value
        self.lines[name] = line
        self.functions.pop(name, None)

    def value_of(self, name: str) -> Any:
        """What a bound name stands for at the end."""
        return self._constants.resolved(self.values[name])

    def evaluate(self, node: ast.expr) -> Any:
        """The value of an expression here and now."""
        return evaluate(node, self.values, self._constants)

    def on_assign(self, statement: ast.Assign) -> None:
        """Bind every target of an assignment."""
        value = self.evaluate(statement.value)
        for target in statement.targets:
            self._bind_target(target, value, statement.lineno)

    def _bind_target(self, target: ast.expr, value: Any, line: int) -> None:
        if isinstance(target, ast.Name):
            self.bind(target.id, value, line)
        elif isinstance(target, (ast.Tuple, ast.List)):
            known = isinstance(value, (tuple, list)) and len(value) == len(target.elts)
            why = value if isinstance(value, Computed) else Computed("it is unpacked from something else", line)
            for position, element in enumerate(target.elts):
                self._bind_target(element, value[position] if known else why, line)

    def on_assign_annotated(self, statement: ast.AnnAssign) -> None:
        """Bind the target of an annotated assignment that has a value."""
        if statement.value is not None:
            self._bind_target(statement.target, self.evaluate(statement.value), statement.lineno)

    def on_augment(self, statement: ast.AugAssign) -> None:
        """Bind a name to itself with something added."""
        if isinstance(statement.target, ast.Name):
            now = ast.BinOp(left=ast.Name(id=statement.target.id), op=statement.op, right=statement.value)
            self.bind(statement.target.id, self.evaluate(ast.copy_location(now, statement)), statement.lineno)

    def on_import(self, statement: ast.Import) -> None:
        """Bind imported modules."""
        for alias in statement.names:
            name = alias.name if alias.asname else alias.name.split(".")[0]
            self.bind(alias.asname or name, Module(name), statement.lineno)

    def on_import_from(self, statement: ast.ImportFrom) -> None:
        """Bind imported names; they are followed only when they are used."""
        if statement.level:
            self.relative_imports.append(statement)
        for alias in statement.names:
            if alias.name == "*":
                for name, value in (self._constants.of_module(statement.module or "") or {}).items():
                    if not name.startswith("_"):
                        self.bind(name, value, statement.lineno)
            elif statement.level:
                self.bind(alias.asname or alias.name, Computed("it comes from a relative import"), statement.lineno)
            else:
                name = alias.asname or alias.name
                self.bind(name, Imported(statement.module or "", alias.name), statement.lineno)

    def on_function(self, statement: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Keep a function by its name."""
        self.bind(statement.name, Computed("it is a function"), statement.lineno)
        if not statement.decorator_list:
            self.functions[statement.name] = statement

    def on_class(self, statement: ast.ClassDef) -> None:
        """Bind a class to the constants of its body."""
        inner = Scope(self._constants, known=self.values)
        inner.run(statement.body)
        own = {name: inner.values[name] for name in inner.lines}
        self.bind(statement.name, Namespace(own), statement.lineno)

    def on_if(self, statement: ast.If) -> None:
        """Take the branch that is certain, else only what both agree on."""
        condition = self.evaluate(statement.test)
        if isinstance(condition, (Computed, Module, Namespace)):
            if _is_type_checking(statement.test):
                self.run(statement.orelse)
            else:
                self._perhaps([statement.body, statement.orelse], statement.lineno, "it depends on an if")
        else:
            self.run(statement.body if condition else statement.orelse)

    def on_try(self, statement: ast.Try | ast.TryStar) -> None:
        """Take it that nothing is raised."""
        self.run(statement.body)
        self.run(statement.orelse)
        self.run(statement.finalbody)

    def on_with(self, statement: ast.With) -> None:
        """Read the body in place."""
        self.run(statement.body)

    def on_loop(self, statement: ast.For | ast.While) -> None:
        """Keep only what does not depend on the loop."""
        self._perhaps([statement.body, statement.orelse], statement.lineno, "it is set in a loop")

    def on_match(self, statement: ast.Match) -> None:
        """Keep only what all cases agree on."""
        self._perhaps([case.body for case in statement.cases], statement.lineno, "it depends on a match")

    def _perhaps(self, branches: list[list[ast.stmt]], line: int, why: str) -> None:
        """Bind what any branch binds, as known only where all of them agree."""
        ends = []
        for body in branches:
            branch = Scope(self._constants, known=self.values)
            branch.functions = dict(self.functions)
            branch.run(body)
            ends.append(branch)
        for name in dict.fromkeys(name for branch in ends for name in branch.lines):
            values = [branch.values.get(name, Computed("")) for branch in ends]
            agreed = all(type(value) is type(values[0]) and value == values[0] for value in values)
            self.bind(name, values[0] if agreed and not isinstance(values[0], Computed) else Computed(why, line), line)

    def on_delete(self, statement: ast.Delete) -> None:
        """Forget a name."""
        for target in statement.targets:
            if isinstance(target, ast.Name):
                self.values.pop(target.id, None)
                self.lines.pop(target.id, None)
                self.functions.pop(target.id, None)


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


_STATEMENTS: Mapping[type[ast.stmt], Callable[[Scope, Any], None]] = {
    ast.Assign: Scope.on_assign,
    ast.AnnAssign: Scope.on_assign_annotated,
    ast.AugAssign: Scope.on_augment,
    ast.Import: Scope.on_import,
    ast.ImportFrom: Scope.on_import_from,
    ast.FunctionDef: Scope.on_function,
    ast.AsyncFunctionDef: Scope.on_function,
    ast.ClassDef: Scope.on_class,
    ast.If: Scope.on_if,
    ast.Try: Scope.on_try,
    ast.TryStar: Scope.on_try,
    ast.With: Scope.on_with,
    ast.For: Scope.on_loop,
    ast.While: Scope.on_loop,
    ast.Match: Scope.on_match,
    ast.Delete: Scope.on_delete,
}
