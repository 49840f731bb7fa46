"""What has to be read again, decided from what event triggers noted."""

from __future__ import annotations

import pytest

from migrator.database.snapshot.affected import EVERYTHING, Affected, Known, affected
from migrator.database.snapshot.tracking import Noted

KNOWN = Known(
    names={1: ("public", "users"), 2: ("public", "posts"), 3: ("public", "posts_2024")},
    tables={10: 1},
    children={2: {3}},
)


def noted(catalog: str | None, oid: int = 0, tag: str = "ALTER TABLE", **more: object) -> Noted:
    return Noted(catalog, oid, int(more.pop("part", 0)), str(more.pop("type", "table")), tag, **more)  # type: ignore[arg-type, call-overload]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (noted("pg_class", 1, schema="public", relation="users"), Affected(relations=frozenset({1}))),
        (noted("pg_class", 10, "DROP INDEX", dropped=True), Affected(relations=frozenset({1, 10}))),
        (noted("pg_class", 2, schema="public", relation="posts"), Affected(relations=frozenset({2, 3}))),
        (
            noted("pg_class", 1, schema="public", relation="people"),
            Affected(relations=frozenset({1}), followed=frozenset({("pg_class", 1)})),
        ),
        (
            noted("pg_class", 1, part=2, schema="public", relation="users"),
            Affected(relations=frozenset({1}), followed=frozenset({("pg_class", 1)})),
        ),
        (
            noted("pg_class", 1, "COMMENT", part=2, schema="public", relation="users"),
            Affected(relations=frozenset({1})),
        ),
        (
            noted("pg_constraint", 7, "DROP TABLE", dropped=True, names=("public", "posts", "fk")),
            Affected(relations=frozenset({2})),
        ),
        (noted("pg_trigger", 7, "ALTER TRIGGER"), Affected(followed=frozenset({("pg_trigger", 7)}))),
        (noted("pg_type", 7, "CREATE TYPE", type="type"), Affected(others=True)),
        (noted("pg_type", 7, "ALTER TYPE", type="type"), Affected(followed=frozenset({("pg_type", 7)}), others=True)),
        (noted("pg_class", 9, "CREATE TYPE", type="composite type"), Affected(relations=frozenset({9}), others=True)),
        (noted(None, 0, "GRANT"), EVERYTHING),
        (noted("pg_namespace", 7, "ALTER SCHEMA"), EVERYTHING),
        (noted("pg_extension", 7, "CREATE EXTENSION"), EVERYTHING),
    ],
)
def test_one_statement_affects(one: Noted, expected: Affected) -> None:
    assert affected([one], KNOWN) == expected


def test_the_row_type_of_a_dropped_table_is_no_type_of_its_own() -> None:
    gone = [
        noted("pg_class", 1, "DROP TABLE", dropped=True, names=("public", "users")),
        noted("pg_type", 5, "DROP TABLE", type="type", dropped=True, names=("public.users",)),
        noted("pg_type", 6, "DROP TABLE", type="type", dropped=True, names=("public.users[]",)),
    ]
    assert affected(gone, KNOWN) == Affected(relations=frozenset({1}))


def test_nothing_noted_affects_nothing() -> None:
    assert affected([], KNOWN).nothing
