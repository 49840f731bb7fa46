"""Where one statement ends and the next begins."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final


def separated(texts: list[str]) -> Iterator[list[str]]:
    """The statements of a text; in what a CREATE defines, parentheses and blocks hold their ``;`` together."""
    start, depth, block = 0, 0, 0
    program = False
    for at, text in enumerate(texts):
        if text == ";":
            if depth <= 0 and block <= 0:
                yield texts[start:at]
                start, depth, block, program = at + 1, 0, 0, False
        elif at == start:
            program = text.upper() == "CREATE"
        elif program:
            depth += (text == "(") - (text == ")")
            block += _block_change(text.upper(), texts[at - 1].upper(), texts, at)
    yield texts[start:]


_CONTROL: Final = frozenset({"IF", "LOOP", "WHILE", "REPEAT", "FOR"})


def _block_change(word: str, before: str, texts: list[str], at: int) -> int:
    if word == "BEGIN" or (word == "CASE" and before != "END"):
        return 1
    if word == "END":
        after = texts[at + 1].upper() if at + 1 < len(texts) else ""
        return 0 if after in _CONTROL else -1
    return 0
