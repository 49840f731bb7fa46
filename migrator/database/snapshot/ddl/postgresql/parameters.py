"""Lists of parameters as ``WITH (...)`` has them, and the way from one to another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_FOREIGN_OPTION: Final = re.compile(r"""("(?:[^"]|"")+"|\w+) ('(?:[^']|'')*')""")


def parameters_changed(before: str | None, after: str | None) -> Iterator[str]:
    """``SET (...)`` and ``RESET (...)`` that make one list of parameters of another."""
    former, latter = _parameters(before), _parameters(after)
    gone = [name for name in former if name not in latter]
    if gone:
        yield f"RESET ({', '.join(gone)})"
    new = [f"{name}={value}" for name, value in latter.items() if former.get(name) != value]
    if new:
        yield f"SET ({', '.join(new)})"


def _parameters(text: str | None) -> dict[str, str]:
    parts = re.split(r",\s*(?=[\w.]+=)", text or "")
    pairs = (part.strip().partition("=") for part in parts if part.strip())
    return {name: value for name, _, value in pairs}


def options_changed(before: str | None, after: str | None) -> Iterator[str]:
    """The same for options of a column, which of a foreign table are ``OPTIONS (...)``."""
    foreign = any(text is not None and "=" not in text.partition("'")[0] for text in (before, after))
    yield from foreign_options_changed(before, after) if foreign else parameters_changed(before, after)


def foreign_options_changed(before: str | None, after: str | None) -> Iterator[str]:
    """``OPTIONS (ADD ..., SET ..., DROP ...)`` that makes one list of options of another."""
    former, latter = (dict(_FOREIGN_OPTION.findall(text or "")) for text in (before, after))
    words = [f"DROP {name}" for name in former if name not in latter]
    for name, value in latter.items():
        if former.get(name) != value:
            words.append(f"{'SET' if name in former else 'ADD'} {name} {value}")
    if words:
        yield f"OPTIONS ({', '.join(words)})"
