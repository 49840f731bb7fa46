"""What SQL that a revision executes as text will do, as far as its first words tell."""

from __future__ import annotations

import re

_DESTRUCTIVE = re.compile(
    r"\s*(?:drop|truncate|delete)\b|\s*alter\s+table\b.*\bdrop\s+(?:column|constraint)?\b", re.IGNORECASE | re.DOTALL
)
_NAME = r"""(?:"[^"]+"|`[^`]+`|\[[^\]]+\]|[\w$]+)"""
_TABLE = re.compile(
    r"\s*(?:drop\s+table|truncate(?:\s+table)?|delete\s+from|alter\s+table)(?:\s+if\s+exists)?(?:\s+only)?\s+"
    rf"(?:(?P<schema>{_NAME})\s*\.\s*)?(?P<table>{_NAME})(?![\w$])(?!\s*[,.])",
    re.IGNORECASE,
)
_SHOWN_WORDS = 8


def is_destructive(sql: str) -> bool:
    """Whether rows or columns are lost by it."""
    return _DESTRUCTIVE.match(sql) is not None


def table_in(sql: str) -> tuple[str | None, str | None]:
    """Schema and name of the table that a destructive statement is about; None where it names several or none."""
    found = _TABLE.match(sql)
    if found is None:
        return None, None
    schema, table = (part and part.strip('"`[]') for part in (found["schema"], found["table"]))
    return schema, table


def shortened(sql: str) -> str:
    """Its first words, on one line."""
    words = sql.split()
    return " ".join(words[:_SHOWN_WORDS]) + (" ..." if len(words) > _SHOWN_WORDS else "")
