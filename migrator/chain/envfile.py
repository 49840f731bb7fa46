"""What ``env.py`` says about itself, read without executing it: async or sync, whose connection, version table."""

from __future__ import annotations

import ast
import tokenize
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_ASYNC_NAMES = frozenset(
    {"create_async_engine", "async_engine_from_config", "async_engine", "AsyncEngine", "run_sync", "AsyncConnection"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentFile:
    """The parts of an ``env.py`` that decide how it has to be run."""

    path: Path
    asynchronous: bool = False
    """It opens its connection with an async driver."""
    takes_connection: bool = False
    """It uses ``config.attributes["connection"]`` when one is handed over."""
    flask: bool = False
    """It is Flask-Migrate's and needs an application context."""
    version_table: str | None = None
    version_table_schema: str | None = None
    version_table_known: bool = True
    """False when it computes the version table's name, so that only running it can tell."""
    opens_many: bool = False
    """It calls ``run_migrations`` in a loop or with arguments: several databases or schemas in one run."""


def read_environment_file(path: Path) -> EnvironmentFile:
    """Read an ``env.py``; one that cannot be read or parsed is left for the run to complain about."""
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        changed = 0
    return _read(path, changed)


@lru_cache(maxsize=8)
def _read(path: Path, _changed: int) -> EnvironmentFile:
    try:
        with tokenize.open(path) as file:
            tree = ast.parse(file.read())
    except (OSError, SyntaxError, UnicodeDecodeError):
        return EnvironmentFile(path=path, version_table_known=False)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    names |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    table = _version_table(tree)
    return EnvironmentFile(
        path=path,
        asynchronous=bool(names & _ASYNC_NAMES),
        takes_connection=_takes_connection(tree),
        flask="current_app" in names,
        version_table=table.get("version_table"),
        version_table_schema=table.get("version_table_schema"),
        version_table_known=table is not _UNKNOWN,
        opens_many=_opens_many(tree),
    )


_UNKNOWN: dict[str, str] = {}


def _takes_connection(tree: ast.AST) -> bool:
    """Whether ``attributes["connection"]`` or ``attributes.get("connection")`` is read somewhere."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            holder, key = node.value, node.slice
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "get"
            and node.args
        ):
            holder, key = node.func.value, node.args[0]
        else:
            continue
        if isinstance(holder, ast.Attribute) and holder.attr == "attributes" and _text(key) == "connection":
            return True
    return False


def _version_table(tree: ast.AST) -> dict[str, str]:
    """The constant ``version_table`` arguments of ``configure()`` calls, or ``_UNKNOWN``."""
    constants = {
        target.id: node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    arguments = _configure_arguments(tree)
    if arguments is None:
        return _UNKNOWN
    found: dict[str, str] = {}
    for name, value in arguments:
        if name not in ("version_table", "version_table_schema"):
            continue
        if isinstance(value, ast.Name) and value.id in constants:
            value = constants[value.id]  # noqa: PLW2901 - the same value, looked up
        text = _text(value)
        if text is None and not (isinstance(value, ast.Constant) and value.value is None):
            return _UNKNOWN
        if text is not None:
            if found.get(name, text) != text:
                return _UNKNOWN
            found[name] = text
    return dict(found)


def _configure_arguments(tree: ast.AST) -> list[tuple[str, ast.expr]] | None:
    """Names and values of the arguments of every ``configure()`` call; None when some come from elsewhere."""
    arguments: list[tuple[str, ast.expr]] = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or _name_of(node.func) != "configure":
            continue
        for keyword in node.keywords:
            if keyword.arg is not None:
                arguments.append((keyword.arg, keyword.value))
                continue
            entries = _entries(tree, keyword.value.id) if isinstance(keyword.value, ast.Name) else None
            if entries is None:
                return None
            arguments += entries
    return arguments


def _entries(tree: ast.AST, name: str) -> list[tuple[str, ast.expr]] | None:
    """What dictionaries of a name hold, when all is in plain sight: literals, ``name["key"] = ...`` and ``**name``."""
    entries: list[tuple[str | None, ast.expr]] = []
    uses = understood = 0
    for node in ast.walk(tree):
        if name in (getattr(node, "arg", None), getattr(node, "asname", None), getattr(node, "name", None)):
            return None  # a parameter, an import, a function: whatever it holds, it is not seen here
        if isinstance(node, ast.Name) and node.id == name:
            uses += 1
        elif isinstance(node, ast.Call):
            understood += sum(keyword.arg is None and _is_name(keyword.value, name) for keyword in node.keywords)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if _is_name(target, name) and isinstance(node.value, ast.Dict):
                    understood += 1
                    keys = (None if key is None else _text(key) for key in node.value.keys)
                    entries += zip(keys, node.value.values, strict=True)
                elif isinstance(target, ast.Subscript) and _is_name(target.value, name):
                    understood += 1
                    entries.append((_text(target.slice), node.value))
    known = [(key, value) for key, value in entries if key is not None]
    return known if uses == understood and len(known) == len(entries) else None


def _is_name(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name


def _opens_many(tree: ast.AST) -> bool:
    loops = [node for node in ast.walk(tree) if isinstance(node, ast.For | ast.AsyncFor)]
    in_loop = any(_calls_run_migrations(node) for loop in loops for node in ast.walk(loop))
    with_arguments = any(
        _calls_run_migrations(node) and isinstance(node, ast.Call) and node.keywords for node in ast.walk(tree)
    )
    return in_loop or with_arguments


def _calls_run_migrations(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and _name_of(node.func) == "run_migrations"


def _name_of(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _text(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None
