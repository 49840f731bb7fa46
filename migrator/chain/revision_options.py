"""What is wrong with the options that a revision file declares, read without executing it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from migrator.chain.constants import Constants, Imported, Module
from migrator.chain.declared import Computed, PlainProblem, Problem
from migrator.chain.statements import Scope
from migrator.revision_options import RevisionOptions

NAME = "migrator"
"""The module-level name that holds the options."""
_MODULES = frozenset({"migrator", "migrator.revision_options"})
_CLASS = "RevisionOptions"
_FIELDS = tuple(field.name for field in fields(RevisionOptions))
_EXAMPLE = 'migrator = RevisionOptions(lock_timeout="5s")'


def read_options(path: str, content: bytes, constants: Constants) -> tuple[tuple[PlainProblem, ...], str | None]:
    """What is wrong with the declaration in a file, and why it says that there is no way back, if it does.

    Nothing where the file cannot be parsed or declares none.
    """
    try:
        tree = ast.parse(content, path)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return (), None
    reading = _Reading(Scope(constants, known={"__file__": path}))
    for statement in tree.body:
        reading.read(statement)
    return tuple(problem.plain() for problem in (*reading.problems, *reading.concluded())), reading.one_way


class _Reading:
    """Goes through the top level of one file, in order."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._declared: list[int] = []
        """Lines of declarations that are no branch of anything."""
        self._conditional = False
        self._overwritten: int | None = None
        self._elsewhere: list[tuple[str, int]] = []
        """Options under another name, each with its line."""
        self.problems: list[Problem] = []
        self.one_way: str | None = None
        """The reason of the last declaration that counts, where it gives one that can be read."""

    def read(self, statement: ast.stmt) -> None:
        """Look at one statement with the names that are known before it, then take in what it binds."""
        for inner in _at_top_level(statement):
            targets, value = _assigned(inner)
            call = self._options_in(value)
            if call is not None:
                self.problems += self._wrong_with(call)
                if NAME in targets:
                    self.one_way = self._reason_in(call)
            self._note(inner, targets, is_options=call is not None, nested=inner is not statement)
        self._scope.run([statement])

    def _note(self, statement: ast.stmt, targets: list[str], *, is_options: bool, nested: bool) -> None:
        if NAME in targets:
            self._overwritten = None if is_options else statement.lineno
            if is_options and nested:
                self._conditional = True
            elif is_options:
                self._declared.append(statement.lineno)
        elif is_options and targets:
            self._elsewhere.append((targets[0], statement.lineno))

    def concluded(self) -> Iterator[Problem]:
        """What only the whole file shows."""
        if len(self._declared) > 1:
            first, last = self._declared[0], self._declared[-1]
            yield Problem(
                "options-declared-twice",
                last,
                f"{NAME} = {_CLASS}(...) stands in line {first} and again here; only the last one counts.",
            )
        if self._overwritten is not None and self._imports_class:
            yield Problem(
                "options-without-effect",
                self._overwritten,
                f"{NAME} is set to something else than {_CLASS}(...).",
                remedy=f"Write: {_EXAMPLE}, or choose another name for the other thing.",
            )
        elif not self._declared and not self._conditional:
            for name, line in self._elsewhere:
                yield Problem(
                    "options-without-effect",
                    line,
                    f"{_CLASS}(...) is assigned to {name}; only the name {NAME} is read.",
                    remedy=f"Write: {NAME} = {_CLASS}(...)",
                )

    @property
    def _imports_class(self) -> bool:
        return bool(self._declared or self._elsewhere or self._conditional) or any(
            _is_class(value) for value in self._scope.values.values()
        )

    def _options_in(self, value: ast.expr | None) -> ast.Call | None:
        if not isinstance(value, ast.Call):
            return None
        called = value.func
        if isinstance(called, ast.Name):
            return value if _is_class(self._scope.values.get(called.id)) else None
        if isinstance(called, ast.Attribute) and called.attr == _CLASS and isinstance(called.value, ast.Name):
            owner = self._scope.values.get(called.value.id)
            return value if isinstance(owner, Module) and owner.name in _MODULES else None
        return None

    def _reason_in(self, call: ast.Call) -> str | None:
        values = (self._scope.evaluate(each.value) for each in call.keywords if each.arg == "one_way")
        return next((value for value in values if isinstance(value, str) and value.strip()), None)

    def _wrong_with(self, call: ast.Call) -> Iterator[Problem]:
        if call.args:
            yield _refused(call.args[0].lineno, f"{_CLASS} is given {ast.unparse(call.args[0])} without a name.")
        for keyword in call.keywords:
            value = self._scope.evaluate(keyword.value)
            # What is computed cannot be judged here; the class itself judges it when the file is loaded.
            if keyword.arg is not None:
                yield from _wrong_value(keyword.arg, value, keyword.value.lineno)
            elif isinstance(value, dict):
                for name, item in value.items():
                    yield from _wrong_value(str(name), item, keyword.value.lineno)


def _wrong_value(name: str, value: Any, line: int) -> Iterator[Problem]:
    if name not in _FIELDS:
        import difflib

        near = difflib.get_close_matches(name, _FIELDS, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_FIELDS)}."
        yield _refused(line, f"{_CLASS} has no option {name}; {hint}")
    elif not isinstance(value, (Computed, Module)):
        given: dict[str, Any] = {name: value}
        try:
            RevisionOptions(**given)
        except (TypeError, ValueError) as error:
            yield _refused(line, f"{error}.")


def _refused(line: int, message: str) -> Problem:
    return Problem("invalid-options", line, message)


def _is_class(value: Any) -> bool:
    return isinstance(value, Imported) and value.module in _MODULES and value.name == _CLASS


def _at_top_level(statement: ast.stmt) -> Iterator[ast.stmt]:
    """A statement, and those in its branches, that run when the module is loaded."""
    if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return
    yield statement
    for child in ast.iter_child_nodes(statement):
        if isinstance(child, ast.stmt):
            yield from _at_top_level(child)
        elif isinstance(child, (ast.ExceptHandler, ast.match_case)):
            for inner in child.body:
                yield from _at_top_level(inner)


def _assigned(statement: ast.stmt) -> tuple[list[str], ast.expr | None]:
    """The names that a statement sets, and to what."""
    if isinstance(statement, ast.Assign):
        return [target.id for target in statement.targets if isinstance(target, ast.Name)], statement.value
    if isinstance(statement, ast.AnnAssign) and statement.value is not None and isinstance(statement.target, ast.Name):
        return [statement.target.id], statement.value
    return [], None
