"""What a newer schema allows in rows that the older one does not; pure."""

from __future__ import annotations

import pytest

from migrator.database.snapshot.comparing import compare
from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject, Snapshot
from migrator.verification.roundtrips.newer_rows import suspects
from migrator.verification.rows.facts import Check, ColumnFacts, Form, TableFacts, TypeFacts, Uniqueness
from migrator.verification.rows.loosening import Freedom, loosened

USERS = ("public", "users")


def kind(name: str, length: int | None = None, scale: int = 0, *labels: str) -> TypeFacts:
    form = Form.ENUM if labels else Form.PLAIN
    return TypeFacts(name=name, spelled=name, length=length, scale=scale, labels=labels, form=form)


def table(
    of: TypeFacts,
    *,
    required: bool = False,
    unique: tuple[tuple[str, ...], ...] = (),
    check: str = "",
    every: bool = False,
    columns: str = "a b c",
) -> TableFacts:
    return TableFacts(
        table=USERS,
        columns=tuple(ColumnFacts(name=each, type=of, required=required) for each in columns.split()),
        uniques=tuple(Uniqueness(columns=each, every=every) for each in unique),
        checks=(Check(name="k", expression=check, columns=("a",)),) if check else (),
    )


def found(before: TableFacts, after: TableFacts) -> list[tuple[Freedom, tuple[str, ...]]]:
    return [(each.freedom, each.columns) for each in loosened({USERS: before}, {USERS: after})]


TEXT = kind("text")


@pytest.mark.parametrize(
    ("before", "after", "wider"),
    [
        (kind("varchar", 20), kind("varchar", 40), True),
        (kind("varchar", 20), TEXT, True),
        (kind("varchar", 40), kind("varchar", 20), False),
        (TEXT, kind("varchar", 20), False),
        (TEXT, TEXT, False),
        (kind("int2"), kind("int8"), True),
        (kind("int8"), kind("int4"), False),
        (kind("int4"), TEXT, False),
        (kind("float4"), kind("float8"), True),
        (kind("numeric", 10, 2), kind("numeric", 12, 2), True),
        (kind("numeric", 10, 2), kind("numeric", 10, 4), False),
        (kind("numeric", 10, 2), kind("numeric"), True),
        (kind("mood", None, 0, "glad"), TEXT, True),
        (TEXT, kind("mood", None, 0, "glad"), False),
    ],
)
def test_types(before: TypeFacts, after: TypeFacts, wider: bool) -> None:
    expected = [(Freedom.LARGER, (name,)) for name in "ab"] if wider else []
    assert found(table(before, columns="a b"), table(after, columns="a b")) == expected


def test_a_text_that_is_too_long_is_so_by_more_than_spaces() -> None:
    (loosening,) = loosened({USERS: table(kind("varchar", 6), columns="a")}, {USERS: table(TEXT, columns="a")})
    assert [len(each.rstrip()) for each in loosening.values] == [7]


def test_labels_are_told_with_the_new_ones_only() -> None:
    former, latter = kind("mood", None, 0, "glad", "sad"), kind("mood", None, 0, "glad", "calm", "sad")
    (loosening,) = loosened({USERS: table(former, columns="a")}, {USERS: table(latter, columns="a")})
    assert (loosening.freedom, loosening.values) == (Freedom.LABEL, ("calm",))
    assert found(table(latter), table(former)) == []


def test_not_null() -> None:
    assert found(table(TEXT, required=True, columns="a"), table(TEXT, columns="a b")) == [(Freedom.EMPTY, ("a",))]
    assert found(table(TEXT), table(TEXT, required=True)) == []


@pytest.mark.parametrize(
    ("before", "after", "alike"),
    [
        ([("a",)], [], [("a",)]),
        ([("a",), ("a",)], [], [("a",)]),
        ([("a",)], [("a", "b")], [("a",)]),
        ([("a", "b")], [("b", "a")], []),
        ([("a", "b")], [("a",)], []),
        ([], [("a",)], []),
        ([("d",)], [], []),
    ],
)
def test_uniqueness(before: list[tuple[str, ...]], after: list[tuple[str, ...]], alike: list[tuple[str, ...]]) -> None:
    former, latter = (table(TEXT, unique=tuple(each), columns="a b") for each in (before, after))
    assert found(former, latter) == [(Freedom.ALIKE, each) for each in alike]


def test_of_a_unique_expression_nothing_is_known() -> None:
    assert found(table(TEXT, unique=(("a",),), every=True), table(TEXT)) == []


def test_conditions() -> None:
    assert found(table(TEXT, check="a > 0"), table(TEXT, check="a > -1")) == [(Freedom.OUTSIDE, ("a",))]
    assert found(table(TEXT, check="a > 0"), table(TEXT, check="a > 0")) == []
    assert found(table(TEXT, check="a > 0"), table(TEXT, columns="b")) == []


def test_tables_that_are_gone_or_have_rows_elsewhere_allow_nothing() -> None:
    assert list(loosened({USERS: table(TEXT, required=True)}, {})) == []


def schema(*objects: SchemaObject) -> Snapshot:
    return Snapshot("postgresql", {each.key: each for each in objects})


def column(name: str, **facets: str) -> SchemaObject:
    return SchemaObject(ObjectKey(Kind.COLUMN, "public", name, "users"), facets)


def test_only_what_may_hold_more_is_suspected() -> None:
    users = SchemaObject(ObjectKey(Kind.TABLE, "public", "users"))
    unique = SchemaObject(ObjectKey(Kind.CONSTRAINT, "public", "u", "users"), {"definition": "UNIQUE (a)"})
    mood = ObjectKey(Kind.ENUM, "public", "mood")
    plain = schema(users, column("a", type="text"))

    def suspected(before: Snapshot, after: Snapshot) -> frozenset[tuple[str | None, str]]:
        return suspects(compare(before, after), after)

    assert suspected(schema(users, column("a", type="text", nullable="no")), plain) == {USERS}
    assert suspected(schema(users, column("a", type="varchar(3)")), plain) == {USERS}
    assert suspected(schema(users, column("a", type="text"), unique), plain) == {USERS}
    assert suspected(plain, schema(users, column("a", type="text"), unique)) == frozenset()
    assert suspected(plain, schema(users, column("a", type="text", default="''"))) == frozenset()
    assert suspected(plain, schema(users, column("a", type="text"), column("b", type="text"))) == frozenset()
    few, more = (schema(SchemaObject(mood, {"labels": each}), users, column("a", type="mood")) for each in "xy")
    assert suspected(few, more) == {USERS}
