"""Statements of PostgreSQL: what they mention, the order in which they run, and what cannot be done."""

from __future__ import annotations

import pytest

from migrator.database.snapshot.comparing import compare
from migrator.database.snapshot.ddl import statements
from migrator.database.snapshot.ddl.postgresql.naming import mentions, quoted
from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject, Snapshot


def snapshot(*objects: SchemaObject) -> Snapshot:
    return Snapshot("postgresql", {each.key: each for each in objects})


def a(kind: Kind, name: str, table: str | None = None, **facets: str) -> SchemaObject:
    return SchemaObject(ObjectKey(kind, "public", name, table), facets)


ENUM = a(Kind.ENUM, "mood", labels="'sad', 'ok'")
TABLE = a(Kind.TABLE, "users")
COLUMN = a(Kind.COLUMN, "age", "users", type="integer")
VIEW = a(Kind.VIEW, "ages", definition=" SELECT users.age\n   FROM public.users;")


def test_names_are_found_with_and_without_quotation_marks() -> None:
    assert mentions('SELECT "Odd ""one".x, public.users.id FROM public."Users"') == {
        ('Odd "one', "x"), ("public", "users"), ("users", "id"), ("public", "Users"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "written"), [("users", "users"), ("Users", '"Users"'), ("order", '"order"'), ('a"b', '"a""b"')]
)
def test_a_name_is_quoted_where_it_must_be(name: str, written: str) -> None:
    assert quoted(name) == written


def test_a_view_makes_way_for_a_column_that_changes() -> None:
    before = snapshot(TABLE, COLUMN, VIEW)
    after = snapshot(TABLE, a(Kind.COLUMN, "age", "users", type="bigint"), VIEW)
    assert statements(compare(before, after), after=after) == (
        "DROP VIEW public.ages",
        "-- check the data: integer becomes bigint",
        "ALTER TABLE public.users ALTER COLUMN age TYPE bigint USING age::bigint",
        "CREATE VIEW public.ages AS\nSELECT users.age\n   FROM public.users",
    )


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ("'sad', 'ok', 'glad'", "ALTER TYPE public.mood ADD VALUE 'glad' AFTER 'ok'"),
        ("'worse', 'sad', 'ok'", "ALTER TYPE public.mood ADD VALUE 'worse' BEFORE 'sad'"),
        ("'sad'", "-- the labels 'ok' cannot be removed from public.mood; when no row has them, the type is swapped:"),
    ],
)
def test_labels_are_added_where_they_belong_and_never_removed(labels: str, expected: str) -> None:
    changed = compare(snapshot(ENUM), snapshot(a(Kind.ENUM, "mood", labels=labels)))
    assert statements(changed)[0] == expected


def test_types_come_before_tables_and_go_after_them() -> None:
    column = a(Kind.COLUMN, "mood", "users", type="public.mood")
    nothing, everything = snapshot(), snapshot(ENUM, TABLE, column)
    assert [each.split("(")[0].split("\n")[0].strip() for each in statements(compare(nothing, everything))] == [
        "CREATE TYPE public.mood AS ENUM",
        "CREATE TABLE public.users",
    ]
    assert statements(compare(everything, nothing)) == ("DROP TABLE public.users", "DROP TYPE public.mood")
