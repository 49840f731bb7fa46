"""The statements that turn one schema into another, written from a difference. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from migrator.database.snapshot.comparing import Difference

_WRITERS = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite"}
"""Dialect to the module beside this one that has ``statements(differences)``."""


def statements(differences: Difference | Iterable[Difference], dialect: str = "postgresql") -> tuple[str, ...]:
    """What makes the state before into the state after, in an order that works when it is run as it stands.

    The other direction is that of ``compare(after, before)``. What cannot be done by a statement, or should be looked
    at before it is run, is a line that begins with ``--``.

    Args:
        differences: one, or all that are to be run together.
        dialect: of the database: ``postgresql``, ``mysql``, ``mariadb`` or ``sqlite``.

    Raises:
        KeyError: the dialect is none of these.

    """
    together = (differences,) if isinstance(differences, Difference) else tuple(differences)
    writer = import_module(f"{__name__}.{_WRITERS[dialect]}")
    written: tuple[str, ...] = writer.statements(together)
    return written
