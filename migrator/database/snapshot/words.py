"""The difference of two snapshots in words. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from migrator.database.snapshot.comparing import COLUMN_ORDER, Change, Difference, FacetChange
from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject

_SQL: Final = frozenset(
    {"definition", "default", "generated", "using", "check", "partition key", "labels", "attributes"}
)
"""Facets that are pieces of SQL: quoted, so that one sees where they end."""
_ON_A_TABLE: Final = frozenset({Kind.INDEX, Kind.CONSTRAINT, Kind.TRIGGER, Kind.RULE, Kind.POLICY, Kind.STATISTICS})
_LONG: Final = 100
"""Characters of a text that still fits into a sentence."""


def describe(difference: Difference) -> str:
    """One line: the object, what it was and what it is.

    Texts of several lines, and long ones, are shown around the place where they part; `details` has them whole.
    """
    named = name_of(difference.key)
    if difference.change is Change.ADDED:
        return f"{named}: was not there, is {_account(difference.after)}"
    if difference.change is Change.REMOVED:
        return f"{named}: was {_account(difference.before)}, is not there"
    return f"{named}: {'; '.join(_sentence(facet) for facet in difference.facets)}"


def details(difference: Difference) -> tuple[str, ...]:
    """Several lines: the object, then each facet whole, what it was and what it is."""
    if difference.change is Change.CHANGED:
        changes: Iterator[FacetChange] = iter(difference.facets)
    else:
        changes = _facets_of(difference)
    return (f"{name_of(difference.key)}:", *(line for facet in changes for line in _lines(facet)))


def name_of(key: ObjectKey) -> str:
    """An object as sentences name it: ``index public.ix_users_email on users``."""
    if key.kind in _ON_A_TABLE and key.table is not None:
        own = ".".join(part for part in (key.schema, key.name) if part is not None)
        return f"{key.kind} {own} on {key.table}"
    return str(key)


def _account(which: SchemaObject | None) -> str:
    """What an object that only one side has is like, in a few words."""
    facets = which.facets if which is not None else {}
    if "definition" in facets:
        return _short(facets["definition"], 0)
    if which is not None and which.key.kind in (Kind.COLUMN, Kind.DOMAIN) and "type" in facets:
        return facets["type"] + (" not null" if facets.get("nullable") == "no" else "")
    if "labels" in facets:
        return f"({_short(facets['labels'], 0)})"
    if COLUMN_ORDER in facets:
        return f"there, with {_short(facets[COLUMN_ORDER], 0)}"
    return "there"


def _sentence(facet: FacetChange) -> str:
    if facet.name == "nullable":
        return f"was {_nullable(facet.before)}, is {_nullable(facet.after)}"
    apart = _parting(facet.before or "", facet.after or "")
    was, is_now = (_quoted(facet.name, text, apart) for text in (facet.before, facet.after))
    subject = "it" if facet.name == "definition" else facet.name
    return f"{subject} was {was}, is {is_now}"


def _nullable(text: str | None) -> str:
    return "nullable" if text is None else "not null"


def _quoted(name: str, text: str | None, apart: int) -> str:
    if text is None:
        return "absent" if name in _SQL or name == "comment" else "as usual"
    short = _short(text, apart)
    return f'"{short}"' if name in _SQL or name == "comment" else short


def _parting(former: str, latter: str) -> int:
    """Where two texts begin to differ."""
    former, latter = _on_one_line(former), _on_one_line(latter)
    pairs = zip(former, latter, strict=False)
    return next((place for place, (one, other) in enumerate(pairs) if one != other), min(len(former), len(latter)))


def _short(text: str, apart: int) -> str:
    """A text on one line, cut to what is around a place."""
    line = _on_one_line(text)
    if len(line) <= _LONG:
        return line
    start = max(0, min(apart - _LONG // 3, len(line) - _LONG))
    end = start + _LONG
    return ("..." if start else "") + line[start:end] + ("..." if end < len(line) else "")


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _facets_of(difference: Difference) -> Iterator[FacetChange]:
    """The facets of an object that only one side has, as changes from or to nothing."""
    former = difference.before.facets if difference.before is not None else {}
    latter = difference.after.facets if difference.after is not None else {}
    return (FacetChange(name, former.get(name), latter.get(name)) for name in sorted({*former, *latter}))


def _lines(facet: FacetChange) -> Iterator[str]:
    for when, text in (("was", facet.before), ("is", facet.after)):
        first, *rest = (text if text is not None else "(absent)").strip("\n").splitlines() or [""]
        yield f"  {facet.name} {when}: {first}"
        yield from (f"    {line}" for line in rest)
