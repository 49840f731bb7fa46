"""The whole docstring of a revision: read again when somebody asks, since a chain keeps only its first paragraph."""

from __future__ import annotations

import ast
from pathlib import Path

from migrator.chain.model import Revision


def docstring_of(revision: Revision) -> str:
    """The docstring as Alembic shows it; the first paragraph where the file cannot be parsed (bytecode, say)."""
    try:
        return (ast.get_docstring(ast.parse(Path(revision.path).read_bytes())) or "").strip()
    except (OSError, SyntaxError, ValueError):
        return revision.doc
