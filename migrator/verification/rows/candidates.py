"""Values that may fulfil a condition, from the constants that stand in it. Pure.

The server says which of them do (see solving.py): nothing here understands SQL.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Final

from migrator.verification.rows.facts import Form, TypeFacts
from migrator.verification.rows.patterns import matching
from migrator.verification.rows.values import LONGEST, text

_QUOTED: Final = re.compile(r"'((?:[^']|'')*)'")
_NUMBER: Final = re.compile(r"(?<![\w.'])-?\d+(?:\.\d+)?(?![\w.'])")
_NUMBERS: Final = frozenset({"int2", "int4", "int8", "float4", "float8", "numeric", "money", "oid"})
_LARGEST: Final = {"int2": 2**15 - 1, "int4": 2**31 - 1, "int8": 2**63 - 1}
_MOMENTS: Final = frozenset({"date", "timestamp", "timestamptz"})
_TEXTS: Final = frozenset({"text", "varchar", "bpchar", "citext", "name", "char"})
_USUAL_TEXTS: Final = (
    *("row1@example.org", "row2@example.org", "row3@example.org"),
    *("row", "row-two", "row_three", "Row", "ROW", "EUR", "USD", "de", "en", "us", "DE", "US", "en-US", "a", "A"),
    *("1", "2", "3", "12345", "+491701234567", "+12025550123", "1.0.0", "v1.2.3", "12:34", "2024-03-01"),
    *("https://example.org/row1", "https://example.org/row2", "example.org", "/row/1", "rows/row1", "row one"),
    *("5eed0000-0000-4000-8000-000000000000", "#00ff00", "deadbeef", "0" * 32, "0" * 40, "0" * 64, "{}", "[]", ""),
)


def constants(expression: str) -> tuple[tuple[str, ...], tuple[Decimal, ...]]:
    """The quoted texts of an expression, and its numbers (quoted ones included)."""
    quoted = tuple(dict.fromkeys(match.replace("''", "'") for match in _QUOTED.findall(expression)))
    bare = _NUMBER.findall(_QUOTED.sub(" ", expression))
    return quoted, tuple(dict.fromkeys(_numbers([*bare, *quoted])))


def candidates(kind: TypeFacts, usual: Iterable[str], expressions: Iterable[str]) -> tuple[str, ...]:
    """Values of a type that may fulfil conditions, the likeliest first.

    Args:
        kind: the type of the column, of a domain what it is based on.
        usual: what the column would hold without a condition.
        expressions: the conditions.

    """
    written = " ".join(expressions)
    quoted, numbers = constants(written)
    while kind.form is Form.DOMAIN and kind.inner is not None:
        kind = kind.inner
    usual = tuple(usual)
    if "json_valid" in written.lower():
        usual = ('{"row": 0}', '{"row": 1}', '{"row": 2}', *usual)
    special = (each for each in _special(kind, quoted, numbers) if _fits(kind, each))
    return tuple(dict.fromkeys((*usual[:1], *special, *usual[1:])))


def _fits(kind: TypeFacts, candidate: str) -> bool:
    """Whether the type can hold it: a cast would cut text short without a word, and stop at too large a number."""
    if kind.name in _TEXTS:
        return kind.length is None or len(candidate) <= kind.length
    if kind.name in _LARGEST:
        return -_LARGEST[kind.name] <= int(candidate) <= _LARGEST[kind.name]
    if kind.name == "numeric" and kind.length:
        return abs(Decimal(candidate)) < Decimal(10) ** (kind.length - kind.scale)
    return True


def _special(kind: TypeFacts, quoted: tuple[str, ...], numbers: tuple[Decimal, ...]) -> Iterator[str]:
    if kind.form is Form.ENUM:
        yield from kind.labels
    elif kind.form is Form.ARRAY:
        yield from _arrays(kind, quoted)
    elif kind.name in _NUMBERS:
        yield from _near(numbers, whole=kind.name.startswith(("int", "oid")))
    elif kind.name in _MOMENTS:
        yield from _moments(quoted)
    elif kind.name in _TEXTS:
        yield from _texts(quoted, numbers)
    elif kind.name in ("json", "jsonb"):
        keys = [each for each in quoted if each.isidentifier()]
        yield from ("{}", "[]", '"row"', "1", "{" + ", ".join(f'"{key}": "row"' for key in keys) + "}")
    elif kind.name == "bool":
        yield from ("true", "false")
    else:
        yield from quoted


def _arrays(kind: TypeFacts, quoted: tuple[str, ...]) -> Iterator[str]:
    labels = kind.inner.labels if kind.inner else ()
    words = [each for each in (*labels, *quoted) if each and each.replace("_", "").replace("-", "").isalnum()]
    yield from (f'{{"{each}"}}' for each in words)
    yield from (each for each in quoted if each.startswith("{"))
    yield "{}"


def _near(numbers: tuple[Decimal, ...], *, whole: bool) -> Iterator[str]:
    for each in (*numbers, Decimal(0), Decimal(1)):
        for near in (each, each + 1, each - 1, *(() if whole else (each + Decimal("0.5"), each - Decimal("0.5")))):
            yield str(int(near) if whole else near)
    for low, high in pairwise(numbers):
        yield str(int((low + high) / 2) if whole else (low + high) / 2)


def _moments(quoted: tuple[str, ...]) -> Iterator[str]:
    for each in quoted:
        try:
            found = datetime.fromisoformat(each)
        except ValueError:
            continue
        yield from (str(found + timedelta(days=days)) for days in (0, 1, 2, -1))


def _texts(quoted: tuple[str, ...], numbers: tuple[Decimal, ...]) -> Iterator[str]:
    for each in quoted:
        yield each
        # The words of a LIKE or a regular expression, which may be all that it asks for.
        yield re.sub(r"[%^$\\]", "", each)
        yield re.sub(r"[%_]+", "row", each)
        yield from matching(each)
    for number in numbers:
        lengths = [length for length in range(int(number) - 1, int(number) + 2) if 0 < length <= LONGEST]
        yield from (text(length, 0) for length in lengths)
        yield from ("7" * length for length in lengths)
    yield from (text(length, variant) for length in (3, 12) for variant in (0, 1, 2))
    yield from _USUAL_TEXTS


def _numbers(texts: Iterable[str]) -> Iterator[Decimal]:
    for each in texts:
        try:
            number = Decimal(each)
        except InvalidOperation:
            continue
        if number.is_finite():
            yield number
