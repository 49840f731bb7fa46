"""How the ledger's times and first rows are asked for in each dialect."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

_EPOCH: Final = {
    "postgresql": "extract(epoch FROM {})",
    "mysql": "UNIX_TIMESTAMP({})",
    "mariadb": "UNIX_TIMESTAMP({})",
    "sqlite": "((julianday({}) - 2440587.5) * 86400)",
}
"""Seconds since 1970: a DATETIME of MariaDB is in the zone of its session, a text of SQLite in UTC."""
_WITH_LIMIT: Final = ("mysql", "mariadb", "sqlite")


def epoch(dialect: str, column: str) -> str:
    """The expression for a time column as a number, where that is known; else the column, as its driver gives it."""
    return _EPOCH.get(dialect, "{}").format(column)


def moment(value: Any) -> datetime | None:
    """The time in UTC of what `epoch` has given."""
    if value is None:
        return None
    if isinstance(value, datetime):
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return datetime.fromtimestamp(round(float(value), 3), tz=UTC)


def first(dialect: str, sql: str, rows: int | None) -> str:
    """An ordered query for its first rows only; for all with None."""
    if rows is None:
        return sql
    if dialect in _WITH_LIMIT:
        return f"{sql} LIMIT {int(rows)}"
    return f"{sql} OFFSET 0 ROWS FETCH NEXT {int(rows)} ROWS ONLY"
