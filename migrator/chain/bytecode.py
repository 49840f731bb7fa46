"""Revision files that exist only compiled (``sourceless = true``), read from their constants without executing them."""

from __future__ import annotations

import dis
import importlib.util
import marshal
from types import CodeType
from typing import Any

from migrator.chain.constants import Constants
from migrator.chain.declared import Computed, Declared
from migrator.chain.model import Body
from migrator.chain.parsing import declared_by, first_paragraph, unreadable
from migrator.chain.statements import Scope

_HEADER_SIZE = 16
_STORES = frozenset({"STORE_NAME", "STORE_GLOBAL"})
_PASSES_OVER = frozenset({"CACHE", "COPY", "NOP", "EXTENDED_ARG", "RESUME"})
_EMPTY_BODY = frozenset({"RESUME", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE", "NOP", "CACHE", "COPY_FREE_VARS"})


def read_compiled(path: str, content: bytes, constants: Constants) -> Declared:
    """Read a ``.pyc`` file; one made by another Python version is a problem, as it is for Alembic."""
    if content[:4] != importlib.util.MAGIC_NUMBER:
        return unreadable(
            "was compiled by another version of Python",
            remedy="Compile it again with this Python: python -m compileall -b FOLDER",
        )
    try:
        code = marshal.loads(content[_HEADER_SIZE:])  # noqa: S302 - makes code objects and runs none
    except (EOFError, ValueError, TypeError) as error:
        return unreadable(f"is no compiled module: {error}")
    if not isinstance(code, CodeType):
        return unreadable("is no compiled module")
    scope = Scope(constants, known={"__file__": path})
    bodies = _bind_constants(code, scope)
    declared = declared_by(scope, path)
    return declared._replace(
        doc=first_paragraph(doc if isinstance(doc := scope.values.get("__doc__"), str) else None),
        upgrade=bodies.get("upgrade", Body.MISSING).value,
        downgrade=bodies.get("downgrade", Body.MISSING).value,
    )


def _bind_constants(code: CodeType, scope: Scope) -> dict[str, Body]:
    """Bind every name that is stored straight from a constant; any other stored name counts as computed."""
    bodies: dict[str, Body] = {}
    known: Any = None
    function: CodeType | None = None
    line = 1
    for step in dis.get_instructions(code):
        line = _line_of(step, line)
        if step.opname in _STORES:
            value = Computed("it is computed in the compiled file", line) if known is None else known[0]
            scope.bind(step.argval, value, line)
            if step.argval in {"upgrade", "downgrade"}:
                bodies[step.argval] = _body_of(function)
        elif step.opname in {"LOAD_CONST", "LOAD_SMALL_INT"}:
            known = (step.argval,)
            function = step.argval if isinstance(step.argval, CodeType) else function
        elif step.opname not in _PASSES_OVER:
            known = None
    return bodies


def _line_of(step: dis.Instruction, line: int) -> int:
    position = getattr(step, "positions", None)
    return (position.lineno if position is not None else None) or line


def _body_of(function: CodeType | None) -> Body:
    if function is None:
        return Body.WORKS
    only_returns_none = all(step.opname in _EMPTY_BODY for step in dis.get_instructions(function))
    return Body.EMPTY if only_returns_none else Body.WORKS
