"""Values for columns of MySQL's and MariaDB's types. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from migrator.verification.rows.facts import TypeFacts
from migrator.verification.rows.values import day, identifier, moment, number, text

BYTES: Final = frozenset({"binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob"})
"""Types written as hexadecimal digits."""
MOMENTS: Final = frozenset({"timestamp"})
"""Types, by the names of `candidates`, that conditions compare with moments."""
SHAPES: Final = frozenset(
    {
        "geometry",
        "point",
        "linestring",
        "polygon",
        "multipoint",
        "multilinestring",
        "multipolygon",
        "geometrycollection",
    }
)
"""Types written as well-known text."""
_MOST_BYTES: Final = 255


def _some_bytes(kind: TypeFacts, variant: int) -> str:
    length = min(kind.length or 8, _MOST_BYTES)
    return f"{variant % 256:02x}".ljust(2 * length, "f")


def _texts(kind: TypeFacts, variant: int) -> str:
    return text(kind.length, variant)


def _date(kind: TypeFacts, variant: int) -> str:  # noqa: ARG001
    return day(variant).isoformat()


def _datetime(kind: TypeFacts, variant: int) -> str:  # noqa: ARG001
    return moment(variant).replace(tzinfo=None).isoformat(sep=" ")


_VALUES: Final[Mapping[str, Callable[[TypeFacts, int], str]]] = {
    "bool": lambda _, v: str((v + 1) % 2),
    "tinyint": lambda kind, v: str((v + 1) % 2 if kind.name == "bool" else 101 + v % 27),
    "smallint": lambda _, v: str(1001 + v),
    "mediumint": lambda _, v: str(70_001 + v),
    "int": lambda _, v: str(10_000_001 + v),
    "bigint": lambda _, v: str(5_000_000_001 + v),
    "decimal": lambda kind, v: number(kind.length or 10, kind.scale, v),
    "float": lambda _, v: f"{1000 + v}.5",
    "double": lambda _, v: f"{1_000_000 + v}.0625",
    "varchar": _texts,
    "char": _texts,
    "tinytext": lambda _, v: text(200, v),
    "text": _texts,
    "mediumtext": _texts,
    "longtext": _texts,
    "json": lambda _, v: f'{{"row": {v}}}',
    "binary": _some_bytes,
    "varbinary": _some_bytes,
    "tinyblob": _some_bytes,
    "blob": _some_bytes,
    "mediumblob": _some_bytes,
    "longblob": _some_bytes,
    "bit": lambda kind, v: f"{v % 2 ** (kind.length or 1):b}",
    "date": _date,
    "datetime": _datetime,
    "timestamp": _datetime,
    "time": lambda _, v: f"12:34:{v % 60:02}.123456",
    "year": lambda _, v: str(2001 + v % 100),
    "uuid": lambda _, v: identifier(v),
    "inet4": lambda _, v: f"192.0.2.{v % 256}",
    "inet6": lambda _, v: f"2001:db8::{v + 1:x}",
    "geometry": lambda _, v: f"POINT({v} 1)",
    "point": lambda _, v: f"POINT({v} 1)",
    "linestring": lambda _, v: f"LINESTRING({v} 0, {v} 1)",
    "polygon": lambda _, v: f"POLYGON(({v} 0, {v} 1, {v + 1} 1, {v} 0))",
    "multipoint": lambda _, v: f"MULTIPOINT({v} 1)",
    "multilinestring": lambda _, v: f"MULTILINESTRING(({v} 0, {v} 1))",
    "multipolygon": lambda _, v: f"MULTIPOLYGON((({v} 0, {v} 1, {v + 1} 1, {v} 0)))",
    "geometrycollection": lambda _, v: f"GEOMETRYCOLLECTION(POINT({v} 1))",
}


def mysql_value(kind: TypeFacts, variant: int) -> str | None:
    """The value of a variant; None where nothing is known to be one. Bytes are hexadecimal, bits binary digits."""
    if kind.labels:
        return kind.labels[variant % len(kind.labels)]
    made = _VALUES.get(kind.spelled)
    return None if made is None else made(kind, variant)
