"""Pairs of MariaDB schemas: what tells them apart, and what only seems to."""

from __future__ import annotations

from dataclasses import dataclass

Script = tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """Two schemas and what is known of their difference."""

    name: str
    before: Script
    after: Script
    of: str | None
    """The object that differs, as its key says it; None: they are no different."""
    by_statements: bool = True
    """Whether statements make one of the other."""


PARENT = "CREATE TABLE parent (id INT AUTO_INCREMENT PRIMARY KEY, code VARCHAR(10) UNIQUE, n INT, KEY ix_n (n))"


def _table(body: str, end: str = "") -> Script:
    table = f"CREATE TABLE t ({body}) {end}"
    return (PARENT, table) if "parent" in body else (table,)


def _with(*more: str) -> Script:
    return (*_table("id INT PRIMARY KEY, a VARCHAR(50), b INT, d DATE"), *more)


def _rows(name: str, before: str, after: str, of: str | None) -> Pair:
    return Pair(name, _table(before), _table(after), of)


def _more(name: str, before: str, after: str, of: str | None) -> Pair:
    return Pair(name, _with(before) if before else _with(), _with(after) if after else _with(), of)


def _end(name: str, before: str, after: str, of: str | None) -> Pair:
    columns = "id INT NOT NULL, a VARCHAR(50), b INT, d DATE NOT NULL"
    return Pair(name, _table(columns, before), _table(columns, after), of)


FK = "id INT, p INT, CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id)"
KEY_P = "id INT, p INT, KEY fk (p)"
RANGE = "PARTITION BY RANGE (year(d)) (PARTITION p0 VALUES LESS THAN ({}), PARTITION p1 VALUES LESS THAN MAXVALUE)"

