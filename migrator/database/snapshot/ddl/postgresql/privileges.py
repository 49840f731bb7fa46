"""``GRANT`` and ``REVOKE`` between two lists of privileges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from migrator.database.snapshot.ddl.postgresql.naming import own_name, quoted, table_of
from migrator.database.snapshot.model import Kind, ObjectKey

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


def granted(key: ObjectKey, before: str | None, after: str | None) -> Iterator[str]:
    """Statements that make one list of privileges of another; None is what an object has at first.

    The owner is whoever runs them: a snapshot has no owners.
    """
    former, latter = _held(key, before), _held(key, after)
    columns = f" ({quoted(key.name)})" if key.kind is Kind.COLUMN else ""
    target = table_of(key) if columns else f"{_TARGETS.get(key.kind, key.kind.upper())} {own_name(key)}"
    for role in sorted({*former, *latter}):
        who = "CURRENT_USER" if role == "OWNER" else role
        had, has = former.get(role, frozenset()), latter.get(role, frozenset())
        for privilege in sorted(had - has):
            plain = privilege.removesuffix(_GRANTABLE)
            only_the_option = "GRANT OPTION FOR " if plain in has else ""
            if plain + _GRANTABLE not in has:
                yield f"REVOKE {only_the_option}{plain}{columns} ON {target} FROM {who}"
        for privilege in sorted(has - had):
            plain = privilege.removesuffix(_GRANTABLE)
            option = _GRANTABLE if plain != privilege else ""
            if plain + _GRANTABLE not in had:
                yield f"GRANT {plain}{columns} ON {target} TO {who}{option}"


def _held(key: ObjectKey, text: str | None) -> dict[str, frozenset[str]]:
    """Privileges by role."""
    if text is None:
        return _usual(key)
    if text == "none":
        return {}
    lists = (entry.rpartition(": ") for entry in text.split("; "))
    held = {role: frozenset(words.split(", ")) for role, _, words in lists}
    if "OWNER" in held and key.kind in _OWNERS:
        # The newest servers have a privilege more: what every server's owner has is what is compared.
        held["OWNER"] = held["OWNER"] & _OWNERS[key.kind]
    return held


def _usual(key: ObjectKey) -> dict[str, frozenset[str]]:
    held = {"OWNER": _OWNERS[key.kind]} if key.kind in _OWNERS else {}
    if key.kind in {Kind.FUNCTION, Kind.PROCEDURE, Kind.AGGREGATE}:
        held["PUBLIC"] = frozenset({"EXECUTE"})
    elif key.kind in _TYPES:
        held["PUBLIC"] = frozenset({"USAGE"})
    return held
