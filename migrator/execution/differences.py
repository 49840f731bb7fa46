"""How two schemas differ, as data: what autogenerate writes and what ``check`` reports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    """What the models did, seen from the database."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One thing that the models have and the database has not, or the other way round."""

    change: Change
    what: str
    """Kind of thing: ``table``, ``column``, ``index``, ``type of column``..."""
    table: str
    """Table that it belongs to, with its schema when it has one."""
    name: str | None = None
    """Name of the column, index or constraint; None for the table itself and for what has no name."""
    before: str | None = None
    after: str | None = None
    definition: str = ""
    """What it looks like apart from its name: equal for two columns that may be one renamed."""

    @property
    def subject(self) -> str:
        """Name it: ``column users.email``, ``index ix_users_email on users``."""
        if self.what.endswith("table"):
            return f"{self.what} {self.table}"
        if self.what.endswith("column"):
            return f"{self.what} {self.table}.{self.name}"
        return f"{self.what} {self.name or '(unnamed)'} on {self.table}"

    @property
    def text(self) -> str:
        """Say it in the manner of Alembic's log: ``added table users``."""
        if self.change is Change.CHANGED and self.before is not None:
            return f"changed {self.subject}: {self.before} -> {self.after}"
        return f"{self.change.value} {self.subject}"

    @property
    def drops_data(self) -> bool:
        """Whether applying it would drop a table or a column."""
        return self.change is Change.REMOVED and self.what in {"table", "column"}


@dataclass(frozen=True, slots=True)
class ProbableRename:
    """A removed and an added thing of the same form: written as drop and add, it would lose the data."""

    removed: Difference
    added: Difference

    @property
    def text(self) -> str:
        """Say what it looks like and what to write instead."""
        if self.removed.what == "table":
            call = f'op.rename_table("{self.removed.table}", "{self.added.table}")'
            return f"table {self.removed.table} looks renamed to {self.added.table}; to keep its rows write {call}"
        call = f'op.alter_column("{self.removed.table}", "{self.removed.name}", new_column_name="{self.added.name}")'
        return (
            f"column {self.removed.table}.{self.removed.name} looks renamed to {self.added.name}; "
            f"to keep its values write {call}"
        )


def probable_renames(differences: Sequence[Difference]) -> tuple[ProbableRename, ...]:
    """Pair removed columns with added ones of the same table and type, and tables with the same columns."""
    added = [each for each in differences if each.change is Change.ADDED]
    found: list[ProbableRename] = []
    for removed in differences:
        if not removed.drops_data:
            continue
        twin = next((each for each in added if _may_be_renamed(removed, each)), None)
        if twin is not None:
            added.remove(twin)
            found.append(ProbableRename(removed, twin))
    return tuple(found)


def _may_be_renamed(removed: Difference, added: Difference) -> bool:
    same_place = removed.what == "table" or removed.table == added.table
    return removed.what == added.what and same_place and removed.definition == added.definition
