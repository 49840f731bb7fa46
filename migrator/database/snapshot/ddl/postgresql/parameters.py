"""Lists of parameters as ``WITH (...)`` has them, and the way from one to another."""

from __future__ import annotations

import re
from collections.abc import Iterator


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
