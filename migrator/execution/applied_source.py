"""The source with which a revision was applied, beside its file of today."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum

from migrator.database.ledger.applied import StoredSource, read_source
from migrator.database.ledger.entries import read_recorded_ids
from migrator.database.ledger.place import find_place, scope_of
from migrator.database.state import Reader, VersionTable
from migrator.errors import UsageError
from migrator.execution.gathering import ask
from migrator.execution.history import revisions_meant
from migrator.project import Project


class Sameness(StrEnum):
    """How a file stands to the source that was applied."""

    IDENTICAL = "identical"
    SAME_MEANING = "same meaning"
    """Only comments, docstrings or formatting differ."""
    EDITED = "edited"
    FILE_GONE = "file gone"
    NOT_STORED = "not stored"
    """The ledger has the revision, and not its source."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceComparison:
    """One revision, as applied and as it is."""

    revision: str
    sameness: Sameness
    path: str | None
    """Of the file; None when it is gone."""
    diff: str
    """Unified, from what was applied to the file."""


def compare_with_file(project: Project, symbol: str) -> SourceComparison:
    """Compare the source with which a revision was applied last with its file.

    Raises:
        UsageError: the symbol means no single revision, or the ledger does not know it.
        Unreachable: the database cannot be reached.

    """

    def question(reader: Reader, version_table: VersionTable, _location: str) -> tuple[str, StoredSource | None] | None:
        place = find_place(reader, version_table, project.care.ledger_schema)
        if place is None:
            return None
        scope = scope_of(version_table)
        recorded = read_recorded_ids(reader, place, scope)
        meant = revisions_meant(project, symbol, recorded)
        found = [id_ for id_ in meant if id_ in recorded]
        if len(meant) > 1 or not found:
            return None
        return found[0], read_source(reader, place, scope, found[0])

    answers = [each for each in ask(project, question)[1] if each is not None]
    if not answers:
        raise UsageError(
            f"the ledger does not know {symbol!r} as one revision that was applied", remedy="migrator log --limit 0"
        )
    revision, stored = answers[0]
    known = project.reading.chain.revisions.get(revision)
    path = None if known is None else known.path
    return _compared(revision, stored, path, shown=None if path is None else project.display(path))


def _compared(revision: str, stored: StoredSource | None, path: str | None, *, shown: str | None) -> SourceComparison:
    content = None
    if path is not None:
        with open(path, "rb") as file:  # noqa: PTH123
            content = file.read()
    return SourceComparison(
        revision=revision,
        sameness=sameness_of(stored, content),
        path=shown,
        diff="" if stored is None else _diff(revision, stored.content, content, shown or "/dev/null"),
    )


def sameness_of(stored: StoredSource | None, content: bytes | None) -> Sameness:
    """Compare two sources; None: there is none.

    Meaning is compared only where the bytes differ: to parse a file costs more than to run most revisions.
    """
    if content is None:
        return Sameness.FILE_GONE
    if stored is None:
        return Sameness.NOT_STORED
    if stored.content == content:
        return Sameness.IDENTICAL
    from migrator.chain.semantics import semantic_checksum

    same = semantic_checksum(stored.content) == semantic_checksum(content)
    return Sameness.SAME_MEANING if same else Sameness.EDITED


def _diff(revision: str, applied: bytes, content: bytes | None, name: str) -> str:
    before, after = (text.decode("utf-8", "replace").splitlines(keepends=True) for text in (applied, content or b""))
    lines = difflib.unified_diff(before, after, fromfile=f"{revision} as applied", tofile=name)
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)
