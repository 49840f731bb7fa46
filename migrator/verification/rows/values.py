"""Values for columns of each type, as text that the server reads: one for each number of a variant. Pure.

They are chosen so that what a revision narrows shows: text has its full length and no number in it, a numeric its full
precision, an integer a value that the next smaller type cannot hold and that a hundredfold still fits.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from migrator.verification.rows.facts import Form, TypeFacts

LONGEST: Final = 4000
"""Characters of the longest text, however long a column may be."""
UNBOUNDED: Final = 300
"""Characters of text in a column without a limit: more than the 255 that it is narrowed to most often."""
ANOTHER: Final = 7
"""The variant of a value that no row has, where rows are filled as usual."""
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_MOMENT: Final = datetime(2024, 3, 1, 12, 34, 56, 123456, tzinfo=UTC)

Solved = Mapping[str, tuple[str, ...]]
"""Values that fulfil the checks of a domain, by the spelling of its type."""


def text(length: int | None, variant: int) -> str:
    """Text of exactly this many characters, another for each variant as far as they suffice."""
    wanted = UNBOUNDED if length is None else min(length, LONGEST)
    start = _LETTERS[variant % len(_LETTERS)] + ("" if variant < len(_LETTERS) else str(variant))
    return (start + " row of text" * (wanted // 12 + 1))[:wanted]


def number(digits: int, scale: int, variant: int) -> str:
    """The largest number of so many digits, less the variant."""
    unscaled = 10**digits - 1 - variant
    if scale <= 0:
        return str(unscaled * 10**-scale)
    return f"{unscaled // 10**scale}.{unscaled % 10**scale:0{scale}}"


def day(variant: int) -> date:
    """A day on which no `moment` is: a revision that counts moments by day finds other days than the table has."""
    return date(2023, 7, 1) + timedelta(days=variant)


def identifier(row: int) -> str:
    """A UUID: as of random ones, its first eight letters alone tell rows apart."""
    return f"{(0x5EED0000 + row * 0x01010101) % 2**32:08x}-0000-4000-8000-{row:012x}"


def moment(variant: int) -> datetime:
    """A moment with microseconds, in UTC."""
    return _MOMENT + timedelta(days=variant)


def value(kind: TypeFacts, variant: int, solved: Solved) -> str | None:
    """The value of a variant; None where nothing is known to be one.

    Args:
        kind: of PostgreSQL.
        variant: 0 and up; two variants differ where the type has two values.
        solved: of the domains with checks.

    """
    made = _MADE_OF_OTHERS.get(kind.form)
    if made is not None:
        return made(kind, variant, solved)
    plain = _PLAIN.get(kind.name)
    return None if plain is None else plain(kind, variant)


def _enum(kind: TypeFacts, variant: int, _solved: Solved) -> str | None:
    return kind.labels[variant % len(kind.labels)] if kind.labels else None


def _domain(kind: TypeFacts, variant: int, solved: Solved) -> str | None:
    if kind.checks:
        fitting = solved.get(kind.spelled, ())
        return fitting[variant % len(fitting)] if fitting else None
    return value(_inner(kind), variant, solved)


def _array(kind: TypeFacts, variant: int, solved: Solved) -> str | None:
    elements = [value(_inner(kind), each, solved) for each in (variant, variant + 1)]
    if any(each is None for each in elements):
        return None
    return "{" + ",".join(_quoted(str(each)) for each in elements) + "}"


def _range(kind: TypeFacts, variant: int, solved: Solved) -> str | None:
    # No two variants overlap, for the sake of exclusion constraints.
    low, high = (value(_inner(kind), each, solved) for each in (2 * variant, 2 * variant + 1))
    if low is None or high is None:
        return None
    if _inner(kind).name == "numeric":
        low, high = high, low  # those count downwards from the largest
    return f"[{_quoted(low)},{_quoted(high)})"


def _multirange(kind: TypeFacts, variant: int, solved: Solved) -> str | None:
    one = _range(kind, variant, solved)
    return None if one is None else f"{{{one}}}"


def _composite(kind: TypeFacts, variant: int, solved: Solved) -> str | None:
    attributes = [value(each, variant, solved) for each in kind.attributes]
    return "(" + ",".join("" if each is None else _quoted(each) for each in attributes) + ")"


def _inner(kind: TypeFacts) -> TypeFacts:
    if kind.inner is None:
        raise AssertionError(f"{kind.spelled} is made of nothing")
    return kind.inner


def _quoted(element: str) -> str:
    escaped = element.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


_MADE_OF_OTHERS: Final[dict[Form, Callable[[TypeFacts, int, Solved], str | None]]] = {
    Form.ENUM: _enum,
    Form.DOMAIN: _domain,
    Form.ARRAY: _array,
    Form.RANGE: _range,
    Form.MULTIRANGE: _multirange,
    Form.COMPOSITE: _composite,
}


def _numeric(kind: TypeFacts, variant: int) -> str:
    return number(kind.length, kind.scale, variant) if kind.length else f"{123456789012 - variant}.123456"


def _limited(kind: TypeFacts, variant: int) -> str:
    return text(kind.length, variant)


def _bits(kind: TypeFacts, variant: int) -> str:
    length = kind.length or 8
    return f"{variant % 2**length:0{length}b}"


_PLAIN: Final[dict[str, Callable[[TypeFacts, int], str]]] = {
    "bool": lambda _, v: ("true", "false")[v % 2],
    "int2": lambda _, v: str(1001 + v),
    "int4": lambda _, v: str(1_000_001 + v),
    "int8": lambda _, v: str(5_000_000_001 + v),
    "float4": lambda _, v: f"{1000 + v}.5",
    "float8": lambda _, v: f"{1_000_000 + v}.0625",
    "numeric": _numeric,
    "money": lambda _, v: f"{1234 + v}.56",
    "text": _limited,
    "varchar": _limited,
    "bpchar": _limited,
    "citext": _limited,
    "name": lambda _, v: text(63, v),
    "char": lambda _, v: text(1, v),
    "bytea": lambda _, v: f"\\x00ff{v:02x}",
    "bit": _bits,
    "varbit": _bits,
    "date": lambda _, v: day(v).isoformat(),
    "time": lambda _, v: f"12:34:{v % 60:02}.123456",
    "timetz": lambda _, v: f"12:34:{v % 60:02}.123456+00",
    "timestamp": lambda _, v: moment(v).replace(tzinfo=None).isoformat(sep=" "),
    "timestamptz": lambda _, v: moment(v).isoformat(sep=" "),
    "interval": lambda _, v: f"{v + 1} days 02:03:04.5",
    "uuid": lambda _, v: identifier(v),
    "json": lambda _, v: json.dumps({"row": v}),
    "jsonb": lambda _, v: json.dumps({"row": v}),
    "jsonpath": lambda _, v: f"$.row{v}",
    "xml": lambda _, v: f"<row>{v}</row>",
    "hstore": lambda _, v: f'"row"=>"{v}"',
    "ltree": lambda _, v: f"rows.row{v}",
    "inet": lambda _, v: f"192.0.2.{v % 256}",
    "cidr": lambda _, v: f"192.0.2.{v % 256}/32",
    "macaddr": lambda _, v: f"02:00:00:00:00:{v % 256:02x}",
    "macaddr8": lambda _, v: f"02:00:00:ff:fe:00:00:{v % 256:02x}",
    "point": lambda _, v: f"({v},1)",
    "line": lambda _, v: f"{{1,2,{v}}}",
    "lseg": lambda _, v: f"[({v},0),({v},1)]",
    "box": lambda _, v: f"({10 * v + 1},1),({10 * v},0)",
    "path": lambda _, v: f"[({v},0),({v},1)]",
    "polygon": lambda _, v: f"(({10 * v},0),({10 * v},1),({10 * v + 1},1))",
    "circle": lambda _, v: f"<({10 * v},0),1>",
    "tsvector": lambda _, v: f"'row':1 'row{v}':2",
    "tsquery": lambda _, v: f"'row{v}'",
    "oid": lambda _, v: str(2_000_000_001 + v),
    "xid": lambda _, v: str(1001 + v),
    "xid8": lambda _, v: str(1001 + v),
    "pg_lsn": lambda _, v: f"0/{v + 1:X}",
    "pg_snapshot": lambda _, v: f"{10 + v}:{20 + v}:",
    "txid_snapshot": lambda _, v: f"{10 + v}:{20 + v}:",
    "regclass": lambda _, v: ("pg_class", "pg_type", "pg_proc", "pg_index")[v % 4],
    "regtype": lambda _, v: ("integer", "text", "boolean", "uuid")[v % 4],
    "vector": lambda kind, v: "[" + ",".join([str(v + 1)] * (kind.length or 3)) + "]",
}
