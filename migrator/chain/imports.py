"""Imports of the project's own code inside revision files."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator

from migrator.chain.declared import ProjectImport
from migrator.chain.layout import Layout

_IMPORTED = re.compile(rb"^[ \t]*(?:from|import)[ \t]+([A-Za-z_]\w*)", re.MULTILINE)
_NEVER_OWN = sys.stdlib_module_names | {
    "alembic",
    "migrator",
    "sqlalchemy",
    "tests",
    "docs",
    "node_modules",
    "build",
    "dist",
    "venv",
}


def project_packages(layout: Layout) -> frozenset[bytes]:
    """Top-level names that are the project's own code: packages and modules beside its configuration.

    The folder of the migrations itself does not count, nor what other distributions install.
    """
    folders = {str(layout.root), *map(str, layout.prepend_sys_path), os.path.join(layout.root, "src")}
    migrations = str(layout.script_location)
    outermost = _outermost_package(migrations)
    names = {os.path.basename(outermost)} if outermost and outermost != migrations else set()
    for folder in folders:
        # What lies inside a package is not imported by its bare name.
        is_package = os.path.isfile(os.path.join(folder, "__init__.py"))
        if not is_package and os.path.basename(folder) not in {"site-packages", "dist-packages"}:
            names.update(_importable(folder, migrations))
    return frozenset(name.encode() for name in names - _NEVER_OWN)


def _importable(folder: str, migrations: str) -> Iterator[str]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        name, _, suffix = entry.name.partition(".")
        if not name.isidentifier():
            continue
        is_package = not suffix and entry.path != migrations and entry.is_dir() and _holds_python(entry.path)
        if is_package or (suffix == "py" and name != "setup"):
            yield name


def _holds_python(folder: str) -> bool:
    with os.scandir(folder) as entries:
        return any(entry.name.endswith(".py") or entry.is_dir() for entry in entries)


def _outermost_package(folder: str) -> str | None:
    found = None
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        found, folder = folder, os.path.dirname(folder)
    return found


def may_import(content: bytes, packages: frozenset[bytes]) -> bool:
    """Whether a line of the file looks like an import of the project's own code; much cheaper than parsing."""
    return not packages.isdisjoint(_IMPORTED.findall(content))


def project_imports(tree: ast.AST, packages: frozenset[bytes]) -> Iterator[ProjectImport]:
    """The imports of the project's own code, at the top and inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if _top(alias.name) in packages:
                    yield ProjectImport(node.lineno, alias.name, ())
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module and _top(node.module) in packages:
            yield ProjectImport(node.lineno, node.module, tuple(alias.name for alias in node.names))


def _top(module: str) -> bytes:
    return module.partition(".")[0].encode()
