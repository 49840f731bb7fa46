"""Executes one revision file in a process of its own and prints as JSON what is wrong with it.

Started by `migrator.execution.written_files`; the names that ``upgrade()`` and ``downgrade()`` use are looked up
too, since a missing import shows only when they run.
"""

from __future__ import annotations

import ast
import builtins
import dis
import json
import sys
import traceback
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import CodeType
from typing import Any


def probe(path: str) -> dict[str, Any]:
    """Compile and execute the file, then look for names that its functions use and nobody defines."""
    try:
        source = Path(path).read_bytes()
        code = compile(source, path, "exec")
        names: dict[str, Any] = {"__name__": "written_revision", "__file__": path}
        exec(code, names)  # noqa: S102 - it is the project's own revision file, in a process of its own
    except Exception as failure:  # noqa: BLE001 - whatever it is, it is the answer
        return {"error": f"{type(failure).__name__}: {failure}", "line": _line(failure, path), "missing": []}
    tree = ast.parse(source)
    missing = {name: line for name, line in _global_names(code) if name not in names and not hasattr(builtins, name)}
    return {
        "error": None,
        "line": None,
        "missing": [{"name": name, "line": line, "module": _module(name, tree)} for name, line in missing.items()],
    }


def _global_names(code: CodeType, *, inside: bool = False) -> Iterator[tuple[str, int | None]]:
    if inside:
        for instruction in dis.get_instructions(code):
            if instruction.opname in {"LOAD_GLOBAL", "LOAD_NAME"}:
                yield str(instruction.argval), instruction.positions.lineno if instruction.positions else None
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _global_names(constant, inside=True)


def _module(name: str, tree: ast.AST) -> str | None:
    """Find the module to import so that the dotted names that begin with ``name`` can be looked up."""
    longest: str | None = None
    for node in ast.walk(tree):
        dotted = _dotted(node)
        if dotted is None or dotted[0] != name:
            continue
        for length in range(1, len(dotted)):
            module = ".".join(dotted[:length])
            if not _exists(module):
                break
            longest = max(longest or "", module, key=len)
    return longest


def _dotted(node: ast.AST) -> list[str] | None:
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return [node.id, *reversed(parts)] if isinstance(node, ast.Name) and parts else None


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError, AttributeError):
        return False


def _line(failure: Exception, path: str) -> int | None:
    if isinstance(failure, SyntaxError):
        return failure.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(failure.__traceback__) if frame.filename == path]
    return lines[-1] if lines else None


if __name__ == "__main__":
    answer, sys.stdout = sys.stdout, sys.stderr
    sys.path[:0] = sys.argv[2:]
    answer.write(json.dumps(probe(sys.argv[1])))
