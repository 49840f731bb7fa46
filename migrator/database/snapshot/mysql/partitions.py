"""How tables of MySQL and MariaDB are partitioned, as the clause that would do it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Any, Final

from migrator.database.snapshot.mysql.asking import Asking
from migrator.database.snapshot.mysql.text import quoted

_PARTITIONS: Final = (
    "SELECT table_name, partition_method, partition_expression, subpartition_method, subpartition_expression,"
    " partition_name, partition_description, subpartition_name FROM information_schema.partitions"
    " WHERE table_schema = DATABASE() AND partition_method IS NOT NULL"
    " ORDER BY table_name, partition_ordinal_position, subpartition_ordinal_position"
)
_COUNTED: Final = ("HASH", "KEY", "LINEAR HASH", "LINEAR KEY")


def read_partitions(asking: Asking) -> dict[str, str]:
    """Read the clause of each partitioned table, such as ``PARTITION BY HASH (`id`) PARTITIONS 4``."""
    rows = asking.reader.fetch(_PARTITIONS)
    return {table: _clause(list(parts)) for table, parts in groupby(rows, key=lambda row: str(row[0]))}


def _clause(rows: Sequence[Sequence[Any]]) -> str:
    _, method, expression, sub_method, sub_expression, *_ = rows[0]
    clause = f"PARTITION BY {method} ({expression or ''})"
    names = list(dict.fromkeys((str(row[5]), row[6]) for row in rows))
    if sub_method is not None:
        count = len(rows) // len(names)
        clause += f" SUBPARTITION BY {sub_method} ({sub_expression or ''}) SUBPARTITIONS {count}"
    if method in _COUNTED:
        return f"{clause} PARTITIONS {len(names)}"
    return f"{clause} ({', '.join(_partition(str(method), *each) for each in names)})"


def _partition(method: str, name: str, description: Any) -> str:
    start = f"PARTITION {quoted(name)}"
    if method.startswith("RANGE"):
        bound = "MAXVALUE" if description == "MAXVALUE" else f"({description})"
        return f"{start} VALUES LESS THAN {bound}"
    if method.startswith("LIST"):
        return f"{start} DEFAULT" if description == "DEFAULT" else f"{start} VALUES IN ({description})"
    return f"{start} {description or ''}".rstrip()
