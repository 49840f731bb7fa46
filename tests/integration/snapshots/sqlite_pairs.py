"""Pairs of SQLite schemas: what tells them apart, and what only seems to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Script = tuple[str, ...]
Way = Literal["both", "forth", "back", "none"]


@dataclass(frozen=True)
class Pair:
    """Two schemas and what is known of their difference."""

    name: str
    before: Script
    after: Script
    of: str | None
    """The object that differs, as its key says it; None: they are no different."""
    in_place: Way = "both"
    """Which way the statements do it without rebuilding a table."""


PARENT = "CREATE TABLE parent (id INTEGER PRIMARY KEY, code TEXT UNIQUE)"


def _table(body: str, end: str = "") -> Script:
    return (PARENT, f"CREATE TABLE t ({body}){end}")


def _with(*more: str) -> Script:
    return (*_table("id INTEGER PRIMARY KEY, a TEXT, b INTEGER"), *more)


def _rows(name: str, before: str, after: str, of: str | None, in_place: Way = "none") -> Pair:
    return Pair(name, _table(before), _table(after), of, in_place)


TRIGGER = "CREATE TRIGGER tr AFTER INSERT ON t BEGIN UPDATE t SET b = {} WHERE id = new.id; END"

PAIRS = (
    Pair("table", (PARENT,), _table("id INTEGER PRIMARY KEY"), "table t"),
    Pair(
        "table with everything",
        (PARENT,),
        (
            *_table(
                "id INTEGER PRIMARY KEY AUTOINCREMENT, \"or der\" TEXT NOT NULL DEFAULT 'it''s' COLLATE NOCASE,"
                " n NUMERIC(10,2) DEFAULT (1 + 1), p INTEGER REFERENCES parent ON DELETE CASCADE,"
                ' up TEXT AS (upper("or der")) STORED, low TEXT AS (lower("or der")), at DATETIME DEFAULT CURRENT_DATE,'
                ' CONSTRAINT uq_n UNIQUE (n, "or der"), CONSTRAINT ck_n CHECK (n > 0 OR n IS NULL)'
            ),
            'CREATE UNIQUE INDEX ix_t ON t (n DESC, lower("or der")) WHERE n > 3',
            "CREATE VIEW v AS SELECT id FROM t",
            "CREATE TRIGGER tr AFTER DELETE ON t BEGIN DELETE FROM parent; SELECT 1; END",
        ),
        "table t",
    ),
    Pair(
        "two tables that lead to one another",
        (),
        (
            "CREATE TABLE a (id INTEGER PRIMARY KEY, b_id INTEGER REFERENCES b (id))",
            "CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER REFERENCES a (id))",
        ),
        "table a",
    ),
    Pair(
        "table without row ids", (), ("CREATE TABLE w (a TEXT, b TEXT, PRIMARY KEY (b, a)) WITHOUT ROWID",), "table w"
    ),
    Pair("strict table", (), ("CREATE TABLE w (a TEXT, b INT NOT NULL) STRICT",), "table w"),
    Pair("virtual table", (), ("CREATE VIRTUAL TABLE f USING fts5(a, b)",), "table f"),
    Pair(
        "virtual table's columns",
        ("CREATE VIRTUAL TABLE f USING fts5(a)",),
        ("CREATE VIRTUAL TABLE f USING fts5(a, b)",),
        "table f",
        "none",
    ),
    Pair("strict", _table("id INTEGER PRIMARY KEY"), _table("id INTEGER PRIMARY KEY", " STRICT"), "table t", "none"),
    Pair(
        "without rowid", _table("a TEXT PRIMARY KEY"), _table("a TEXT PRIMARY KEY", " WITHOUT ROWID"), "table t", "none"
    ),
    _rows("column", "a TEXT", "a TEXT, b VARCHAR(20)", "column t.b", "both"),
    _rows("column with a default", "a TEXT", "a TEXT, b INTEGER NOT NULL DEFAULT -1", "column t.b", "both"),
    _rows("column whose default is computed", "a TEXT", "a TEXT, b INTEGER DEFAULT (1 + 2)", "column t.b", "both"),
    _rows("column with collation", "a TEXT", "a TEXT, b TEXT COLLATE NOCASE", "column t.b", "both"),
    _rows("virtual column", "a TEXT", "a TEXT, b TEXT AS (upper(a))", "column t.b", "both"),
    _rows("stored column", "a TEXT", "a TEXT, b TEXT AS (upper(a)) STORED", "column t.b", "back"),
    _rows("column that must not be null", "a TEXT", "a TEXT, b TEXT NOT NULL", "column t.b", "back"),
    _rows("column that leads to a table", "a TEXT", "a TEXT, b INT REFERENCES parent", "column t.b", "forth"),
    _rows("column with a check", "a TEXT", "a TEXT, b INT CHECK (b > 0)", "column t.b", "forth"),
    _rows("column that is unique", "a TEXT", "a TEXT, b INT UNIQUE", "column t.b"),
    _rows("column's name", "a TEXT, b TEXT", "a TEXT, c TEXT", "column t.c", "both"),
    _rows("column type", "a TEXT", "a INTEGER", "column t.a"),
    _rows("column length", "a VARCHAR(20)", "a VARCHAR(30)", "column t.a"),
    _rows("precision", "a NUMERIC(10, 2)", "a NUMERIC(10, 3)", "column t.a"),
    _rows("nullable", "a TEXT", "a TEXT NOT NULL", "column t.a"),
    _rows("default added", "a TEXT", "a TEXT DEFAULT 'x'", "column t.a"),
    _rows("default changed", "a TEXT DEFAULT 'x'", "a TEXT DEFAULT 'y'", "column t.a"),
    _rows("default of another kind", "a TEXT DEFAULT 1", "a TEXT DEFAULT '1'", "column t.a"),
    _rows("collation", "a TEXT", "a TEXT COLLATE NOCASE", "column t.a"),
    _rows("generated", "a TEXT, b TEXT AS (upper(a))", "a TEXT, b TEXT AS (lower(a))", "column t.b"),
    _rows("stored", "a TEXT, b TEXT AS (upper(a))", "a TEXT, b TEXT AS (upper(a)) STORED", "column t.b"),
    _rows("autoincrement", "a INTEGER PRIMARY KEY", "a INTEGER PRIMARY KEY AUTOINCREMENT", "column t.a"),
    _rows(
        "primary key",
        "a TEXT, b TEXT, PRIMARY KEY (a)",
        "a TEXT, b TEXT, PRIMARY KEY (a, b)",
        "constraint t.primary key",
    ),
    _rows(
        "order of the key",
        "a TEXT, b TEXT, PRIMARY KEY (b, a)",
        "a TEXT, b TEXT, PRIMARY KEY (a, b)",
        "constraint t.primary key",
    ),
    _rows("row number", "a INT PRIMARY KEY", "a INTEGER PRIMARY KEY", "column t.a"),
    _rows("no primary key", "a INTEGER", "a INTEGER PRIMARY KEY", "constraint t.primary key"),
    _rows("unique", "a TEXT, b TEXT", "a TEXT, b TEXT, UNIQUE (a, b)", "constraint t.unique (a, b)"),
    _rows(
        "unique columns",
        "a TEXT, b TEXT, CONSTRAINT u UNIQUE (a)",
        "a TEXT, b TEXT, CONSTRAINT u UNIQUE (a, b)",
        "constraint t.unique (a)",
    ),
    _rows("on conflict", "a TEXT, UNIQUE (a)", "a TEXT, UNIQUE (a) ON CONFLICT IGNORE", "constraint t.unique (a)"),
    _rows("named check", "a INT", "a INT, CONSTRAINT c CHECK (a > 0)", "constraint t.check (a > 0)"),
    _rows(
        "check text",
        "a INT, CONSTRAINT c CHECK (a > 0)",
        "a INT, CONSTRAINT c CHECK (a > 1)",
        "constraint t.check (a > 0)",
    ),
    _rows(
        "check with text in it",
        "a TEXT, CHECK (a <> 'a  b')",
        "a TEXT, CHECK (a <> 'a b')",
        "constraint t.check (a <> 'a  b')",
    ),
    _rows(
        "foreign key",
        "a INT",
        "a INT, FOREIGN KEY (a) REFERENCES parent (id)",
        "constraint t.foreign key (a) to parent (id)",
    ),
    _rows(
        "foreign key's target",
        "a INT REFERENCES parent (id)",
        "a INT REFERENCES parent (code)",
        "constraint t.foreign key (a) to parent (id)",
    ),
    _rows(
        "on delete",
        "a INT REFERENCES parent",
        "a INT REFERENCES parent ON DELETE SET NULL",
        "constraint t.foreign key (a) to parent (id)",
    ),
    _rows(
        "on update",
        "a INT REFERENCES parent ON UPDATE CASCADE",
        "a INT REFERENCES parent",
        "constraint t.foreign key (a) to parent (id)",
    ),
    _rows(
        "deferred",
        "a INT REFERENCES parent",
        "a INT REFERENCES parent DEFERRABLE INITIALLY DEFERRED",
        "constraint t.foreign key (a) to parent (id)",
    ),
    _rows(
        "foreign key twice",
        "a INT REFERENCES parent",
        "a INT REFERENCES parent, FOREIGN KEY (a) REFERENCES parent (id)",
        "constraint t.foreign key (a) to parent (id) (number 2)",
    ),
    Pair("index", _with(), _with("CREATE INDEX ix ON t (a)"), "index t.ix"),
    Pair("index unique", _with("CREATE INDEX ix ON t (a)"), _with("CREATE UNIQUE INDEX ix ON t (a)"), "index t.ix"),
    Pair("index columns", _with("CREATE INDEX ix ON t (a)"), _with("CREATE INDEX ix ON t (a, b)"), "index t.ix"),
    Pair("index direction", _with("CREATE INDEX ix ON t (a)"), _with("CREATE INDEX ix ON t (a DESC)"), "index t.ix"),
    Pair("index where", _with("CREATE INDEX ix ON t (a)"), _with("CREATE INDEX ix ON t (a) WHERE b > 1"), "index t.ix"),
    Pair(
        "index where changed",
        _with("CREATE INDEX ix ON t (a) WHERE b>1"),
        _with("CREATE INDEX ix ON t (a) WHERE b>=1"),
        "index t.ix",
    ),
    Pair(
        "index expression",
        _with("CREATE INDEX ix ON t (lower(a))"),
        _with("CREATE INDEX ix ON t (upper(a))"),
        "index t.ix",
    ),
    Pair(
        "index collation",
        _with("CREATE INDEX ix ON t (a)"),
        _with("CREATE INDEX ix ON t (a COLLATE NOCASE)"),
        "index t.ix",
    ),
    Pair("index name", _with("CREATE INDEX ix ON t (a)"), _with("CREATE INDEX iy ON t (a)"), "index t.iy"),
    Pair(
        "index on a new column", _table("a TEXT"), (*_table("a TEXT, b INT"), "CREATE INDEX ix ON t (b)"), "column t.b"
    ),
    Pair("view", _with(), _with("CREATE VIEW v AS SELECT a FROM t"), "view v"),
    Pair("view text", _with("CREATE VIEW v AS SELECT a FROM t"), _with("CREATE VIEW v AS SELECT b FROM t"), "view v"),
    Pair(
        "view columns",
        _with("CREATE VIEW v (x) AS SELECT a FROM t"),
        _with("CREATE VIEW v (y) AS SELECT a FROM t"),
        "view v",
    ),
    Pair(
        "trigger of a view",
        _with("CREATE VIEW v AS SELECT a FROM t"),
        _with("CREATE VIEW v AS SELECT a FROM t", "CREATE TRIGGER tv INSTEAD OF INSERT ON v BEGIN SELECT 1; END"),
        "trigger v.tv",
    ),
    Pair(
        "view in place of a table",
        (PARENT, "CREATE TABLE v (a INT)"),
        (PARENT, "CREATE VIEW v AS SELECT 1 AS a"),
        "view v",
    ),
    Pair("trigger", _with(), _with(TRIGGER.format(1)), "trigger t.tr"),
    Pair("trigger text", _with(TRIGGER.format(1)), _with(TRIGGER.format(2)), "trigger t.tr"),
    # What is no difference: see the facts on real histories.
    _rows("int and integer", "a INT", "a INTEGER", None),
    _rows("datetime and timestamp", "a TIMESTAMP", "a DATETIME", None),
    _rows("a parenthesis around a default", "a INT DEFAULT 1", "a INT DEFAULT (((1)))", None),
    _rows("a parenthesis around a check", "a INT CHECK (a > 0)", "a INT CHECK ((a > 0))", None),
    _rows("named or not", "a INT UNIQUE CHECK (a > 0)", "a INT CONSTRAINT u UNIQUE CONSTRAINT c CHECK (a > 0)", None),
    _rows("beside or at the end", "a INT UNIQUE CHECK (a > 0)", "a INT, CONSTRAINT u UNIQUE (a), CHECK (a > 0)", None),
    _rows("null row id", "a INTEGER PRIMARY KEY", "a INTEGER NOT NULL, PRIMARY KEY (a)", None),
    _rows("default null", "a TEXT", "a TEXT DEFAULT NULL", None),
    _rows("how a type is written", "a varchar (20), b numeric(10,2)", "a VARCHAR(20), b NUMERIC(10, 2)", None),
    _rows("comments", "a TEXT -- b TEXT,\n", "a TEXT /* c TEXT, */", None),
    _rows("quotes", "a TEXT CHECK (a <> '')", '"a" TEXT CHECK ("a" <> \'\')', None),
    _rows(
        "the usual of a foreign key",
        "a INT REFERENCES parent",
        "a INT REFERENCES parent (id) ON DELETE NO ACTION NOT DEFERRABLE",
        None,
    ),
    _rows("order of columns", "a INT, b INT", "b INT, a INT", None),
    Pair("how an index is written", _with("CREATE INDEX ix ON t(a)"), _with('create  index "ix" on "t" ( "a" )'), None),
    Pair(
        "renamed and back",
        _with("CREATE INDEX ix ON t (a)", "CREATE VIEW v AS SELECT a FROM t", TRIGGER.format(1)),
        _with(
            "CREATE INDEX ix ON t (a)",
            "CREATE VIEW v AS SELECT a FROM t",
            TRIGGER.format(1),
            "ALTER TABLE t RENAME TO u",
            "ALTER TABLE u RENAME TO t",
        ),
        None,
    ),
)
