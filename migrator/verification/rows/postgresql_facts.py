"""What PostgreSQL's catalog answers, read into facts. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from migrator.database.ledger.place import TABLES
from migrator.database.state import LEASE
from migrator.verification.rows.facts import (
    Check,
    ColumnFacts,
    Facts,
    ForeignKey,
    Form,
    TableFacts,
    TypeFacts,
    Uniqueness,
)

_FORMS: Final = {
    "e": Form.ENUM,
    "d": Form.DOMAIN,
    "r": Form.RANGE,
    "m": Form.MULTIRANGE,
    "c": Form.COMPOSITE,
}
_DIMENSIONS: Final = 1 << 14
"""The most that a vector may have: what a wider modifier says is none."""


class _Types:
    """The types as the catalog gave them, made into facts."""

    def __init__(self, found: Mapping[int, Mapping[str, Any]]) -> None:
        self._found = found

    def refuses_null(self, oid: int) -> bool:
        """Whether a domain is NOT NULL."""
        return bool(self._found[oid]["required"])

    def facts(self, oid: int, modifier: int, spelled: str | None = None) -> TypeFacts:
        """One type; ``modifier`` is the catalog's, -1 for none."""
        found = self._found[oid]
        form = Form.ARRAY if found["array"] else _FORMS.get(found["kind"], Form.PLAIN)
        length, scale = _length(found["name"], modifier)
        return TypeFacts(
            name=found["name"],
            spelled=spelled or found["spelled"],
            form=form,
            length=length,
            scale=scale,
            labels=tuple(found["labels"] or ()),
            inner=self._inner(found, form, modifier),
            attributes=tuple(self.facts(*each) for each in found["attributes"] or ()),
            checks=tuple(found["checks"] or ()),
        )

    def _inner(self, found: Mapping[str, Any], form: Form, modifier: int) -> TypeFacts | None:
        if form is Form.DOMAIN:
            return self.facts(found["base"], found["modifier"])
        if form is Form.ARRAY:
            return self.facts(found["element"], modifier)
        return self.facts(found["subtype"], -1) if form in (Form.RANGE, Form.MULTIRANGE) else None


def _length(name: str, modifier: int) -> tuple[int | None, int]:
    """Length and scale from the catalog's number."""
    if name == "bpchar" and modifier < 0:
        return None, 0
    if modifier < 0:
        return (1, 0) if name in ("char", "bit") else (None, 0)
    if name in ("varchar", "bpchar"):
        return modifier - 4, 0
    if name == "numeric":
        return (modifier - 4 >> 16) & 0xFFFF, ((modifier - 4 & 0x7FF) ^ 1024) - 1024
    return modifier if modifier < _DIMENSIONS else None, 0


def _table(said: Mapping[str, Any], types: _Types) -> TableFacts:
    names = {each["number"]: each["name"] for each in said["columns"] or ()}
    constraints = said["constraints"] or ()
    indexes = said["indexes"] or ()
    return TableFacts(
        table=(said["schema"], said["name"]),
        columns=tuple(_column(each, types) for each in said["columns"] or ()),
        key=next((_names(each["columns"][: each["keys"]], names) for each in indexes if each["primary"]), ()),
        uniques=tuple(_uniques(indexes, constraints, names)),
        checks=tuple(_checks(said, names)),
        foreign_keys=tuple(
            ForeignKey(
                name=each["name"],
                columns=_names(each["columns"], names),
                parent=tuple(each["parent"]),
                parent_columns=tuple(each["parent_columns"]),
            )
            for each in constraints
            if each["kind"] == "f"
        ),
        partitioned=said["kind"] == "p",
        partition_of=tuple((schema, name) for schema, name in said["within"] or ()),
        partitions=tuple((schema, name) for schema, name in said["parts"] or ()),
    )


def _column(said: Mapping[str, Any], types: _Types) -> ColumnFacts:
    default = said["default"] if not said["generated"] else None
    return ColumnFacts(
        name=said["name"],
        type=types.facts(said["type"], said["modifier"], said["spelled"]),
        required=said["required"] or types.refuses_null(said["type"]),
        default=default,
        counted=bool(said["identity"]) or (default or "").startswith("nextval("),
        generated=bool(said["generated"]),
    )


def _uniques(indexes: Any, constraints: Any, names: Mapping[int, str]) -> Iterator[Uniqueness]:
    for each in indexes:
        columns = _names(each["columns"][: each["keys"]], names)
        inside = tuple(_mentioned(each["expression"] or "", names.values()))
        yield Uniqueness(columns=tuple(dict.fromkeys((*columns, *inside))), every=bool(inside))
    for each in constraints:
        if each["kind"] == "x":
            yield Uniqueness(columns=tuple(_mentioned(each["expression"], names.values())), every=True)


def _checks(said: Mapping[str, Any], names: Mapping[int, str]) -> Iterator[Check]:
    for each in said["constraints"] or ():
        if each["kind"] == "c":
            columns = _names(each["columns"] or (), names)
            yield Check(name=each["name"], expression=each["expression"], columns=columns)
    if said["bounds"]:
        inside = tuple(_mentioned(said["bounds"], names.values()))
        yield Check(name="the bounds of the partition", expression=said["bounds"], columns=inside)


def _names(numbers: Collection[int], names: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(names[each] for each in numbers if each in names)


def _mentioned(expression: str, names: Collection[str]) -> Iterator[str]:
    """The columns whose names stand in an expression, quoted or bare; not those inside of text."""
    words = set(re.findall(r"\"(?:[^\"]|\"\")+\"|\w+", re.sub(r"'(?:[^']|'')*'", " ", expression)))
    return (each for each in names if each in words or '"' + each.replace('"', '""') + '"' in words)


def facts_of(answer: Sequence[tuple[Any, ...]], leave_out: frozenset[str]) -> Facts:
    """The tables of an answer, without those left out by name and without this tool's own."""
    said = json.loads(answer[0][0])
    types = _Types({each["oid"]: each for each in said["types"] or ()})
    return {
        (each["schema"], each["name"]): _table(each, types)
        for each in said["tables"] or ()
        if each["name"] not in leave_out and each["name"] not in (*TABLES, LEASE)
    }
