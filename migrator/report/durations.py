"""Durations as people read them."""

from __future__ import annotations

_MILLISECONDS_BELOW = 1.0
_MINUTES_FROM = 120.0


def duration(seconds: float) -> str:
    """Such as ``12 ms``, ``3.4 s`` or ``5 min 10 s``."""
    if seconds < _MILLISECONDS_BELOW:
        return f"{seconds * 1000:.0f} ms"
    if seconds < _MINUTES_FROM:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s"
