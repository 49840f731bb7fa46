"""What the texts of SQLite mean: the same text for the same meaning, and SQL that SQLite takes."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.database.snapshot.sqlite.tables import Rule, read_table
from migrator.database.snapshot.sqlite.text import column_type, expression, quoted, tokens, written


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("a>0 and b  <> 'x y'", "( \"a\" > 0 AND [b] <>\n'x y' )"),
        ("a -- said\n + 1", "a/* said */+1"),
        ("(a) + (b)", "(a)+(b)"),
        ("((-1))", "-1"),
        ("count (x)", "count(x)"),
        ("a in (1,2)", "a IN(1, 2)"),
    ],
)
def test_the_same_expression(one: str, other: str) -> None:
    assert expression(one) == expression(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("'x'", "'X'"),
        ("a - 1", "a"),
        ('"left"', "left"),
        ("(a) + (b)", "a + b"),
        ("a || b", "a | b"),
        ("'a''b'", "'ab'"),
    ],
)
def test_another_expression(one: str, other: str) -> None:
    assert expression(one) != expression(other)


@given(st.text(min_size=1).filter(lambda text: "\0" not in text and text.isprintable()))
def test_any_name_is_read_and_written(name: str) -> None:
    escaped = name.replace('"', '""')
    with sqlite3.connect(":memory:") as connection:
        connection.execute(f'CREATE TABLE t ("{escaped}" TEXT UNIQUE)')
        ((sql,),) = connection.execute("SELECT sql FROM sqlite_master WHERE type = 'table'").fetchall()
        table = read_table(tokens(sql))
        assert list(table.columns) == [name.lower()]
        assert table.constraints[0].columns == (quoted(name),)
        connection.execute(written(tokens(sql.replace("TABLE t", "TABLE t2"))))
        assert connection.execute("SELECT name FROM pragma_table_info('t2')").fetchall() == [(name,)]
    connection.close()


@pytest.mark.parametrize(
    ("declared", "said"),
    [("varchar ( 20 )", "VARCHAR(20)"), ("numeric(10,2)", "NUMERIC(10, 2)"), ("timestamp", "DATETIME"), ("", "")],
)
def test_types(declared: str, said: str) -> None:
    assert column_type(declared) == said


def test_what_a_table_says() -> None:
    table = read_table(
        tokens(
            "CREATE TABLE t(id INTEGER CONSTRAINT pk PRIMARY KEY ASC ON CONFLICT REPLACE AUTOINCREMENT,"
            " a UNSIGNED BIG INT NOT NULL ON CONFLICT FAIL DEFAULT (1, 2) COLLATE nocase,"
            " b AS (a || ',') STORED CONSTRAINT fk REFERENCES p(x) MATCH FULL ON UPDATE NO ACTION ON DELETE SET NULL"
            " NOT DEFERRABLE INITIALLY DEFERRED, CHECK (a IN (1, 2)) ON CONFLICT IGNORE,"
            " FOREIGN KEY (a, b) REFERENCES q DEFERRABLE INITIALLY DEFERRED) STRICT, WITHOUT ROWID"
        )
    )
    assert table.options == {"STRICT", "WITHOUT ROWID"}
    assert (table.columns["id"].autoincrement, table.columns["a"].collation) == (True, "NOCASE")
    assert table.columns["b"].generated == "(a || ',') STORED"
    assert [(each.rule, each.name, each.columns, each.options) for each in table.constraints] == [
        (Rule.PRIMARY_KEY, "pk", ("id",), " ON CONFLICT REPLACE"),
        (Rule.FOREIGN_KEY, "fk", ("b",), " ON DELETE SET NULL"),
        (Rule.CHECK, None, (), ""),
        (Rule.FOREIGN_KEY, None, ("a", "b"), " DEFERRABLE INITIALLY DEFERRED"),
    ]
