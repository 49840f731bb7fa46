"""Differences of schemas: what is one, and how it is said."""

from __future__ import annotations

import pytest

from migrator.database.snapshot.comparing import COLUMN_ORDER, Change, compare
from migrator.database.snapshot.leaving_out import without
from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject, Snapshot
from migrator.database.snapshot.words import describe, details

USERS = ObjectKey(Kind.TABLE, "public", "users")
AGE = ObjectKey(Kind.COLUMN, "public", "age", "users")
INDEX = ObjectKey(Kind.INDEX, "public", "ix_users_email", "users")
VIEW = ObjectKey(Kind.VIEW, "public", "active")


def snapshot(*objects: tuple[ObjectKey, dict[str, str]]) -> Snapshot:
    return Snapshot("postgresql", {key: SchemaObject(key, facets) for key, facets in objects})


def said(key: ObjectKey, before: dict[str, str] | None, after: dict[str, str] | None) -> str:
    sides = (snapshot(*([(key, facets)] if facets is not None else [])) for facets in (before, after))
    (difference,) = compare(*sides)
    return describe(difference)


@pytest.mark.parametrize(
    ("key", "before", "after", "sentence"),
    [
        (AGE, {"type": "integer"}, {"type": "bigint"}, "column public.users.age: type was integer, is bigint"),
        (
            AGE,
            {"type": "text"},
            {"type": "text", "nullable": "no"},
            "column public.users.age: was nullable, is not null",
        ),
        (
            AGE,
            {"type": "text", "default": "'x'::text"},
            {"type": "text"},
            "column public.users.age: default was \"'x'::text\", is absent",
        ),
        (
            AGE,
            {"type": "text"},
            {"type": "text", "storage": "external"},
            "column public.users.age: storage was as usual, is external",
        ),
        (
            INDEX,
            {"definition": "CREATE INDEX a WHERE active"},
            {"definition": "CREATE INDEX a"},
            'index public.ix_users_email on users: it was "CREATE INDEX a WHERE active", is "CREATE INDEX a"',
        ),
        (
            AGE,
            None,
            {"type": "integer", "nullable": "no"},
            "column public.users.age: was not there, is integer not null",
        ),
        (
            USERS,
            {COLUMN_ORDER: "id, age"},
            None,
            "table public.users: was there, with id, age, is not there",
        ),
        (
            ObjectKey(Kind.ENUM, "public", "mood"),
            {"labels": "'glad'"},
            {"labels": "'glad', 'sad'"},
            "enum public.mood: labels was \"'glad'\", is \"'glad', 'sad'\"",
        ),
    ],
)
def test_a_difference_is_one_sentence(
    key: ObjectKey, before: dict[str, str] | None, after: dict[str, str] | None, sentence: str
) -> None:
    assert said(key, before, after) == sentence


def test_long_texts_are_shown_where_they_part_and_whole_in_the_details() -> None:
    long = " SELECT a,\n" + "".join(f"    column_{number},\n" for number in range(40)) + "    {}\n   FROM t;"
    before, after = (snapshot((VIEW, {"definition": long.format(end)})) for end in ("first_one", "second_one"))
    (difference,) = compare(before, after)
    sentence = describe(difference)
    assert len(sentence) < 300
    assert "\n" not in sentence
    assert "first_one" in sentence
    assert "second_one" in sentence
    lines = details(difference)
    assert lines[0] == "view public.active:"
    assert any("column_0," in line for line in lines)
    assert sum("column_7," in line for line in lines) == 2


def test_the_order_of_columns_counts_only_when_asked() -> None:
    before, after = (snapshot((USERS, {COLUMN_ORDER: order})) for order in ("id, age", "age, id"))
    assert compare(before, after) == ()
    (difference,) = compare(before, after, column_order=True)
    assert describe(difference) == "table public.users: column order was id, age, is age, id"


def test_a_table_added_as_a_whole_is_told_once_with_its_parts() -> None:
    after = snapshot((USERS, {}), (AGE, {"type": "integer"}), (INDEX, {"definition": "x"}), (VIEW, {"definition": "y"}))
    differences = compare(snapshot(), after)
    assert {str(each.key) for each in differences} == {"table public.users", "view public.active"}
    (table,) = (each for each in differences if each.key == USERS)
    assert {part.key for part in table.parts} == {AGE, INDEX}
    assert table.change is Change.ADDED


def test_own_tables_and_a_schema_that_holds_nothing_else_are_no_part_of_a_schema() -> None:
    schemas = {name: ObjectKey(Kind.SCHEMA, None, name) for name in ("public", "migrator", "ops", "empty")}
    version = ObjectKey(Kind.TABLE, "public", "Versions")
    sequence = ObjectKey(Kind.SEQUENCE, "public", "serial")
    keys = {
        version,
        ObjectKey(Kind.COLUMN, "public", "version_num", "Versions"),
        ObjectKey(Kind.TABLE, "migrator", "migrator_run"),
        ObjectKey(Kind.SEQUENCE, "migrator", "migrator_run_id_seq"),
        ObjectKey(Kind.TABLE, "ops", "migrator_lease"),
        ObjectKey(Kind.VIEW, "ops", "late"),
        sequence,
        *schemas.values(),
    }
    owners = {"migrator_run_id_seq": "migrator.migrator_run.id", "serial": "public.other.id"}
    objects = [SchemaObject(key, {"owned by": owners[key.name]} if key.kind is Kind.SEQUENCE else {}) for key in keys]
    left = {each.key for each in without(objects, frozenset({"public.versions"}))}
    assert left == {
        sequence,
        ObjectKey(Kind.VIEW, "ops", "late"),
        *(schemas[name] for name in ("public", "ops", "empty")),
    }
