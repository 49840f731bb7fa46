"""Whether this process runs an ``env.py`` now: an application that it imports must not wait for its own migrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

_running = 0


@contextmanager
def environment_running() -> Iterator[None]:
    """While this lasts, ``env.py`` runs, and with it whatever it imports."""
    global _running  # noqa: PLW0603 - of the process, as Alembic's own context is
    _running += 1
    try:
        yield
    finally:
        _running -= 1


def is_running_environment() -> bool:
    """Whether an ``env.py`` runs, in whichever thread."""
    return _running > 0
