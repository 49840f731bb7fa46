"""Reading one ``.env`` file with python-dotenv's parser: values as they stand, with their line numbers.

Nothing is interpolated: ``$`` and ``%`` in a password are two characters like any other.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from migrator.profiles.problems import Problem
from migrator.profiles.settings import belongs_here

_COMMENT_IN_VALUE = re.compile(r"=[^\S\r\n]*(?![\"'])[^\r\n]*\S\s+#")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a profile file."""

    name: str
    value: str
    line: int
    loses_comment: bool = False
    """The value is unquoted and ends before a ``#``: meant as a comment, or part of a password that needs quotes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvFile:
    """What a file says, and what in it could not be read."""

    shown: str
    """Its path as messages show it."""
    entries: tuple[Entry, ...] = ()
    problems: tuple[Problem, ...] = ()


def read_env_file(path: Path, *, shown: str) -> EnvFile:
    """Read a file of ``NAME=value`` lines."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return EnvFile(shown=shown, problems=(Problem(message="is not UTF-8; save it as UTF-8", file=shown),))
    except OSError as error:
        return EnvFile(shown=shown, problems=(Problem(message=f"cannot be read: {error.strerror}", file=shown),))
    return _parse(text, shown=shown)


@cache
def _dotenv_parser() -> ModuleType:
    """python-dotenv's parser alone: the package's front door brings modules that cost an idle upgrade a megabyte."""
    package = find_spec("dotenv")
    assert package is not None  # noqa: S101 - a dependency
    assert package.submodule_search_locations  # noqa: S101 - it is a package
    path = Path(next(iter(package.submodule_search_locations)), "parser.py")
    spec = spec_from_file_location("dotenv.parser", path)
    assert spec is not None  # noqa: S101 - it is a Python file
    assert spec.loader is not None  # noqa: S101 - likewise
    parser = module_from_spec(spec)
    spec.loader.exec_module(parser)
    return parser


def _parse(text: str, *, shown: str) -> EnvFile:
    entries: dict[str, Entry] = {}
    problems = []
    for binding in _dotenv_parser().parse_stream(io.StringIO(text)):
        source = binding.original.string
        line = binding.original.line + source[: len(source) - len(source.lstrip())].count("\n")
        if binding.error:
            message = "is no NAME=value line; a value with a quote at its start needs one at its end"
        elif binding.key is None:
            continue
        elif binding.value is None:
            # the rest of a secret that runs over two lines looks like a name, and must not be printed
            name = binding.key if belongs_here(binding.key) else "a line"
            message = f"{name} has no =value; write NAME=value, with quotes around a value of several lines"
        elif binding.key in entries:
            message = f"{binding.key} is already set in line {entries[binding.key].line}; keep one of them"
        else:
            entries[binding.key] = Entry(
                name=binding.key,
                value=binding.value,
                line=line,
                loses_comment=_COMMENT_IN_VALUE.search(source) is not None,
            )
            continue
        problems.append(Problem(message=message, file=shown, line=line))
    return EnvFile(shown=shown, entries=tuple(entries.values()), problems=tuple(problems))