PAIRS = (
    Pair("table", (), _table("id INT"), "table t"),
    Pair(
        "table with everything",
        (PARENT,),
        (
            PARENT,
            "CREATE SEQUENCE sq START WITH 5",
            (
                "CREATE TABLE t (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, e ENUM('a', 'b''c') DEFAULT 'a',"
                " n DECIMAL(10, 2) NOT NULL DEFAULT 1.5 CHECK (n > 0), at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP"
                " ON UPDATE CURRENT_TIMESTAMP, was TIMESTAMP NULL, j JSON, g INT AS (n + 1) VIRTUAL,"
                " s VARCHAR(20) COLLATE utf8mb4_bin INVISIBLE DEFAULT 'it''s \\\\' COMMENT 'c''x', p INT,"
                " v VARCHAR(100) AS (upper(s)) PERSISTENT, b TEXT, `or``der` INT DEFAULT (1 + 1),"
                " q BIGINT DEFAULT nextval(sq), PRIMARY KEY (id), KEY ix (s(5), n DESC) COMMENT 'hey',"
                " FULLTEXT KEY ft (b),"
                ""
                " UNIQUE KEY uq (b(10)), CONSTRAINT fk FOREIGN KEY (p) REFERENCES parent (id) ON DELETE CASCADE,"
                ""
                " CONSTRAINT ck CHECK (n > 5 AND s <> 'x')) ROW_FORMAT=COMPRESSED COMMENT='it''s'"
            ),
            "CREATE VIEW w AS SELECT id, n FROM t WHERE n > 1",
            "CREATE VIEW a_view AS SELECT id FROM w",
            "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW BEGIN SET new.n = new.n + 1; END",
        ),
        "table t",
    ),
    Pair(
        "tables that lead to one another",
        (),
        (
            "CREATE TABLE a (id INT PRIMARY KEY, b_id INT)",
            "CREATE TABLE b (id INT PRIMARY KEY, a_id INT, CONSTRAINT fk_b FOREIGN KEY (a_id) REFERENCES a (id))",
            "ALTER TABLE a ADD CONSTRAINT fk_a FOREIGN KEY (b_id) REFERENCES b (id)",
        ),
        "table a",
    ),
    Pair(
        "tables that lead to others",
        (),
        (
            "CREATE TABLE z (id INT PRIMARY KEY)",
            "CREATE TABLE a (id INT PRIMARY KEY, z_id INT, CONSTRAINT fk_z FOREIGN KEY (z_id) REFERENCES z (id))",
        ),
        "table z",
    ),
    _end("engine", "ENGINE=InnoDB", "ENGINE=MyISAM", "table t"),
    _end("table collation", "", "COLLATE=utf8mb4_bin", "column t.a"),
    Pair("default collation alone", _with(), _with("ALTER TABLE t COLLATE utf8mb4_bin"), "table t"),
    _end("table comment", "", "COMMENT='it''s \\\\ here'", "table t"),
    _end("row format", "", "ROW_FORMAT=COMPRESSED", "table t"),
    _end("option", "STATS_PERSISTENT=1", "STATS_PERSISTENT=0", "table t"),
    _end("system versioning", "", "WITH SYSTEM VERSIONING", "table t"),
    _end("partitioned by hash", "", "PARTITION BY HASH (id) PARTITIONS 3", "table t"),
    _end("partitioned by range", "", RANGE.format(2020), "table t"),
    _end("partition bound", RANGE.format(2020), RANGE.format(2021), "table t"),
    _end(
        "list partitions",
        "PARTITION BY LIST (id) (PARTITION p0 VALUES IN (1, 2), PARTITION p1 VALUES IN (3))",
        "PARTITION BY LIST (id) (PARTITION p0 VALUES IN (1), PARTITION p1 VALUES IN (2, 3))",
        "table t",
    ),
    _end(
        "subpartitions",
        "PARTITION BY RANGE (year(d)) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (2020))",
        "PARTITION BY RANGE (year(d)) SUBPARTITION BY HASH (id) SUBPARTITIONS 3 (PARTITION p0 VALUES LESS THAN (2020))",
        "table t",
    ),
    _end(
        "columns partitions",
        "",
        "PARTITION BY RANGE COLUMNS (d) (PARTITION p0 VALUES LESS THAN ('2020-01-01'))",
        "table t",
    ),
    _end("key partitions", "", "PARTITION BY KEY (id) PARTITIONS 2", "table t"),
    _rows("column", "a INT", "a INT, b VARCHAR(20) NOT NULL DEFAULT ''", "column t.b"),
    _rows("column's name", "a INT, b INT", "a INT, c INT", "column t.c"),
    _rows("type", "a INT", "a BIGINT", "column t.a"),
    _rows("unsigned", "a INT", "a INT UNSIGNED", "column t.a"),
    _rows("length", "a VARCHAR(20)", "a VARCHAR(30)", "column t.a"),
    _rows("precision", "a DECIMAL(10, 2)", "a DECIMAL(10, 3)", "column t.a"),
    _rows("fractions of seconds", "a DATETIME", "a DATETIME(6)", "column t.a"),
    _rows("enum value", "a ENUM('x', 'y')", "a ENUM('x', 'z', 'y')", "column t.a"),
    _rows("json", "a LONGTEXT", "a JSON", "column t.a"),
    _rows("nullable", "a INT", "a INT NOT NULL", "column t.a"),
    _rows("nullable timestamp", "a TIMESTAMP NULL", "a TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP", "column t.a"),
    _rows("default added", "a INT", "a INT DEFAULT 1", "column t.a"),
    _rows("default changed", "a VARCHAR(9) DEFAULT 'x'", "a VARCHAR(9) DEFAULT 'NULL'", "column t.a"),
    _rows("default computed", "a INT DEFAULT 2", "a INT DEFAULT (1 + 1)", "column t.a"),
    _rows("on update", "a TIMESTAMP NULL", "a TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP", "column t.a"),
    _rows("collation", "a VARCHAR(9)", "a VARCHAR(9) COLLATE utf8mb4_bin", "column t.a"),
    _rows("character set", "a VARCHAR(9)", "a VARCHAR(9) CHARACTER SET latin1", "column t.a"),
    _rows("column comment", "a INT", "a INT COMMENT 'it''s'", "column t.a"),
    _rows("invisible", "a INT, b INT", "a INT, b INT INVISIBLE", "column t.b"),
    _rows("auto increment", "a INT NOT NULL PRIMARY KEY", "a INT NOT NULL AUTO_INCREMENT PRIMARY KEY", "column t.a"),
    _rows("counting column with its key", "b INT", "a INT NOT NULL AUTO_INCREMENT, b INT, KEY ix (a)", "column t.a"),
    _rows("generated", "a INT, b INT AS (a + 1)", "a INT, b INT AS (a + 2)", "column t.b"),
    _rows("stored", "a INT, b INT AS (a + 1)", "a INT, b INT AS (a + 1) STORED", "column t.b"),
    _rows("no longer generated", "a INT, b INT AS (a + 1)", "a INT, b INT", "column t.b"),
    _rows("check beside a column", "a INT", "a INT CHECK (a > 0)", "column t.a"),
    _rows("check beside a column changed", "a INT CHECK (a > 0)", "a INT CHECK (a > 1)", "column t.a"),
    # MariaDB forbids it unless the session asks for it: SET system_versioning_alter_history = KEEP.
    Pair(
        "history of a column",
        _table("a INT WITHOUT SYSTEM VERSIONING, b INT WITH SYSTEM VERSIONING"),
        _table("a INT WITHOUT SYSTEM VERSIONING, b INT WITH SYSTEM VERSIONING, c INT WITH SYSTEM VERSIONING"),
        "column t.c",
        by_statements=False,
    ),
    _rows(
        "primary key",
        "a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (a)",
        "a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (b, a)",
        "constraint t.PRIMARY",
    ),
    _rows("no primary key", "a INT NOT NULL", "a INT NOT NULL PRIMARY KEY", "constraint t.PRIMARY"),
    _rows("unique", "a INT", "a INT, CONSTRAINT uq UNIQUE (a)", "constraint t.uq"),
    _rows("unique columns", "a INT, b INT, UNIQUE uq (a)", "a INT, b INT, UNIQUE uq (a, b)", "constraint t.uq"),
    _rows("unique long text", "a TEXT", "a TEXT, UNIQUE uq (a)", "constraint t.uq"),
    _rows("unique or not", "a INT, UNIQUE ix (a)", "a INT, KEY ix (a)", "index t.ix"),
    _rows("check", "a INT", "a INT, CONSTRAINT ck CHECK (a > 0)", "constraint t.ck"),
    _rows("check text", "a INT, CONSTRAINT ck CHECK (a > 0)", "a INT, CONSTRAINT ck CHECK (a > 1)", "constraint t.ck"),
    Pair("foreign key", (PARENT, *_table(KEY_P)), _table(FK), "constraint t.fk"),
    Pair("foreign key and index", (PARENT, *_table("id INT, p INT")), _table(FK), "index t.fk"),
    _rows("on delete", FK, f"{FK} ON DELETE CASCADE", "constraint t.fk"),
    _rows("on update", FK, f"{FK} ON UPDATE SET NULL", "constraint t.fk"),
    _rows("no action", FK, f"{FK} ON DELETE NO ACTION", "constraint t.fk"),
    _rows("target", FK, FK.replace("parent (id)", "parent (n)"), "constraint t.fk"),
    _rows("foreign key twice", FK, f"{FK}, CONSTRAINT fk2 FOREIGN KEY (p) REFERENCES parent (id)", "constraint t.fk2"),
    _more("index", "", "CREATE INDEX ix ON t (a)", "index t.ix"),
    _more("index columns", "CREATE INDEX ix ON t (a, b)", "CREATE INDEX ix ON t (b, a)", "index t.ix"),
    _more("index length", "CREATE INDEX ix ON t (a(5))", "CREATE INDEX ix ON t (a(6))", "index t.ix"),
    _more("index direction", "CREATE INDEX ix ON t (a, b)", "CREATE INDEX ix ON t (a, b DESC)", "index t.ix"),
    _more("index comment", "CREATE INDEX ix ON t (a)", "CREATE INDEX ix ON t (a) COMMENT 'it''s'", "index t.ix"),
    _more("index ignored", "CREATE INDEX ix ON t (a)", "CREATE INDEX ix ON t (a) IGNORED", "index t.ix"),
    _more("index name", "CREATE INDEX ix ON t (a)", "CREATE INDEX iy ON t (a)", "index t.iy"),
    _more("full text", "CREATE INDEX ix ON t (a)", "CREATE FULLTEXT INDEX ix ON t (a)", "index t.ix"),
    _rows("spatial", "g POINT NOT NULL", "g POINT NOT NULL, SPATIAL INDEX sp (g)", "index t.sp"),
    _more("view", "", "CREATE VIEW v AS SELECT a, 't' AS `db` FROM t", "view v"),
    _more("view text", "CREATE VIEW v AS SELECT a FROM t", "CREATE VIEW v AS SELECT b FROM t", "view v"),
    _more(
        "view check option",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE VIEW v AS SELECT a FROM t WITH LOCAL CHECK OPTION",
        "view v",
    ),
    _more(
        "view security",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE SQL SECURITY INVOKER VIEW v AS SELECT a FROM t",
        "view v",
    ),
    _more(
        "view algorithm",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE ALGORITHM=MERGE VIEW v AS SELECT a FROM t",
        "view v",
    ),
    Pair(
        "view in place of a table",
        ("CREATE TABLE v (a INT)",),
        ("CREATE VIEW v AS SELECT 1 AS a",),
        "view v",
    ),
    _more("trigger", "", "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET new.b = 1", "trigger t.tr"),
    _more(
        "trigger text",
        "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET new.b = 1",
        "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET new.b = 2",
        "trigger t.tr",
    ),
    _more(
        "trigger event",
        "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW SET new.b = 1",
        "CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW SET new.b = 1",
        "trigger t.tr",
    ),
    _more(
        "function",
        "",
        "CREATE FUNCTION f (a VARCHAR(20), b INT) RETURNS VARCHAR(30) CHARSET latin1 DETERMINISTIC"
        " COMMENT 'it''s' BEGIN RETURN concat(a, b); END",
        "function f",
    ),
    _more(
        "function text",
        "CREATE FUNCTION f () RETURNS INT RETURN 1",
        "CREATE FUNCTION f () RETURNS INT RETURN 2",
        "function f",
    ),
    _more(
        "function argument",
        "CREATE FUNCTION f (a INT) RETURNS INT RETURN 1",
        "CREATE FUNCTION f (a BIGINT) RETURNS INT RETURN 1",
        "function f",
    ),
    _more(
        "function deterministic",
        "CREATE FUNCTION f () RETURNS INT RETURN 1",
        "CREATE FUNCTION f () RETURNS INT DETERMINISTIC RETURN 1",
        "function f",
    ),
    _more(
        "procedure",
        "",
        "CREATE PROCEDURE p (IN a INT, OUT b INT) MODIFIES SQL DATA SQL SECURITY INVOKER BEGIN SET b = a; END",
        "procedure p",
    ),
    _more(
        "procedure mode",
        "CREATE PROCEDURE p (IN a INT) SELECT 1",
        "CREATE PROCEDURE p (INOUT a INT) SELECT 1",
        "procedure p",
    ),
    _more("event", "", "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE COMMENT 'it''s' DO DELETE FROM t", "event e"),
    _more(
        "event schedule",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO SELECT 1",
        "CREATE EVENT e ON SCHEDULE EVERY '1:30' HOUR_MINUTE DO SELECT 1",
        "event e",
    ),
    _more(
        "event start",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01' DO SELECT 1",
        "CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2030-01-02' ENDS '2031-01-01' DO SELECT 1",
        "event e",
    ),
    _more(
        "event once",
        "CREATE EVENT e ON SCHEDULE AT '2030-01-01' DO SELECT 1",
        "CREATE EVENT e ON SCHEDULE AT '2030-01-01' ON COMPLETION PRESERVE DO SELECT 1",
        "event e",
    ),
    _more("sequence", "", "CREATE SEQUENCE sq START WITH 10 INCREMENT BY 5 CYCLE", "sequence sq"),
    _more(
        "sequence options",
        "CREATE SEQUENCE sq",
        "CREATE SEQUENCE sq INCREMENT BY 2 MINVALUE -5 MAXVALUE 100 CACHE 7",
        "sequence sq",
    ),
    # What is no difference.
    _rows("how types are written", "a INTEGER, b BOOL, c NUMERIC (9)", "a INT(11), b TINYINT(1), c DECIMAL(9,0)", None),
    _rows("default null", "a INT", "a INT NULL DEFAULT NULL", None),
    _rows("on delete restrict", FK, f"{FK} ON DELETE RESTRICT", None),
    _end("the usual engine and collation", "", "ENGINE=InnoDB COLLATE=utf8mb4_general_ci", None),
    Pair(
        "next value",
        _table("id INT AUTO_INCREMENT PRIMARY KEY"),
        (*_table("id INT AUTO_INCREMENT PRIMARY KEY"), "INSERT INTO t VALUES (7)"),
        None,
    ),
    _rows("order of columns", "a INT, b INT", "b INT, a INT", None),
    _more(
        "definer",
        "CREATE DEFINER=root@localhost VIEW v AS SELECT a FROM t",
        "CREATE DEFINER=`other`@`%` VIEW v AS SELECT a FROM t",
        None,
    ),
)
