"""A statement as it may be shown: on one line, and without any value that could be somebody's data."""

from __future__ import annotations

from typing import Final

from migrator.database.statements.lexing import pieces

_HIDDEN: Final = "..."


def one_line(sql: str, limit: int = 200, dialect: str = "postgresql") -> str:
    """Shorten a statement for logs.

    White space is one blank, comments are left out; text, dollar-quoted bodies and numbers read ``...``.

    Args:
        sql: one statement or several.
        limit: the longest result, in characters.
        dialect: decides what quotes mean: in MySQL's, what stands in ``"`` is a value.

    """
    shown: list[str] = []
    length, end = 0, 0
    values = ("'", '"') if dialect in ("mysql", "mariadb") else ("'",)
    for match in pieces(sql, dialect):
        text = match[0]
        if text.startswith(values) or _is_value(text):
            text = _HIDDEN
        if shown and match.start() > end:
            text = f" {text}"
        shown.append(text)
        length += len(text)
        end = match.end()
        if length > limit:
            break
    line = " ".join("".join(shown).split())
    return line if len(line) <= limit else f"{line[: limit - 1].rstrip()}…"


def _is_value(text: str) -> bool:
    first = text[0]
    if first.isdigit():
        return True
    if first == "$" and len(text) > 1:
        return not text[1:].isdigit()
    return text[:2] in ("e'", "E'")
