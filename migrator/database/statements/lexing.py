"""Where the words, names and values of a SQL text are. Every pattern matches whatever follows, so none goes back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_WORD: Final = r"[^\W\d][\w$]*"
_PLAIN: Final = r"'[^']*(?:''[^']*)*(?:'|\Z)"
_ESCAPED: Final = r"'[^'\\]*(?:(?:\\.?|'')[^'\\]*)*(?:'|\Z)"
_DOUBLE: Final = r'"[^"]*(?:""[^"]*)*(?:"|\Z)'
_DOUBLE_ESCAPED: Final = r'"[^"\\]*(?:(?:\\.?|"")[^"\\]*)*(?:"|\Z)'
_BACKTICK: Final = r"`[^`]*(?:``[^`]*)*(?:`|\Z)"
_BRACKET: Final = r"\[[^\]]*(?:\]|\Z)"
_DOLLAR: Final = r"\$(?P<tag>(?:[^\W\d]\w*)?)\$.*?(?:\$(?P=tag)\$|\Z)"
_LINE_COMMENT: Final = r"--[^\n]*"
_COMMENT: Final = r"/\*.*?(?:\*/|\Z)"
_NUMBER: Final = r"\$?\d[\w.]*"
_ANYTHING: Final = r"\S"


def _pattern(*pieces: str) -> re.Pattern[str]:
    return re.compile("|".join(pieces), re.DOTALL)


_POSTGRESQL: Final = _pattern(
    f"[eE]{_ESCAPED}", _WORD, _PLAIN, _DOUBLE, _LINE_COMMENT, _COMMENT, _DOLLAR, _NUMBER, _ANYTHING
)
# A comment that begins with an exclamation mark is run: only its marks are passed over.
_MYSQL: Final = _pattern(
    _WORD,
    _ESCAPED,
    _DOUBLE_ESCAPED,
    _BACKTICK,
    r"--(?:[\s\x00][^\n]*|\Z)",
    r"#[^\n]*",
    r"/\*M?!\d*",
    r"\*/",
    _COMMENT,
    _NUMBER,
    _ANYTHING,
)
_OTHER: Final = _pattern(
    _WORD, _PLAIN, _DOUBLE, _BACKTICK, _BRACKET, _LINE_COMMENT, _COMMENT, _NUMBER, _ANYTHING
)  # fmt: skip
_PATTERNS: Final = {"postgresql": _POSTGRESQL, "mysql": _MYSQL, "mariadb": _MYSQL}
_COMMENT_MARK: Final = re.compile(r"/\*|\*/")


def pieces(sql: str, dialect: str) -> Iterator[re.Match[str]]:
    """The words, names, values and marks of a text in their order; comments and white space are passed over."""
    pattern = _PATTERNS.get(dialect, _OTHER)
    if "--" not in sql and "/*" not in sql and (pattern is not _MYSQL or "#" not in sql):
        return pattern.finditer(sql)
    return _without_comments(sql, pattern)


def _without_comments(sql: str, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    openings = ("--", "/*", "#", "*/") if pattern is _MYSQL else ("--", "/*")
    position = 0
    while True:
        for match in pattern.finditer(sql, position):
            text = match[0]
            if not text.startswith(openings):
                yield match
            elif pattern is _POSTGRESQL and text[0] == "/" and "/*" in text[2:]:
                position = _end_of_nested(sql, match.start())
                break
        else:
            return


def _end_of_nested(sql: str, start: int) -> int:
    """PostgreSQL's comments contain one another."""
    depth = 0
    for mark in _COMMENT_MARK.finditer(sql, start):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(sql)
