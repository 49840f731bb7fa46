"""A place in the pieces of a statement, moved on word by word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_END: Final = ["", "", "", ""]
_QUOTES: Final = "\"`['"


class Cursor:
    """Reads one statement from left to right; behind its end there are empty words."""

    __slots__ = ("at", "dialect", "end", "texts", "words")

    def __init__(self, texts: list[str], dialect: str) -> None:
        self.texts = texts + _END
        self.words = [text.upper() for text in texts] + _END
        self.end = len(texts)
        self.at = 0
        self.dialect = dialect

    @property
    def is_mysql(self) -> bool:
        """Whether it is MySQL's or MariaDB's language."""
        return self.dialect in ("mysql", "mariadb")

    @property
    def word(self) -> str:
        """The word that is next, in capitals; quoted ones keep their quotes."""
        return self.words[self.at]

    @property
    def rest(self) -> list[str]:
        """The words from here on, in capitals."""
        return self.words[self.at : self.end]

    def take(self, *words: str) -> bool:
        """Whether these words are next; if so, go past them."""
        at = self.at
        for word in words:
            if self.words[at] != word:
                return False
            at += 1
        self.at = at
        return True

    def take_any(self, words: frozenset[str]) -> str:
        """The next word if it is one of these, and go past it; else nothing."""
        word = self.words[self.at]
        if word in words:
            self.at += 1
            return word
        return ""

    def skip_parentheses(self) -> list[str]:
        """Go past what stands in parentheses here, if anything does, and return its words."""
        start = self.at
        if self.words[start] != "(":
            return []
        depth = 0
        while self.at < self.end:
            word = self.words[self.at]
            depth += (word == "(") - (word == ")")
            self.at += 1
            if depth == 0:
                break
        return self.words[start + 1 : self.at - 1]

    def seek(self, word: str) -> bool:
        """Go past the next occurrence of a word; stay here if there is none."""
        try:
            self.at = self.words.index(word, self.at, self.end) + 1
        except ValueError:
            return False
        return True

    def qualified(self) -> tuple[str | None, str | None]:
        """The schema and the name that are next, without quotes and folded; None for what isn't there."""
        schema = None
        name = self.identifier()
        while name is not None and self.words[self.at] == ".":
            self.at += 1
            schema, name = name, self.identifier()
        return schema, name

    def identifier(self) -> str | None:
        """The one name that is next, without quotes and folded as the server folds it; None if there is none."""
        text = self.texts[self.at]
        if not text:
            return None
        mark = text[0]
        if mark in _QUOTES and len(text) > 1:
            self.at += 1
            closing = "]" if mark == "[" else mark
            return text[1:-1].replace(closing * 2, closing) if text[-1] == closing else text[1:]
        if mark == "_" or mark.isalpha():
            self.at += 1
            return text.lower() if self.dialect == "postgresql" else text
        return None

    def string(self) -> str | None:
        """The one text value that is next; None if there is none, or one that needs more than its quotes taken off."""
        text = self.texts[self.at]
        if len(text) < 2 or text[0] != "'" or text[-1] != "'":  # noqa: PLR2004 (its two quotes)
            return None
        self.at += 1
        return text[1:-1].replace("''", "'")

    def actions(self) -> Iterator[Cursor]:
        """What stands between the commas from here on, those in parentheses left out."""
        start, depth = self.at, 0
        for at in range(self.at, self.end):
            word = self.words[at]
            if word == "(":
                depth += 1
            elif word == ")":
                depth -= 1
            elif word == "," and depth == 0:
                yield Cursor(self.texts[start:at], self.dialect)
                start = at + 1
        yield Cursor(self.texts[start : self.end], self.dialect)
