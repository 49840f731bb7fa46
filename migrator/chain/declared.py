"""What one revision file declares, as plain values that can cross a process boundary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

PlainProblem: TypeAlias = tuple[str, int, str, str, str]

VARIABLES = ("revision", "down_revision", "branch_labels", "depends_on")


@dataclass(frozen=True, slots=True)
class Computed:
    """A value that reading cannot know."""

    why: str
    line: int = 1


class Problem(NamedTuple):
    """What kept a file from being read, before it becomes a finding."""

    rule: str
    line: int
    message: str
    cause: str = ""
    remedy: str = ""

    def plain(self) -> PlainProblem:
        """The same without its class, which a reading process cannot hand over."""
        return (self.rule, self.line, self.message, self.cause, self.remedy)


class ProjectImport(NamedTuple):
    """An import of the project's own code inside a revision."""

    line: int
    module: str
    names: tuple[str, ...]


class Declared(NamedTuple):
    """The header of a file and what its two functions amount to.

    Only strings, numbers, tuples and None, so that a reading process can hand it over with ``marshal``.
    """

    id: str | None
    parents: tuple[str, ...] = ()
    branch_labels: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    doc: str = ""
    lines: tuple[int, int, int, int, int] = (1, 1, 1, 1, 1)
    """Lines of the four variables and of ``def downgrade``."""
    upgrade: str = "works"
    downgrade: str = "works"
    imports: tuple[tuple[int, str, tuple[str, ...]], ...] = ()
    problems: tuple[PlainProblem, ...] = ()
    one_way: str | None = None
    """Why there is no way back, as its options say."""


def ids_of(value: Any) -> tuple[str, ...] | None:
    """The ids in a value of ``down_revision`` and its like, as Alembic takes them; None when it holds anything else."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, (tuple, list, set, frozenset)):
        items = tuple(value) if isinstance(value, (tuple, list)) else tuple(sorted(value, key=str))
        if items == (None,):
            return ()
        if all(isinstance(item, str) for item in items):
            return tuple(dict.fromkeys(items))
    return None
