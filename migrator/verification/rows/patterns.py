"""Texts that a regular expression matches, made from the expression. Pure.

Of the syntax only what checks are mostly made of is understood; the server has the last word on each text.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from typing import Final

_CLASSES: Final = {
    "d": string.digits[1:] + "0",
    "w": string.ascii_lowercase + string.digits,
    "s": " ",
    "D": string.ascii_lowercase,
    "W": "-",
    "S": string.ascii_lowercase,
}
_NAMED: Final = {
    ":alpha:": string.ascii_lowercase,
    ":alnum:": string.ascii_lowercase + string.digits,
    ":digit:": _CLASSES["d"],
    ":lower:": string.ascii_lowercase,
    ":upper:": string.ascii_uppercase,
    ":space:": " ",
    ":xdigit:": string.digits + "abcdef",
}
_PRINTABLE: Final = string.ascii_lowercase + string.digits + string.ascii_uppercase + "_-. @/:+#"
_TIMES: Final = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_LONGEST: Final = 200
_FEW: Final = 3
"""So often a part is repeated of which the expression only says that it may be."""


def matching(pattern: str) -> tuple[str, ...]:
    """A few different texts that are likely to match; none where the expression is not understood."""
    made = []
    for variant in range(4):
        try:
            made.append(_Writer(pattern, variant).text())
        except (IndexError, ValueError):
            return ()
    return tuple(dict.fromkeys(made))


class _Writer:
    """Writes a text while it reads the expression from left to right."""

    def __init__(self, pattern: str, variant: int) -> None:
        self._pattern = pattern
        self._place = 0
        self._variant = variant

    def text(self) -> str:
        written = self._alternatives()
        if self._place < len(self._pattern):
            raise ValueError("a bracket too many")
        return written[:_LONGEST]

    def _alternatives(self) -> str:
        branches = [self._branch()]
        while self._peek() == "|":
            self._place += 1
            branches.append(self._branch())
        return branches[self._variant % len(branches)]

    def _branch(self) -> str:
        written = ""
        while self._peek() not in ("", "|", ")"):
            part = self._part()
            least, most = self._times()
            written += part * min(max(least, min(most, 1)), _LONGEST)
        return written

    def _peek(self) -> str:
        return self._pattern[self._place : self._place + 1]

    def _next(self) -> str:
        self._place += 1
        return self._pattern[self._place - 1]

    def _part(self) -> str:
        character = self._next()
        if character in "^$":
            return ""
        if character == "(":
            return self._group()
        if character == "[":
            return self._one_of(self._bracket())
        if character == ".":
            return self._one_of(string.ascii_lowercase)
        if character == "\\":
            escaped = self._next()
            return self._one_of(_CLASSES[escaped]) if escaped in _CLASSES else "" if escaped in "AZbBmMyY" else escaped
        return character

    def _group(self) -> str:
        if self._peek() == "?":
            self._place += 1
            if self._next() != ":":
                raise ValueError("looking around is not understood")
        written = self._alternatives()
        if self._next() != ")":
            raise ValueError("a bracket is missing")
        return written

    def _one_of(self, characters: str) -> str:
        return characters[self._variant % len(characters)]

    def _bracket(self) -> str:
        excluded = self._peek() == "^"
        self._place += excluded
        members = "".join(self._members())
        return "".join(each for each in _PRINTABLE if each not in members) if excluded else members

    def _members(self) -> Iterator[str]:
        first = True
        while first or self._peek() != "]":
            first = False
            character = self._next()
            if character == "[" and self._peek() == ":":
                end = self._pattern.index("]", self._place)
                yield _NAMED.get(self._pattern[self._place : end], "")
                self._place = end + 1
            elif character == "\\":
                escaped = self._next()
                yield _CLASSES.get(escaped, escaped)
            elif self._peek() == "-" and self._pattern[self._place + 1] != "]":
                self._place += 1
                yield "".join(chr(code) for code in range(ord(character), ord(self._next()) + 1))
            else:
                yield character
        self._place += 1

    def _times(self) -> tuple[int, int]:
        """How often the part before may stand there: at least, and at most."""
        character = self._peek()
        counted = _TIMES.match(self._pattern, self._place)
        if counted:
            self._place = counted.end()
            least = int(counted[1])
            most = least if counted[2] is None else int(counted[2] or least + _FEW)
        elif character in ("*", "+", "?") and character:
            self._place += 1
            least, most = {"*": (0, _FEW), "+": (1, _FEW), "?": (0, 1)}[character]
        else:
            return 1, 1
        if self._peek() == "?":
            self._place += 1  # as little as possible: the same texts
        return least, most
