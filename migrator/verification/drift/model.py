"""What drift is made of, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from migrator.database.snapshot.comparing import Difference
from migrator.errors import ExitCode
from migrator.execution.revising import RevisionWish
from migrator.findings import Finding
from migrator.verification.drift.ignoring import Ignored
from migrator.verification.drift.live import LiveDatabase

if TYPE_CHECKING:
    from migrator.execution.adapter.generating import WrittenRevision


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftRequest:
    """What is to be compared."""

    privileges: bool = False
    """Also who may do what: roles live outside of histories, so grants differ between servers for good reasons."""
    write: RevisionWish | None = None
    """The revision that is to be written when there is drift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drifted:
    """One object that is not what the history makes of it."""

    differences: tuple[Difference, ...]
    """From the history to the live database: the object's own, then those of the sequences that come with it."""
    backwards: tuple[Difference, ...]
    """The same from the database to the history."""
    to_database: tuple[str, ...]
    """Statements that take the database back to the history."""
    to_history: tuple[str, ...]
    """Statements that a revision needs for the history to have it."""
    ignored: Ignored | None = None
    """The pattern for whose sake it does not count."""

    @property
    def difference(self) -> Difference:
        """The object's own."""
        return self.differences[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """How a live database differs from its history."""

    live: LiveDatabase
    revisions: tuple[str, ...]
    """Where the database is; empty for one that nothing was applied to."""
    pending: int
    """Revisions that it does not have yet: they are no drift."""
    built_on: str
    """Server on which the history was built."""
    drifted: tuple[Drifted, ...] = ()
    ignored: tuple[Drifted, ...] = ()
    reordered: tuple[Difference, ...] = ()
    """Tables whose columns are the same in another order: told, and no drift, since no statement can restore it."""
    findings: tuple[Finding, ...] = ()
    """What is wrong with the patterns of ``[tool.migrator.drift]``."""
    notices: tuple[str, ...] = ()
    written: tuple[WrittenRevision, ...] = ()
    """The revision that makes the history like the database."""

    @property
    def exit_code(self) -> ExitCode:
        """9 for drift; 1 when only patterns are wrong."""
        if self.drifted:
            return ExitCode.VERIFICATION
        return ExitCode.FINDINGS if self.findings else ExitCode.DONE
