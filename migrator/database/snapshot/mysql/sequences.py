"""Sequences of MariaDB."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject
from migrator.database.snapshot.mysql.asking import Asking
from migrator.database.snapshot.mysql.text import literal, quoted


def read_sequences(asking: Asking, names: Sequence[str]) -> Iterator[SchemaObject]:
    """Read sequences by their names, all with one question: each is a table of one row."""
    if not names:
        return
    questions = (
        f"SELECT {literal(name)}, start_value, increment, minimum_value, maximum_value, cache_size, cycle_option"  # noqa: S608 (quoted)
        f" FROM {quoted(name)}"
        for name in names
    )
    for name, start, increment, minimum, maximum, cache, cycle in asking.reader.fetch(" UNION ALL ".join(questions)):
        facets = {
            "start": str(start),
            "increment": str(increment),
            "minimum": str(minimum),
            "maximum": str(maximum),
            "cache": str(cache),
        }
        if int(cycle):
            facets["cycle"] = "yes"
        yield SchemaObject(ObjectKey(Kind.SEQUENCE, None, str(name)), facets)
