"""What ``upgrade()`` and ``downgrade()`` amount to, as far as their statements tell."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.chain.model import Body

_SAYING = frozenset({"print", "warn", "debug", "info", "warning", "error", "exception", "log", "critical"})
_IDLE = (ast.Pass, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal)


def classify(statements: Iterable[ast.stmt]) -> Body:
    """Tell an empty body and one that only raises from one that works."""
    for statement in statements:
        kind = type(statement)
        if kind in _IDLE:
            continue
        if kind is ast.Raise:
            return Body.RAISES
        if kind is ast.Return and (statement.value is None or _is_constant(statement.value)):  # type: ignore[attr-defined]
            break
        if kind is ast.Expr:
            value = statement.value  # type: ignore[attr-defined]
            if _is_constant(value) or _only_says(value):
                continue
        return Body.WORKS
    return Body.EMPTY


def _is_constant(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant)


def _only_says(value: ast.expr) -> bool:
    """Whether a call only prints or logs."""
    if not isinstance(value, ast.Call):
        return False
    called = value.func
    if isinstance(called, ast.Name):
        return called.id == "print"
    return isinstance(called, ast.Attribute) and called.attr in _SAYING and not _is_operation(called.value)


def _is_operation(owner: ast.expr) -> bool:
    return isinstance(owner, ast.Name) and owner.id in {"op", "batch_op"}
