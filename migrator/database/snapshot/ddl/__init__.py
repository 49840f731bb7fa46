"""The statements that turn one schema into another, written from a difference. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from migrator.database.snapshot.comparing import Difference
from migrator.database.snapshot.model import Snapshot

_WRITERS = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite"}
"""Dialect to the module beside this one that has ``statements(differences)``."""


def statements(
    differences: Difference | Iterable[Difference], dialect: str = "postgresql", *, after: Snapshot | None = None
) -> tuple[str, ...]:
    """What makes the state before into the state after, in an order that works when it is run as it stands.

    The other direction is that of ``compare(after, before)``, where what was before comes after. What cannot be done
    by a statement, or should be looked at before it is run, is a line that begins with ``--``. No statement has a
    semicolon at its end.

    Args:
        differences: one, or all that are to be run together.
        dialect: of the database: ``postgresql``, ``mysql``, ``mariadb`` or ``sqlite``.
        after: the whole schema as it is to be. With it, what is no difference but stands in the way (a view that shows
            a column whose type changes) is dropped and made again; without it, the server may refuse a statement.

    Raises:
        KeyError: the dialect is none of these.

    """
    together = (differences,) if isinstance(differences, Difference) else tuple(differences)
    writer = import_module(f"{__name__}.{_WRITERS[dialect]}")
    further = {"after": after} if dialect == "postgresql" else {}
    written: tuple[str, ...] = writer.statements(together, **further)
    return written
