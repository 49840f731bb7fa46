"""One way to write parameters, ``?``, in the words of each driver."""

from __future__ import annotations

import re
from itertools import count
from typing import Literal

Style = Literal["?", "%s", "$1", ":1"]

_PIECE = re.compile(
    r"'(?:[^']|'')*'"  # text
    r'|"(?:[^"]|"")*"'  # name
    r"|`[^`]*`"
    r"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"  # PostgreSQL's dollar quotes
    r"|--[^\n]*"
    r"|/\*.*?\*/"
    r"|\?"
    r"|%",
    re.DOTALL,
)


def translate(sql: str, style: Style) -> str:
    """Return a statement with ``?`` written as a driver wants it; quotes and comments stay as they are.

    Only for statements that have parameters: drivers of the style ``%s`` read ``%`` as it stands when there are none.
    """
    if style == "?":
        return sql
    numbers = count(1)

    def piece(match: re.Match[str]) -> str:
        text = match[0]
        if text == "?":
            return "%s" if style == "%s" else f"{style[0]}{next(numbers)}"
        return text.replace("%", "%%") if style == "%s" else text

    return _PIECE.sub(piece, sql)
