"""A serial column and its sequence are one difference to a reader."""

from __future__ import annotations

from migrator.database.snapshot.comparing import compare
from migrator.database.snapshot.grouping import told_together
from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject, Snapshot

TABLE = SchemaObject(ObjectKey(Kind.TABLE, "public", "users"))
COLUMN = SchemaObject(ObjectKey(Kind.COLUMN, "public", "id", "users"), {"type": "integer"})
OWNED = SchemaObject(ObjectKey(Kind.SEQUENCE, "public", "users_id_seq"), {"owned by": "public.users.id"})
FREE = SchemaObject(ObjectKey(Kind.SEQUENCE, "public", "numbers"))


def snapshot(*objects: SchemaObject) -> Snapshot:
    return Snapshot("postgresql", {each.key: each for each in objects})


def told(before: Snapshot, after: Snapshot) -> list[list[str]]:
    return [[str(each.key) for each in group] for group in told_together(compare(before, after))]


def test_a_sequence_is_told_with_the_table_that_it_comes_and_goes_with() -> None:
    whole = snapshot(TABLE, COLUMN, OWNED)
    expected = [["table public.users", "sequence public.users_id_seq"]]
    assert told(snapshot(), whole) == expected
    assert told(whole, snapshot()) == expected


def test_a_sequence_is_told_with_the_column_that_it_comes_with() -> None:
    assert told(snapshot(TABLE), snapshot(TABLE, COLUMN, OWNED)) == [
        ["column public.users.id", "sequence public.users_id_seq"]
    ]


def test_a_sequence_that_goes_alone_is_told_alone() -> None:
    assert told(snapshot(TABLE, COLUMN, OWNED), snapshot(TABLE, COLUMN)) == [["sequence public.users_id_seq"]]
    assert told(snapshot(TABLE, FREE), snapshot()) == [["sequence public.numbers"], ["table public.users"]]
