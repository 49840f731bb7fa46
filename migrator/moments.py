"""Points in time as people write them on the command line: a date, a time, or how long ago."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from migrator.durations import read_duration

SPELLING: Final = "write it like 2026-05-04, 2026-05-04T10:30, or 7d, 12h, 30min for so long ago"
"""What to tell whoever wrote something else."""
_LENGTH_OF_DATE: Final = len("2026-05-04")


def read_moment(text: str, *, now: datetime, ends: bool = False) -> datetime | None:
    """The point in time that a text stands for; None when it is none.

    Args:
        text: in UTC unless it says otherwise.
        now: what a length of time counts back from.
        ends: a date stands for its end, not for its beginning.

    """
    written = text.strip()
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        ago = read_duration(written) if written[-1:].isalpha() else None
        return None if ago is None else now - timedelta(seconds=ago)
    if ends and len(written) <= _LENGTH_OF_DATE:
        found += timedelta(days=1)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
