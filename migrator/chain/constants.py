"""Follow constants through names, concatenation, f-strings and imports, without executing anything."""

from __future__ import annotations

import ast
import operator
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from migrator.chain.declared import Computed

_STRING_METHODS = frozenset(
    {
        "join",
        "format",
        "lower",
        "upper",
        "strip",
        "lstrip",
        "rstrip",
        "replace",
        "removeprefix",
        "removesuffix",
        "split",
        "zfill",
        "title",
    }
)
_COLLECTIONS: Mapping[str, Callable[..., Any]] = {
    "tuple": tuple,
    "list": list,
    "set": set,
    "frozenset": frozenset,
    "str": str,
    "sorted": sorted,
    "len": len,
}
_OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Mod: operator.mod,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.BitOr: operator.or_,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
}
_CONVERSIONS: Mapping[str, Callable[[Any], str]] = {"r": repr, "s": str, "a": ascii}
_SHOWN = 60
"""Characters of an expression that a message shows."""
_LONGEST = 10_000
"""Characters or items that a followed constant may have, so that ``"x" * 10**9`` is not computed here."""


@dataclass(frozen=True, slots=True)
class Module:
    """An imported module, by its dotted name; its constants are read when they are asked for."""

    name: str


@dataclass(frozen=True, slots=True)
class Imported:
    """A name imported from a module; the module is read only when the name is used."""

    module: str
    name: str


@dataclass(frozen=True, slots=True)
class Namespace:
    """The constants of a class body."""

    values: Mapping[str, Any]


@dataclass(slots=True)
class Constants:
    """Reads constants of other modules, each module once."""

    search_path: Sequence[str]
    _read: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def of_module(self, name: str) -> Mapping[str, Any] | None:
        """The top-level constants of a module; None when its source is not found."""
        path = self._find(name)
        if path is None:
            return None
        if path not in self._read:
            # Set before reading, so that two modules that import each other come to an end.
            self._read[path] = {}
            self._read[path] = self._constants_in(path)
        return self._read[path]

    def member(self, module: str, name: str) -> Any:
        """``from module import name``."""
        values = self.of_module(module)
        if values is not None and name in values:
            return self.resolved(values[name])
        if self._find(f"{module}.{name}") is not None:
            return Module(f"{module}.{name}")
        why = "cannot be found" if values is None else "does not set it to a constant"
        return Computed(f"{name} is imported from {module}, which {why}")

    def resolved(self, value: Any) -> Any:
        """A value with an imported name replaced by what it stands for."""
        return self.member(value.module, value.name) if isinstance(value, Imported) else value

    def _find(self, name: str) -> str | None:
        relative = name.replace(".", os.sep)
        for folder in self.search_path:
            for path in (f"{relative}.py", os.path.join(relative, "__init__.py")):
                if os.path.isfile(found := os.path.join(folder, path)):
                    return found
        return None

    def _constants_in(self, path: str) -> Mapping[str, Any]:
        from migrator.chain.statements import Scope

        try:
            with open(path, "rb") as file:
                tree = ast.parse(file.read(), path)
        except (OSError, SyntaxError, ValueError):
            return {}
        scope = Scope(self)
        scope.run(tree.body)
        return scope.values


def evaluate(node: ast.expr, names: Mapping[str, Any], constants: Constants) -> Any:
    """The value of an expression, or a ``Computed`` that says why it is not known."""
    try:
        return _value(node, names, constants)
    except _Unknown as unknown:
        return Computed(unknown.why, node.lineno)
    except Exception as error:  # noqa: BLE001 - whatever an operation on constants raises, Alembic would raise as well
        return Computed(f"evaluating it fails: {error}", node.lineno)


class _Unknown(Exception):
    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def _value(node: ast.expr, names: Mapping[str, Any], constants: Constants) -> Any:
    reader = _READERS.get(type(node))
    if reader is None:
        raise _Unknown(f"{_shown(node)} is computed when the file is executed")
    value = reader(node, names, constants)
    if isinstance(value, Computed):
        raise _Unknown(value.why)
    if isinstance(value, (str, tuple, list)) and len(value) > _LONGEST:
        raise _Unknown("the value is too long")
    return value


def _shown(node: ast.expr) -> str:
    text = ast.unparse(node)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."


def _name(node: ast.Name, names: Mapping[str, Any], constants: Constants) -> Any:
    if node.id not in names:
        raise _Unknown(f"the name {node.id} is not set in this file")
    return constants.resolved(names[node.id])


