"""What the ledger knows of each revision itself: what it stood on, and the source that was applied."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from migrator.database.ledger.place import LEDGER, LedgerPlace
from migrator.database.ledger.questions import epoch, first, moment
from migrator.database.state import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedRevision:
    """A revision as it was when it last moved; code that has no file of it can still place it."""

    id: str
    parents: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    title: str = ""
    is_applied: bool = True
    checksum: str | None = None
    """SHA-256 of the file's bytes; None for a file without source."""
    has_source: bool = False
    at: datetime | None = None
    """In UTC."""


@dataclass(frozen=True, slots=True)
class StoredSource:
    """The file of a revision as it was applied."""

    content: bytes
    checksum: str
    """SHA-256 of its bytes, as written beside it."""


def read_recorded(reader: Reader, place: LedgerPlace, scope: str) -> dict[str, RecordedRevision]:
    """Read every revision that ever moved, by its id, in the order in which they moved last."""
    table = place.table(LEDGER)
    at = epoch(reader.dialect, "recorded_at")
    rows = reader.fetch(
        "SELECT revision, parents, depends_on, doc, outcome, checksum, "  # noqa: S608
        f"CASE WHEN source IS NULL THEN 0 ELSE 1 END, {at} FROM {table} WHERE entry IN "
        f"(SELECT max(entry) FROM {table} WHERE scope = ? AND outcome <> 'failed' GROUP BY revision) ORDER BY entry",
        scope,
    )
    return {str(row[0]): _recorded(row) for row in rows}


def read_applied_checksums(reader: Reader, place: LedgerPlace, scope: str) -> Mapping[str, str]:
    """Read the checksum of each revision that is applied, of which one is known."""
    table = place.table(LEDGER)
    rows = reader.fetch(
        f"SELECT revision, checksum FROM {table} WHERE outcome = 'applied' AND checksum IS NOT NULL AND entry IN "  # noqa: S608
        f"(SELECT max(entry) FROM {table} WHERE scope = ? AND outcome <> 'failed' GROUP BY revision)",
        scope,
    )
    return {str(revision): str(checksum) for revision, checksum in rows}


def read_source(reader: Reader, place: LedgerPlace, scope: str, revision: str) -> StoredSource | None:
    """Read the source with which a revision was applied last; None when it is not stored."""
    rows = reader.fetch(
        first(
            reader.dialect,
            f"SELECT source, checksum FROM {place.table(LEDGER)} "  # noqa: S608
            "WHERE scope = ? AND revision = ? AND outcome = 'applied' ORDER BY entry DESC",
            1,
        ),
        scope,
        revision,
    )
    if not rows or rows[0][0] is None:
        return None
    source, checksum = rows[0]
    try:
        content = zlib.decompress(bytes(source))
    except (zlib.error, TypeError):
        content = b""  # which fits to no checksum, as it should
    return StoredSource(content, str(checksum))


def _recorded(row: Sequence[Any]) -> RecordedRevision:
    revision, parents, depends_on, doc, outcome, checksum, has_source, at = row
    import json

    return RecordedRevision(
        id=str(revision),
        parents=tuple(json.loads(parents)),
        depends_on=tuple(json.loads(depends_on)),
        title=doc or "",
        is_applied=outcome == "applied",
        checksum=checksum,
        has_source=bool(has_source),
        at=moment(at),
    )
