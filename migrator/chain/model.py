"""A revision as its file declares it, and the chain that all of them form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Direction(StrEnum):
    """Which way a step moves the database."""

    UPGRADE = "upgrade"
    DOWNGRADE = "downgrade"


class Body(StrEnum):
    """What a revision's ``upgrade()`` or ``downgrade()`` amounts to, as far as reading can tell."""

    MISSING = "missing"
    EMPTY = "empty"
    RAISES = "raises"
    WORKS = "works"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One revision file. Ids in ``parents`` and ``depends_on`` stand as declared and may be partial or unknown."""

    id: str
    parents: tuple[str, ...] = ()
    """``down_revision``; empty for a base."""
    branch_labels: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    doc: str = ""
    """First paragraph of the docstring."""
    path: str = ""
    """Absolute path of the file."""
    line: int = 1
    """Line of the assignment to ``revision``."""
    parents_line: int = 1
    """Line of the assignment to ``down_revision``."""
    labels_line: int = 1
    """Line of the assignment to ``branch_labels``."""
    depends_line: int = 1
    """Line of the assignment to ``depends_on``."""
    downgrade_line: int = 1
    """Line of ``def downgrade``, or 1 when there is none."""
    upgrade: Body = Body.WORKS
    downgrade: Body = Body.WORKS
    one_way: str | None = None
    """Why there is no way back, where its options say so."""

    @property
    def title(self) -> str:
        """The message in one line, for lists; empty when the docstring holds nothing but Alembic's own header."""
        first = self.doc.partition("\n")[0].strip()
        return "" if first.startswith("Revision ID:") else first


@dataclass(frozen=True)
class Chain:
    """All revisions of one history, in the order in which their files were read."""

    revisions: Mapping[str, Revision]

    @cached_property
    def children(self) -> Mapping[str, tuple[str, ...]]:
        """Ids of the revisions that name each revision as a parent (``depends_on`` does not count)."""
        found: dict[str, list[str]] = {}
        for revision in self.revisions.values():
            for parent in revision.parents:
                found.setdefault(parent, []).append(revision.id)
        return {parent: tuple(ids) for parent, ids in found.items()}

    @cached_property
    def heads(self) -> tuple[str, ...]:
        """Ids of the revisions that no other names as a parent."""
        return tuple(id_ for id_ in self.revisions if id_ not in self.children)

    @cached_property
    def bases(self) -> tuple[str, ...]:
        """Ids of the revisions without a parent."""
        return tuple(revision.id for revision in self.revisions.values() if not revision.parents)
