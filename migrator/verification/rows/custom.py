"""Rows that a project gives for its revisions, in the words of pytest-alembic.

``[tool.migrator] verify_rows = "migrations/verify_rows.py"`` names a Python file with the dictionaries
``before_revision_data`` (inserted before a revision is applied) and ``at_revision_data`` (after it): revision id to a
row or a list of rows, each a dictionary of values by column with the table under ``__tablename__`` (``schema.table``
where the schema is not the default). The same dictionaries go into pytest-alembic's configuration, and come from there.
"""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any, Final

from migrator.chain.settings import tool_table
from migrator.errors import ConfigurationError
from migrator.verification.rows.facts import Form, TypeFacts

KEY: Final = "verify_rows"
"""In ``[tool.migrator]``."""
BEFORE: Final = "before_revision_data"
AT: Final = "at_revision_data"
_TABLE: Final = "__tablename__"


@dataclass(frozen=True, slots=True)
class CustomRow:
    """A row as the project gives it."""

    revision: str
    schema: str | None
    """None: wherever the table is found first."""
    table: str
    values: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CustomRows:
    """The rows of all revisions; without a declaration there are none."""

    path: str = ""
    before: Mapping[str, tuple[CustomRow, ...]] = field(default_factory=dict)
    """Revision to the rows that are there when it is applied."""
    at: Mapping[str, tuple[CustomRow, ...]] = field(default_factory=dict)
    """Revision to the rows that are put in once it is applied."""


def read_custom_rows(root: Path, revisions: Collection[str]) -> CustomRows:
    """Run the file that ``pyproject.toml`` names, if it names one, and take its dictionaries.

    Args:
        root: the project's folder.
        revisions: the ids that there are.

    Raises:
        ConfigurationError: the file is missing or fails, or what it holds is of another shape, or for no revision.

    """
    toml = root / "pyproject.toml"
    named = tool_table(toml, "migrator").get(KEY)
    if named is None:
        return CustomRows()
    if not isinstance(named, str) or not (root / named).is_file():
        raise ConfigurationError(
            f"[tool.migrator] {KEY} = {named!r} names no file.",
            where=str(toml),
            remedy="correct the path, or take it out",
        )
    path = root / named
    try:
        names = runpy.run_path(str(path))
    except Exception as error:
        raise ConfigurationError(
            f"The rows for revisions can't be read: {type(error).__name__}: {error}",
            where=str(path),
            remedy=f"python {named} shows where it fails",
        ) from error
    problems: list[str] = []
    before, at = (_rows(names.get(name, {}), name, revisions, problems) for name in (BEFORE, AT))
    if BEFORE not in names and AT not in names:
        problems.append(f"it has neither {BEFORE} nor {AT}")
    if problems:
        raise ConfigurationError(
            "The rows for revisions are not what they should be.",
            where=str(path),
            details=problems,
            remedy=f'write them as {AT} = {{"<revision>": [{{"{_TABLE}": "users", "id": 1}}]}}',
        )
    return CustomRows(str(path), before, at)


def _rows(
    declared: object, name: str, revisions: Collection[str], problems: list[str]
) -> dict[str, tuple[CustomRow, ...]]:
    if not isinstance(declared, Mapping):
        problems.append(f"{name} is no dictionary")
        return {}
    found: dict[str, tuple[CustomRow, ...]] = {}
    for revision, rows in declared.items():
        if revision not in revisions:
            problems.append(f"{name}: there is no revision {revision!r}; ids are written in full")
        found[str(revision)] = tuple(_each(rows, f"{name}[{revision!r}]", str(revision), problems))
    return found


def _each(rows: object, place: str, revision: str, problems: list[str]) -> Iterator[CustomRow]:
    for row in [rows] if isinstance(rows, Mapping) else rows if isinstance(rows, list | tuple) else [rows]:
        if not isinstance(row, Mapping) or not isinstance(row.get(_TABLE), str):
            problems.append(f'{place}: a row is a dictionary with its table under "{_TABLE}"')
            continue
        schema, _, table = row[_TABLE].rpartition(".")
        values = {str(column): value for column, value in row.items() if column != _TABLE}
        yield CustomRow(revision, schema or None, table, values)


def as_text(value: object, kind: TypeFacts) -> str | None:
    """A Python value as the text that a column of a type is given; None is NULL."""
    if value is None:
        return None
    return next((write(value, kind) for of, write in _WRITERS if isinstance(value, of)), str(value))


def _boolean(value: Any, kind: TypeFacts) -> str:
    return str(value).lower() if kind.spelled == "boolean" else str(int(value))


def _bytes(value: Any, kind: TypeFacts) -> str:
    return f"\\x{value.hex()}" if kind.name == "bytea" else str(value.hex())


def _list(value: Any, kind: TypeFacts) -> str:
    if kind.form is not Form.ARRAY:
        return json.dumps(value)
    elements = (as_text(each, kind.inner or kind) for each in value)
    return "{" + ",".join("NULL" if each is None else json.dumps(each, ensure_ascii=False) for each in elements) + "}"


_WRITERS: Final[tuple[tuple[type | tuple[type, ...], Callable[[Any, TypeFacts], str]], ...]] = (
    (Enum, lambda value, _: str(value.name)),  # as SQLAlchemy stores it
    (bool, _boolean),
    (bytes, _bytes),
    (datetime, lambda value, _: str(value.isoformat(sep=" "))),
    (timedelta, lambda value, _: f"{value.total_seconds()} seconds"),
    ((list, tuple), _list),
    (dict, lambda value, _: json.dumps(value)),
)
"""How values are written that str() does not write as servers read them; the first that fits."""
