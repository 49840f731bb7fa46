"""Points in time as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from migrator.moments import read_moment

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "ends", "moment"),
    [
        ("2026-05-03", False, datetime(2026, 5, 3, tzinfo=UTC)),
        ("2026-05-03", True, datetime(2026, 5, 4, tzinfo=UTC)),
        ("2026-05-03T10:30", True, datetime(2026, 5, 3, 10, 30, tzinfo=UTC)),
        ("2026-05-03 10:30:05+02:00", False, datetime(2026, 5, 3, 8, 30, 5, tzinfo=UTC)),
        ("7d", False, datetime(2026, 4, 27, 12, 0, tzinfo=UTC)),
        ("90min", True, datetime(2026, 5, 4, 10, 30, tzinfo=UTC)),
        ("yesterday", False, None),
        ("7", False, None),
        ("", False, None),
    ],
)
def test_a_date_a_time_or_so_long_ago(text: str, ends: bool, moment: datetime | None) -> None:
    assert read_moment(text, now=NOW, ends=ends) == moment
