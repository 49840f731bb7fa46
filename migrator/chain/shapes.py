"""The fast way to read a revision file: headers that came from one template differ only in their literals.

A header is reduced to its shape (every one-line string literal taken out). Each shape is parsed once, and what is
learned from it, which literal is whose, serves all files of that shape. The functions below the header are parsed for
every file. Whatever does not fit is left to ``parsing``, which reads every form.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from migrator.chain.bodies import classify
from migrator.chain.declared import VARIABLES, Declared
from migrator.chain.imports import may_import
from migrator.chain.model import Body

# Without possessive quantifiers, which Python 3.11.2 (Debian 12) matches wrongly. No two parts can match the same text.
_DOCSTRING = re.compile(rb'(?:[ \t]*(?:#[^\n]*)?\n)*[uU]?"""([^"\\\r]*(?:"(?!"")[^"\\\r]*)*)"""[ \t]*\n')
_LITERAL = re.compile(rb"\"[^\"\\\n]*\"|'[^'\\\n]*'")
_MARK = "\u2409"
"""Stands around a slot's number while a shape is parsed; no header holds it."""
_MOST_SHAPES = 512

Slots: TypeAlias = int | tuple[int, ...] | None
"""Which literal or literals make a variable's value; None for the value None."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What all headers of one shape have in common."""

    slots: tuple[Slots, Slots, Slots, Slots]
    lines: tuple[int, int, int, int]
    """Line of each variable, counted from 1 at the first line of the shape; 0 when it is not set."""


class ShapeReader:
    """Reads files whose header is plain; remembers the shapes that it has seen."""

    def __init__(self, packages: frozenset[bytes]) -> None:
        """Keep the names of the project's own code, whose imports need a full reading."""
        self._packages = packages
        self._shapes: dict[bytes, Shape | None] = {}

    def read(self, path: str, content: bytes) -> Declared | None:
        """What a file declares, or None when it has to be read in full."""
        documented = _DOCSTRING.match(content)
        start = documented.end() if documented else 0
        end = content.find(b"\ndef ", start) + 1
        if (
            end == 0
            or b"\r" in content
            or content[:1] == b"\xef"
            or b"coding" in content[: content.find(b"\n", content.find(b"\n") + 1)]
        ):
            return None
        header = content[start:end]
        key = _LITERAL.sub(b"''", header)
        if key in self._shapes:
            shape = self._shapes[key]
        else:
            shape = _shape_of(header)
            if len(self._shapes) < _MOST_SHAPES:
                self._shapes[key] = shape
        if shape is None or may_import(content, self._packages):
            return None
        try:
            tree: ast.Module = compile(content[end:], path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)  # type: ignore[assignment]
            literals = [literal[1:-1].decode() for literal in _LITERAL.findall(header)]
            doc = documented[1].decode().strip() if documented else ""
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None
        functions = _functions(tree.body)
        if functions is None:
            return None
        above = content.count(b"\n", 0, start), content.count(b"\n", 0, end)
        return _declared(shape, literals, doc, functions, above)


def _declared(
    shape: Shape, literals: list[str], doc: str, functions: dict[str, ast.FunctionDef], above: tuple[int, int]
) -> Declared | None:
    id_slot, parents, labels, depends = shape.slots
    if not isinstance(id_slot, int) or not literals[id_slot]:
        return None
    upgrade, downgrade = functions.get("upgrade"), functions.get("downgrade")
    above_header, above_body = above
    first, second, third, fourth = (line + above_header if line else 1 for line in shape.lines)
    return Declared(
        literals[id_slot],
        _filled(parents, literals),
        _filled(labels, literals),
        _filled(depends, literals),
        doc.split("\n\n", 1)[0],
        (first, second, third, fourth, downgrade.lineno + above_body if downgrade else 1),
        classify(upgrade.body).value if upgrade else Body.MISSING.value,
        classify(downgrade.body).value if downgrade else Body.MISSING.value,
    )


def _filled(slots: Slots, literals: list[str]) -> tuple[str, ...]:
    if slots is None:
        return ()
    if isinstance(slots, int):
        return (literals[slots],)
    return tuple(dict.fromkeys(literals[slot] for slot in slots))


def _functions(body: Sequence[ast.stmt]) -> dict[str, ast.FunctionDef] | None:
    """The functions below the header; None when something there could set one of the variables."""
    functions: dict[str, ast.FunctionDef] = {}
    for statement in body:
        if type(statement) is not ast.FunctionDef or statement.decorator_list:
            return None
        functions[statement.name] = statement
    return None if any(name in functions for name in VARIABLES) else functions


def _shape_of(header: bytes) -> Shape | None:
    numbers = iter(range(header.count(b"'") + header.count(b'"')))
    try:
        text = _LITERAL.sub(lambda _: f"'{_MARK}{next(numbers)}{_MARK}'".encode(), header)
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    slots: dict[str, Slots] = {}
    lines: dict[str, int] = {}
    for statement in tree.body:
        target, value = _plain_assignment(statement)
        if target in VARIABLES and value is not None:
            try:
                slots[target] = _slots_of(value)
            except _NotPlain:
                return None
            lines[target] = statement.lineno
        elif target in {"upgrade", "downgrade"} or not _is_harmless(statement):
            return None
    if not {"revision", "down_revision"} <= slots.keys():
        return None
    first, second, third, fourth = VARIABLES
    return Shape(
        (slots[first], slots[second], slots.get(third), slots.get(fourth)),
        (lines[first], lines[second], lines.get(third, 0), lines.get(fourth, 0)),
    )


def _plain_assignment(statement: ast.stmt) -> tuple[str | None, ast.expr | None]:
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        return (target.id, statement.value) if isinstance(target, ast.Name) else (None, None)
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id, statement.value
    return None, None


def _is_harmless(statement: ast.stmt) -> bool:
    """Whether a statement cannot set one of the variables or functions."""
    if isinstance(statement, ast.Import):
        return all(_is_free(alias.asname or alias.name) for alias in statement.names)
    if isinstance(statement, ast.ImportFrom):
        return not statement.level and all(_is_free(alias.asname or alias.name) for alias in statement.names)
    if isinstance(statement, ast.Expr):
        # A text may be the docstring in another form of quotes, which is read in full.
        return isinstance(statement.value, ast.Constant) and not isinstance(statement.value.value, str)
    target, _ = _plain_assignment(statement)
    return target is not None


def _is_free(name: str) -> bool:
    return name != "*" and name not in VARIABLES and name not in {"upgrade", "downgrade"}


class _NotPlain(Exception):
    pass


def _slots_of(value: ast.expr) -> Slots:
    if isinstance(value, (ast.Tuple, ast.List)):
        return tuple(_slot_of(element) for element in value.elts)
    if isinstance(value, ast.Constant) and value.value is None:
        return None
    return _slot_of(value)


def _slot_of(value: ast.expr) -> int:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        parts = value.value.split(_MARK)
        if len(parts) == 3 and parts[0] == parts[2] == "" and parts[1].isdecimal():  # noqa: PLR2004 - mark, number, mark
            return int(parts[1])
    raise _NotPlain