def _sequence(node: ast.Tuple | ast.List | ast.Set, names: Mapping[str, Any], constants: Constants) -> Any:
    items: list[Any] = []
    for element in node.elts:
        if isinstance(element, ast.Starred):
            items.extend(_value(element.value, names, constants))
        else:
            items.append(_value(element, names, constants))
    if isinstance(node, ast.Tuple):
        return tuple(items)
    return items if isinstance(node, ast.List) else set(items)


def _dictionary(node: ast.Dict, names: Mapping[str, Any], constants: Constants) -> Any:
    if None in node.keys:
        raise _Unknown(f"{_shown(node)} is computed when the file is executed")
    return {
        _value(key, names, constants): _value(item, names, constants)
        for key, item in zip(node.keys, node.values, strict=True)
        if key is not None
    }


def _binary(node: ast.BinOp, names: Mapping[str, Any], constants: Constants) -> Any:
    apply = _OPERATORS.get(type(node.op))
    left, right = _value(node.left, names, constants), _value(node.right, names, constants)
    repeats = (
        isinstance(node.op, ast.Mult) and max((n for n in (left, right) if isinstance(n, int)), default=0) > _LONGEST
    )
    if apply is None or repeats:
        raise _Unknown(f"{_shown(node)} is computed when the file is executed")
    return apply(left, right)


def _f_string(node: ast.JoinedStr, names: Mapping[str, Any], constants: Constants) -> str:
    return "".join(str(_value(part, names, constants)) for part in node.values)


def _formatted(node: ast.FormattedValue, names: Mapping[str, Any], constants: Constants) -> str:
    value = _value(node.value, names, constants)
    if node.conversion != -1:
        value = _CONVERSIONS[chr(node.conversion)](value)
    return format(value, str(_value(node.format_spec, names, constants)) if node.format_spec else "")


def _call(node: ast.Call, names: Mapping[str, Any], constants: Constants) -> Any:
    called = node.func
    arguments = [_value(argument, names, constants) for argument in node.args]
    keywords = {keyword.arg: _value(keyword.value, names, constants) for keyword in node.keywords if keyword.arg}
    if isinstance(called, ast.Name) and called.id in _COLLECTIONS and called.id not in names:
        return _COLLECTIONS[called.id](*arguments, **keywords)
    if isinstance(called, ast.Attribute) and called.attr in _STRING_METHODS:
        owner = _value(called.value, names, constants)
        if isinstance(owner, str):
            return getattr(owner, called.attr)(*arguments, **keywords)
    raise _Unknown(f"{_shown(node)} is computed when the file is executed")


def _attribute(node: ast.Attribute, names: Mapping[str, Any], constants: Constants) -> Any:
    owner = _value(node.value, names, constants)
    if isinstance(owner, Module):
        return constants.member(owner.name, node.attr)
    if isinstance(owner, Namespace) and node.attr in owner.values:
        return owner.values[node.attr]
    if node.attr == "value" and isinstance(owner, str):
        return owner
    raise _Unknown(f"{_shown(node)} is computed when the file is executed")


def _subscript(node: ast.Subscript, names: Mapping[str, Any], constants: Constants) -> Any:
    if isinstance(node.slice, ast.Slice):
        parts = (node.slice.lower, node.slice.upper, node.slice.step)
        limits = (_value(part, names, constants) if part else None for part in parts)
        return _value(node.value, names, constants)[slice(*limits)]
    return _value(node.value, names, constants)[_value(node.slice, names, constants)]


def _choice(node: ast.IfExp, names: Mapping[str, Any], constants: Constants) -> Any:
    return _value(node.body if _value(node.test, names, constants) else node.orelse, names, constants)


def _either(node: ast.BoolOp, names: Mapping[str, Any], constants: Constants) -> Any:
    value: Any = None
    for operand in node.values:
        value = _value(operand, names, constants)
        if bool(value) is isinstance(node.op, ast.Or):
            break
    return value


def _negated(node: ast.UnaryOp, names: Mapping[str, Any], constants: Constants) -> Any:
    value = _value(node.operand, names, constants)
    if isinstance(node.op, ast.Not):
        return not value
    return -value if isinstance(node.op, ast.USub) else +value


_READERS: Mapping[type[ast.expr], Callable[[Any, Mapping[str, Any], Constants], Any]] = {
    ast.Constant: lambda node, _names, _constants: node.value,
    ast.Name: _name,
    ast.Tuple: _sequence,
    ast.List: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dictionary,
    ast.BinOp: _binary,
    ast.JoinedStr: _f_string,
    ast.FormattedValue: _formatted,
    ast.Call: _call,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.IfExp: _choice,
    ast.BoolOp: _either,
    ast.UnaryOp: _negated,
}
