"""Statements for types: enums, domains, composite and range types, collations."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from migrator.database.snapshot.comparing import Difference, FacetChange
from migrator.database.snapshot.ddl.postgresql.naming import bare_name, own_name, quoted
from migrator.database.snapshot.ddl.postgresql.steps import Phase, Step
from migrator.database.snapshot.model import Kind, SchemaObject

_LABEL: Final = re.compile(r"'(?:[^']|'')*'")
CHECK: Final = "check:"
"""What the facets of a domain's constraints begin with; the constraint's name follows."""


def create_type(made: SchemaObject) -> Iterator[Step]:
    """The statement that makes a type or collation."""
    yield Step(Phase.CREATE_LOWER, _created(made), about=bare_name(made.key))
    if made.key.kind is Kind.DOMAIN:
        unchecked = {name: text for name, text in made.facets.items() if text.endswith(" NOT VALID")}
        for name, text in unchecked.items():
            yield from _domain(made, FacetChange(name, None, text))


def drop_type(gone: SchemaObject) -> Iterator[Step]:
    """The statement that takes a type or collation away, after what is made of it."""
    needs = " ".join(gone.facets.values())
    kind = gone.key.kind.upper() if gone.key.kind in {Kind.DOMAIN, Kind.COLLATION} else "TYPE"
    yield Step(Phase.DROP_LOWER, f"DROP {kind} {own_name(gone.key)}", about=bare_name(gone.key), needs=needs or "-")


def change_type(difference: Difference) -> Iterator[Step]:
    """Statements that change a type where the server can, and a comment where it cannot."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        return
    for facet in difference.facets:
        if facet.name in {"comment", "privileges"}:
            continue
        if facet.name == "labels":
            yield from _labels(after, facet.before or "", facet.after or "")
        elif facet.name == "attributes":
            yield from _attributes(after, facet.before or "", facet.after or "")
        elif after.key.kind is Kind.DOMAIN and facet.name not in {"type", "collation"}:
            yield from _domain(after, facet)
        else:
            yield from drop_type(before)
            yield from create_type(after)
            return


def _created(made: SchemaObject) -> str:
    name, facets = own_name(made.key), made.facets
    match made.key.kind:
        case Kind.ENUM:
            return f"CREATE TYPE {name} AS ENUM ({facets['labels']})"
        case Kind.COMPOSITE:
            return f"CREATE TYPE {name} AS ({facets['attributes']})"
        case Kind.DOMAIN:
            return f"CREATE DOMAIN {name} AS {_domain_definition(made)}"
        case Kind.RANGE:
            return f"CREATE TYPE {name} AS RANGE ({facets['definition']})"
        case _:
            return f"CREATE COLLATION {name} ({facets['definition']})"


def _domain_definition(domain: SchemaObject) -> str:
    facets = domain.facets
    words = [facets["type"]]
    if "collation" in facets:
        words.append(f"COLLATE {facets['collation']}")
    if "default" in facets:
        words.append(f"DEFAULT {facets['default']}")
    if facets.get("nullable") == "no":
        words.append("NOT NULL")
    checks = [(name.removeprefix(CHECK), text) for name, text in facets.items() if name.startswith(CHECK)]
    words += [f"CONSTRAINT {quoted(name)} {text}" for name, text in sorted(checks) if not text.endswith(" NOT VALID")]
    return " ".join(words)


def _domain(domain: SchemaObject, facet: FacetChange) -> Iterator[Step]:
    alter = f"ALTER DOMAIN {own_name(domain.key)}"
    if facet.name == "default":
        words = "DROP DEFAULT" if facet.after is None else f"SET DEFAULT {facet.after}"
        yield Step(Phase.SET_DEFAULTS, f"{alter} {words}")
    elif facet.name == "nullable":
        yield Step(Phase.ALTER_COLUMNS, f"{alter} {'SET' if facet.after == 'no' else 'DROP'} NOT NULL")
    else:
        name = quoted(facet.name.removeprefix(CHECK))
        if facet.before is not None:
            yield Step(Phase.DROP_CONSTRAINTS, f"{alter} DROP CONSTRAINT {name}")
        if facet.after is not None:
            yield Step(Phase.ADD_CONSTRAINTS, f"{alter} ADD CONSTRAINT {name} {facet.after}")


def _labels(enum: SchemaObject, before: str, after: str) -> Iterator[Step]:
    former, latter = _LABEL.findall(before), _LABEL.findall(after)
    if [label for label in latter if label in former] != former:
        for line in _swap(enum, [label for label in former if label not in latter]):
            yield Step(Phase.CREATE_LOWER, line)
        return
    alter = f"ALTER TYPE {own_name(enum.key)}"
    for place, label in enumerate(latter):
        if label in former:
            continue
        first = f" BEFORE {former[0]}" if former else ""
        where = f" AFTER {latter[place - 1]}" if place else first
        yield Step(Phase.CREATE_LOWER, f"{alter} ADD VALUE {label}{where}")


def _swap(enum: SchemaObject, gone: list[str]) -> Iterator[str]:
    """What to do where labels are removed or in another order: the server has no statement for it."""
    name, old = own_name(enum.key), quoted(f"{enum.key.name}_old")
    what = f"the labels {', '.join(gone)} cannot be removed from" if gone else "the order cannot be changed of"
    yield f"-- {what} {name}; when no row has them, the type is swapped:"
    yield f"--   ALTER TYPE {name} RENAME TO {old};"
    yield f"--   CREATE TYPE {name} AS ENUM ({enum.facets['labels']});"
    yield f"--   ALTER TABLE ... ALTER COLUMN ... TYPE {name} USING ...::text::{name};  (each column that has the type)"
    yield f"--   DROP TYPE {old};"


def _attributes(composite: SchemaObject, before: str, after: str) -> Iterator[Step]:
    former, latter = _by_name(before), _by_name(after)
    alter = f"ALTER TYPE {own_name(composite.key)}"
    for name in former:
        if name not in latter:
            yield Step(Phase.CREATE_LOWER, f"{alter} DROP ATTRIBUTE {name} CASCADE", rank=4)
    for name, kind in latter.items():
        if name not in former:
            yield Step(Phase.CREATE_LOWER, f"{alter} ADD ATTRIBUTE {name} {kind} CASCADE", rank=4)
        elif former[name] != kind:
            yield Step(Phase.CREATE_LOWER, f"{alter} ALTER ATTRIBUTE {name} TYPE {kind} CASCADE", rank=4)


def _by_name(attributes: str) -> dict[str, str]:
    """Attributes by name; a comma in a type, as in ``numeric(10,2)``, separates nothing."""
    parts = re.split(r",\s*(?![^()]*\))", attributes)
    pairs = (re.match(r'\s*("(?:[^"]|"")+"|\S+)\s+(.*)', part, re.DOTALL) for part in parts)
    return {pair[1]: pair[2].strip() for pair in pairs if pair}
