"""What goes through on empty tables and fails in production is refused by the server when rows are there."""

from __future__ import annotations

import pytest
from filled_tables import Tables

from migrator.verification.rows.contents import Loss, compare_contents

REFUSED = [
    ("NOT NULL column without a default", "id int PRIMARY KEY", "ALTER TABLE t ADD c text NOT NULL", "23502"),
    ("NOT NULL over NULLs", "id int PRIMARY KEY, c text", "ALTER TABLE t ALTER c SET NOT NULL", "23502"),
    ("UNIQUE over duplicates", "id int PRIMARY KEY, c text", "ALTER TABLE t ADD UNIQUE (c)", "23505"),
    ("UNIQUE over part of a key", "a int, b int, PRIMARY KEY (a, b)", "CREATE UNIQUE INDEX ON t (a)", "23505"),
    ("UNIQUE over the rest of a key", "a int, b int, PRIMARY KEY (a, b)", "CREATE UNIQUE INDEX ON t (b)", "23505"),
    ("a shorter text", "c varchar(50)", "ALTER TABLE t ALTER c TYPE varchar(20)", "22001"),
    ("a limit on text", "c text", "ALTER TABLE t ALTER c TYPE varchar(255)", "22001"),
    ("a smaller integer", "c bigint", "ALTER TABLE t ALTER c TYPE integer", "22003"),
    ("fewer digits", "c numeric(10,2)", "ALTER TABLE t ALTER c TYPE numeric(8,2)", "22003"),
    ("text to integer", "c text", "ALTER TABLE t ALTER c TYPE integer USING c::integer", "22P02"),
    ("text to json", "c text", "ALTER TABLE t ALTER c TYPE jsonb USING c::jsonb", "22P02"),
    ("text to timestamp", "c varchar(40)", "ALTER TABLE t ALTER c TYPE timestamptz USING c::timestamptz", "22007"),
    ("a CHECK that old rows break", "c int", "ALTER TABLE t ADD CHECK (c < 100)", "23514"),
    ("a CHECK on text", "c text", "ALTER TABLE t ADD CHECK (c IN ('new', 'done'))", "23514"),
    ("a foreign key without parents", "c int", "ALTER TABLE t ADD FOREIGN KEY (c) REFERENCES other", "23503"),
    ("one label less", "c mood", "ALTER TABLE t ALTER c TYPE mood2 USING c::text::mood2", "22P02"),
]


@pytest.mark.parametrize(
    ("columns", "statement", "code"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED]
)
def test_defect_shows(tables: Tables, columns: str, statement: str, code: str) -> None:
    before = "CREATE TYPE mood AS ENUM ('a', 'b', 'c'); CREATE TYPE mood2 AS ENUM ('a', 'b');"
    tables.run(f"{before} CREATE TABLE other (id int PRIMARY KEY, x int UNIQUE)")
    tables.run(f"CREATE TABLE t ({columns})")
    assert tables.refusal(f"BEGIN; {statement}; ROLLBACK") is None, "it must go through while the table is empty"
    assert tables.fill("t").unfilled == ()
    assert tables.refusal(statement) == code


def test_a_column_that_is_added_later_gets_values_and_a_null(tables: Tables) -> None:
    tables.run("CREATE TABLE t (id int PRIMARY KEY)")
    tables.fill("t")
    tables.run("ALTER TABLE t ADD a varchar(9), ADD b int UNIQUE, ADD c int REFERENCES t CHECK (c > 5)")
    assert tables.fill("t").unfilled == ()
    assert sorted(value is None for value in tables.column("t", "a")) == [False, False, True]
    assert len(set(tables.column("t", "a"))) == 2
    assert len(set(tables.column("t", "b"))) == 3
    assert sum(value is not None for value in tables.column("t", "c")) == 2
    held = tables.held("t")
    assert tables.fill("t").inserted == {}
    assert tables.held("t") == held


def test_tables_that_have_rows_are_left_as_they_are(tables: Tables) -> None:
    tables.run("CREATE TABLE t (id int PRIMARY KEY, n text); INSERT INTO t VALUES (1, 'mine')")
    assert tables.fill().inserted == {}
    assert tables.rows("t") == [{"id": "1", "n": "mine"}]


def test_data_that_a_way_back_loses_is_listed(tables: Tables) -> None:
    tables.run("CREATE TABLE t (id int PRIMARY KEY, gone text, moved timestamptz, kept int)")
    tables.fill()
    place = (tables.schema, "t")
    before = tables.keeper.contents([place])
    tables.run("ALTER TABLE t DROP gone, DROP moved")
    tables.run("ALTER TABLE t ADD gone text, ADD moved timestamptz DEFAULT now()")
    tables.run("DELETE FROM t WHERE id = (SELECT max(id) FROM t); INSERT INTO t (id, kept) VALUES (7, 1)")
    found = compare_contents(before, tables.keeper.contents([place]))
    assert [(each.loss, each.column, each.number) for each in found] == [
        (Loss.ROWS_LOST, None, 1),
        (Loss.ROWS_LEFT, None, 1),
        (Loss.VALUES_LOST, "gone", 2),
        (Loss.VALUES_LOST, "moved", 2),
    ]


def test_tables_are_emptied_with_what_refers_to_them(tables: Tables) -> None:
    tables.run("CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int REFERENCES a); CREATE TABLE c (id int)")
    tables.fill()
    tables.keeper.empty([(tables.schema, "a")])
    assert [tables.held(name).number for name in "abc"] == [0, 0, 3]
