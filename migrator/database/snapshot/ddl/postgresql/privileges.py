"""``GRANT`` and ``REVOKE`` between two lists of privileges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from migrator.database.snapshot.ddl.postgresql.naming import own_name, quoted, table_of
from migrator.database.snapshot.model import Kind, ObjectKey

_Held = dict[str, frozenset[str]]

_GRANTABLE: Final = " WITH GRANT OPTION"
_TABLE: Final = frozenset({"DELETE", "INSERT", "REFERENCES", "SELECT", "TRIGGER", "TRUNCATE", "UPDATE"})
_OWNERS: Final = {
    Kind.SEQUENCE: frozenset({"SELECT", "UPDATE", "USAGE"}),
    Kind.SCHEMA: frozenset({"CREATE", "USAGE"}),
    **dict.fromkeys((Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE), frozenset({"EXECUTE"})),
    **dict.fromkeys((Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE, Kind.RANGE), frozenset({"USAGE"})),
    **dict.fromkeys((Kind.TABLE, Kind.FOREIGN_TABLE, Kind.VIEW, Kind.MATERIALIZED_VIEW), _TABLE),
}
"""What an owner may do as long as nobody granted anything."""
_TYPES: Final = frozenset({Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE, Kind.RANGE})
_TARGETS: Final = {
    Kind.TABLE: "TABLE",
    Kind.FOREIGN_TABLE: "TABLE",
    Kind.VIEW: "TABLE",
    Kind.MATERIALIZED_VIEW: "TABLE",
    Kind.AGGREGATE: "FUNCTION",
    **dict.fromkeys(_TYPES, "TYPE"),
}
_MADE: Final = {
    "tables": Kind.TABLE,
    "sequences": Kind.SEQUENCE,
    "functions": Kind.FUNCTION,
    "types": Kind.ENUM,
    "schemas": Kind.SCHEMA,
}
"""What default privileges are for, as the kind whose usual privileges it has."""


def granted(key: ObjectKey, before: str | None, after: str | None) -> Iterator[str]:
    """Statements that make one list of privileges of another; None is what an object has at first.

    The owner is whoever runs them: a snapshot has no owners.
    """
    columns = f" ({quoted(key.name)})" if key.kind is Kind.COLUMN else ""
    target = table_of(key) if columns else f"{_TARGETS.get(key.kind, key.kind.upper())} {own_name(key)}"
    former, latter = _held(before, _usual(key.kind)), _held(after, _usual(key.kind))
    for what, who in _changes(former, latter, _usual(key.kind)):
        yield f"{what}{columns} ON {target} {who}"


def granted_by_default(key: ObjectKey, before: str | None, after: str | None) -> Iterator[str]:
    """The same for the privileges that objects of a kind get when they are made."""
    objects, _, role = key.name.partition(" of ")
    place = (f" FOR ROLE {quoted(role)}" if role else "") + (f" IN SCHEMA {quoted(key.schema)}" if key.schema else "")
    # Those of a schema are added to those of the database: at first they are none.
    usual = {} if key.schema else _usual(_MADE[objects])
    for what, who in _changes(_held(before, usual), _held(after, usual), usual):
        yield f"ALTER DEFAULT PRIVILEGES{place} {what} ON {objects.upper()} {who}"


def _changes(former: _Held, latter: _Held, usual: _Held) -> Iterator[tuple[str, str]]:
    """Each statement in two parts: what stands before the object, and what stands after it."""
    for role in sorted({*former, *latter}):
        who = "CURRENT_USER" if role == "OWNER" else role
        had, has = former.get(role, frozenset()), latter.get(role, frozenset())
        everything = usual.get(role)
        if role == "OWNER" and everything in (had, has) and not (had and has):
            # Of all that an owner may do, the newest servers have more.
            yield ("GRANT ALL", f"TO {who}") if has else ("REVOKE ALL", f"FROM {who}")
            continue
        for privilege in sorted(had - has):
            plain = privilege.removesuffix(_GRANTABLE)
            only_the_option = "GRANT OPTION FOR " if plain in has else ""
            if plain + _GRANTABLE not in has:
                yield f"REVOKE {only_the_option}{plain}", f"FROM {who}"
        for privilege in sorted(has - had):
            plain = privilege.removesuffix(_GRANTABLE)
            if plain + _GRANTABLE not in had:
                yield f"GRANT {plain}", f"TO {who}{_GRANTABLE if plain != privilege else ''}"


def _held(text: str | None, usual: _Held) -> _Held:
    """Privileges by role."""
    if text is None:
        return usual
    if text == "none":
        return {}
    lists = (entry.rpartition(": ") for entry in text.split("; "))
    held = {role: frozenset(words.split(", ")) for role, _, words in lists}
    if "OWNER" in held and "OWNER" in usual:
        # The newest servers have a privilege more: what every server's owner has is what is compared.
        held["OWNER"] &= usual["OWNER"]
    return held


def _usual(kind: Kind) -> _Held:
    held = {"OWNER": _OWNERS[kind]} if kind in _OWNERS else {}
    if kind in {Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE}:
        held["PUBLIC"] = frozenset({"EXECUTE"})
    elif kind in _TYPES:
        held["PUBLIC"] = frozenset({"USAGE"})
    return held
