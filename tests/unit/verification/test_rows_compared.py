"""What became of rows: found by key, by column, or as a whole; pure."""

from __future__ import annotations

import pytest

from migrator.verification.rows.contents import Contents, Loss, TableContents, compare_contents

USERS = ("public", "users")


def held(
    *rows: tuple[str | None, ...],
    columns: str = "id name",
    key: str = "id",
    number: int | None = None,
    types: str = "text text",
) -> Contents:
    contents = TableContents(
        columns=tuple(columns.split()),
        types=tuple(types.split())[: len(columns.split())],
        key=tuple(key.split()),
        rows=rows,
        number=len(rows) if number is None else number,
    )
    return Contents({USERS: contents})


BEFORE = held(("1", "a"), ("2", "b"), ("3", None))


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (BEFORE, []),
        (held(("3", None), ("1", "a"), ("2", "b")), []),
        (held(), [(Loss.TABLE_EMPTIED, None, 3)]),
        (held(("1", "a"), ("3", None)), [(Loss.ROWS_LOST, None, 1)]),
        (held(("1", "a"), ("2", "b"), ("3", None), ("4", "d")), [(Loss.ROWS_LEFT, None, 1)]),
        (held(("1", None), ("2", None), ("3", None)), [(Loss.VALUES_LOST, "name", 2)]),
        (held(("1", "x"), ("2", "x"), ("3", "x")), [(Loss.VALUES_LOST, "name", 2)]),
        (held(("1", "a"), ("2", "b"), ("3", "c")), []),
        (held(("1", "A"), ("2", "B"), ("3", None)), [(Loss.VALUES_CHANGED, "name", 2)]),
        (held(("1",), ("2",), ("3",), columns="id"), []),
        (held(("a", "1"), ("b", "2"), (None, "3"), columns="name id"), []),
    ],
)
def test_by_key(after: Contents, found: list[tuple[Loss, str | None, int]]) -> None:
    assert [(each.loss, each.column, each.number) for each in compare_contents(BEFORE, after)] == found


def test_of_a_column_with_another_type_only_what_became_null_is_lost() -> None:
    before = held(("1", "2024-03-01 12:00:00+00"), ("2", "b"), types="text timestamptz")
    after = held(("1", "2024-03-01 12:00:00"), ("2", None), types="text timestamp")
    (found,) = compare_contents(before, after)
    assert str(found) == "values lost: public.users.name in 1 row (id='2': 'b' is NULL)"
    assert compare_contents(held(("1.0", "a")), held(("1", "a"), types="numeric text")) == ()


def test_without_a_key_rows_are_what_they_hold() -> None:
    before = held(("1", "a"), ("1", "a"), ("2", "b"), key="")
    after = held(("2", "b"), ("1", "a"), ("9", "z"), key="")
    found = compare_contents(before, after)
    assert [str(each) for each in found] == [
        "rows lost: public.users in 1 row (id='1', name='a')",
        "rows left behind: public.users in 1 row (id='9', name='z')",
    ]


def test_words_name_the_row_and_cut_long_values() -> None:
    found = compare_contents(held(("1", "x" * 100)), held(("1", None)))
    assert str(found[0]) == f"values lost: public.users.name in 1 row (id='1': '{'x' * 37}...' is NULL)"
    same = "the same beginning of forty letters and more"
    found = compare_contents(held(("1", f"{same} a")), held(("1", f"{same} b {same}")))
    assert str(found[0]).endswith("'... and more a' is '... and more b the same beginning of ...')")
    longer = compare_contents(held(("1", same)), held(("1", f"{same}!")))
    assert str(longer[0]).endswith("'...s and more' is '...s and more!')")


def test_only_the_tables_named_and_only_those_of_both_moments() -> None:
    other = ("public", "other")
    before = Contents({**BEFORE.tables, other: BEFORE.tables[USERS]})
    after = Contents({USERS: held().tables[USERS]})
    assert {each.table for each in compare_contents(before, after)} == {USERS}
    assert compare_contents(before, after, {other}) == ()


def test_of_large_tables_only_the_sample_is_compared_and_the_number_of_rows() -> None:
    sample = [(str(number), "a") for number in range(10, 20)]
    before = held(*sample, number=5000)
    assert compare_contents(before, held(*sample, number=5000)) == ()
    fewer = held(*sample[1:], ("99", "a"), number=4999)
    assert [str(each) for each in compare_contents(before, fewer)] == [
        "rows lost: public.users in 1 row (of 5000 there are 4999)"
    ]
    other = held(*sample[:-1], ("19", "b"), number=5000)
    assert [(each.loss, each.column) for each in compare_contents(before, other)] == [(Loss.VALUES_CHANGED, "name")]
