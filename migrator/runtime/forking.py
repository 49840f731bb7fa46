"""A forked process must not use, nor close, the connections that it inherits."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING
from weakref import WeakSet

from migrator.runtime.pooling import forget_waiting

if TYPE_CHECKING:
    from sqlalchemy import Engine, Pool

_engines: WeakSet[Engine] = WeakSet()
_inherited: list[Pool] = []
"""Pools of the parent: kept, because a driver that collects a connection may close it on the server."""


def leave_to_parent(engine: Engine) -> None:
    """Give an engine an empty pool of its own in each process that is forked from this one."""
    _engines.add(engine)


def _begin_anew() -> None:
    for engine in _engines:
        _inherited.append(engine.pool)
        engine.dispose(close=False)
        forget_waiting(engine.pool)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew)
