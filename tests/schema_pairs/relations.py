"""Tables, partitions, sequences."""

from __future__ import annotations

from schema_pairs.pair import Pair

_RANGES = "CREATE TABLE p (id integer, at date) PARTITION BY RANGE (at); "
_PART = "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM ('2026-01-01') TO ('2026-02-01'); "
_TWO = "CREATE TABLE a (x integer); CREATE TABLE b (x integer); "
_SEQUENCE = "CREATE SEQUENCE s; "

PAIRS = (
    Pair("table renamed", "", "ALTER TABLE t RENAME TO u", "table PAIR.u"),
    Pair("column renamed", "", "ALTER TABLE t RENAME COLUMN a TO d", "column PAIR.t.d"),
    Pair(
        "columns of a primary key",
        "CREATE TABLE k (x integer NOT NULL, y integer NOT NULL, CONSTRAINT pk PRIMARY KEY (x))",
        "CREATE TABLE k (x integer NOT NULL, y integer NOT NULL, CONSTRAINT pk PRIMARY KEY (x, y))",
        "constraint PAIR.k.pk",
    ),
    Pair("row security", "", "ALTER TABLE t ENABLE ROW LEVEL SECURITY", "table PAIR.t"),
    Pair("row security forced", "", "ALTER TABLE t FORCE ROW LEVEL SECURITY", "table PAIR.t"),
    Pair("replica identity full", "", "ALTER TABLE t REPLICA IDENTITY FULL", "table PAIR.t"),
    Pair("replica identity nothing", "", "ALTER TABLE t REPLICA IDENTITY NOTHING", "table PAIR.t"),
    Pair("storage parameters", "", "ALTER TABLE t SET (fillfactor = 50)", "table PAIR.t"),
    Pair("parameters of toast", "", "ALTER TABLE t SET (toast.autovacuum_enabled = off)", "table PAIR.t"),
    Pair("bound of a partition", _PART, _PART.replace("02-01", "03-01"), "table PAIR.p1", base=_RANGES),
    Pair("partition detached", _PART, _PART + "ALTER TABLE p DETACH PARTITION p1", "table PAIR.p1", base=_RANGES),
    Pair(
        "partition attached or made as one",
        _PART,
        "CREATE TABLE p1 (id integer, at date); "
        "ALTER TABLE p ATTACH PARTITION p1 FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
        base=_RANGES,
    ),
    Pair("default partition", "", "CREATE TABLE p0 PARTITION OF p DEFAULT", "table PAIR.p0", base=_RANGES),
    Pair(
        "partitioned by list",
        "CREATE TABLE l (x integer) PARTITION BY RANGE (x)",
        "CREATE TABLE l (x integer) PARTITION BY LIST (x)",
        "table PAIR.l",
    ),
    Pair(
        "subpartition",
        "CREATE TABLE p1 PARTITION OF p DEFAULT",
        "CREATE TABLE p1 PARTITION OF p DEFAULT PARTITION BY HASH (id)",
        "table PAIR.p1",
        base=_RANGES,
    ),
    Pair("inherits", "", "ALTER TABLE b INHERIT a", "table PAIR.b", base=_TWO),
    Pair(
        "inherited or own column",
        "CREATE TABLE d () INHERITS (a)",
        "CREATE TABLE d (x integer) INHERITS (a)",
        "column PAIR.d.x",
        base=_TWO,
    ),
    Pair(
        "of a type",
        "CREATE TABLE o (x integer)",
        "CREATE TABLE o OF ty",
        "table PAIR.o",
        base="CREATE TYPE ty AS (x integer); ",
    ),
    Pair(
        "column order of two dropped",
        "",
        "ALTER TABLE t DROP COLUMN a; ALTER TABLE t ADD COLUMN a text",
        "table PAIR.t",
    ),
    Pair("column dropped and none added", "", "ALTER TABLE t ADD COLUMN d text; ALTER TABLE t DROP COLUMN d"),
    Pair("name with quotes and a dot", "", 'CREATE TABLE "Od.d ""q" (id integer)', 'table PAIR.Od.d "q'),
    Pair("start of a sequence", "CREATE SEQUENCE n", "CREATE SEQUENCE n START 5", "sequence PAIR.n"),
    Pair("increment", "", "ALTER SEQUENCE s INCREMENT 5", "sequence PAIR.s", base=_SEQUENCE),
    Pair("minimum", "", "ALTER SEQUENCE s MINVALUE -5", "sequence PAIR.s", base=_SEQUENCE),
    Pair("maximum", "", "ALTER SEQUENCE s MAXVALUE 500", "sequence PAIR.s", base=_SEQUENCE),
    Pair("cache", "", "ALTER SEQUENCE s CACHE 7", "sequence PAIR.s", base=_SEQUENCE),
    Pair("cycle", "", "ALTER SEQUENCE s CYCLE", "sequence PAIR.s", base=_SEQUENCE),
    Pair("type of a sequence", "", "ALTER SEQUENCE s AS smallint", "sequence PAIR.s", base=_SEQUENCE),
    Pair("owner of a sequence", "CREATE SEQUENCE s", "CREATE SEQUENCE s OWNED BY t.b", "sequence PAIR.s"),
    Pair("numbers drawn from a sequence", "", "SELECT nextval('s')", base=_SEQUENCE),
    Pair("unlogged sequence", "", "ALTER SEQUENCE s SET UNLOGGED", "sequence PAIR.s", base=_SEQUENCE, since=15),
    Pair("comment on a sequence", "", "COMMENT ON SEQUENCE s IS 'x'", "sequence PAIR.s", base=_SEQUENCE),
    Pair("rows", "", "INSERT INTO t VALUES (1, 'x', 2, 3)"),
)
