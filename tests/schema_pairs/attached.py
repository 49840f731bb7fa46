"""Constraints, indexes, extended statistics."""

from __future__ import annotations

from schema_pairs.pair import TABLE, Pair

_INDEXED = TABLE + "CREATE INDEX ix ON t (b); "
_UNIQUE = "ALTER TABLE t ADD CONSTRAINT uq UNIQUE (b)"
_CHECK = "ALTER TABLE t ADD CONSTRAINT ck CHECK (b > 0)"
_KEY = "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (b) REFERENCES other"
_TWO = TABLE + "CREATE TABLE other (id integer PRIMARY KEY, x integer UNIQUE); "
_PARTITIONED = (
    "CREATE TABLE p (id integer NOT NULL, at date) PARTITION BY RANGE (id); "
    "CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (9); "
)


def _index(name: str, before: str, after: str, **more: object) -> Pair:
    sides = (f"CREATE INDEX ix ON t {side}" for side in (before, after))
    return Pair(name, *sides, "index PAIR.t.ix", **more)  # type: ignore[arg-type]


def _constraint(name: str, before: str, after: str, expects: str, **more: object) -> Pair:
    return Pair(name, before, after, f"constraint PAIR.t.{expects}", **more)  # type: ignore[arg-type]


PAIRS = (
    _index("nulls first", "(b)", "(b NULLS FIRST)"),
    _index("order of columns", "(b, c)", "(c, b)"),
    _index("collation of an index", "(a)", '(a COLLATE "C")'),
    _index("parameters of an operator class", "(a)", "USING brin (b int4_minmax_multi_ops(values_per_range = 16))"),
    _index("brin", "(b)", "USING brin (b)"),
    _index("index and unique index with nulls", "(b)", "(b) WHERE b IS NOT NULL"),
    Pair("unique index or constraint", "CREATE UNIQUE INDEX uq ON t (b)", _UNIQUE, "constraint PAIR.t.uq"),
    Pair("clustered", "", "ALTER TABLE t CLUSTER ON ix", "index PAIR.t.ix", base=_INDEXED),
    Pair("clustered on the primary key", "", "ALTER TABLE t CLUSTER ON t_pkey", "constraint PAIR.t.t_pkey"),
    Pair(
        "replica identity by an index",
        "",
        "ALTER TABLE t REPLICA IDENTITY USING INDEX t_pkey",
        "constraint PAIR.t.t_pkey",
    ),
    Pair(
        "statistics of an indexed expression",
        "",
        "ALTER INDEX ix ALTER COLUMN 1 SET STATISTICS 300",
        "index PAIR.t.ix",
        base=TABLE + "CREATE INDEX ix ON t (lower(a)); ",
    ),
    Pair("comment on an index", "", "COMMENT ON INDEX ix IS 'x'", "index PAIR.t.ix", base=_INDEXED),
    Pair("index renamed", "", "ALTER INDEX ix RENAME TO ix2", "index PAIR.t.ix2", base=_INDEXED),
    Pair("index of partitions", "", "CREATE INDEX ix ON p (at)", "index PAIR.p.ix", base=_PARTITIONED),
    Pair(
        "index of one partition not attached",
        "CREATE INDEX ix ON p (at)",
        "CREATE INDEX ix ON ONLY p (at); CREATE INDEX p1_at_idx ON p1 (at)",
        "index PAIR.p1.p1_at_idx",
        base=_PARTITIONED,
    ),
    Pair(
        "key of partitions",
        "",
        "ALTER TABLE p ADD CONSTRAINT pk PRIMARY KEY (id)",
        "constraint PAIR.p.pk",
        base=_PARTITIONED,
    ),
    _constraint("not valid", _CHECK, _CHECK + " NOT VALID", "ck"),
    _constraint("no inherit", _CHECK, _CHECK + " NO INHERIT", "ck"),
    _constraint("not enforced", _CHECK, _CHECK + " NOT ENFORCED", "ck", since=18),
    Pair("validated later", _CHECK, _CHECK + " NOT VALID; ALTER TABLE t VALIDATE CONSTRAINT ck"),
    Pair("comment on a constraint", _CHECK, _CHECK + "; COMMENT ON CONSTRAINT ck ON t IS 'x'", "constraint PAIR.t.ck"),
    _constraint("initially deferred", _UNIQUE + " DEFERRABLE", _UNIQUE + " DEFERRABLE INITIALLY DEFERRED", "uq"),
    _constraint("included in a constraint", _UNIQUE, _UNIQUE + " INCLUDE (c)", "uq"),
    _constraint("parameters of a constraint", _UNIQUE, _UNIQUE + " WITH (fillfactor = 60)", "uq"),
    _constraint("on update", _KEY, _KEY + " ON UPDATE CASCADE", "fk", base=_TWO),
    _constraint("match full", _KEY, _KEY + " MATCH FULL", "fk", base=_TWO),
    _constraint("target of a key", _KEY, _KEY + " (x)", "fk", base=_TWO),
    _constraint(
        "columns set null",
        "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (b) REFERENCES other ON DELETE SET NULL",
        "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (b) REFERENCES other ON DELETE SET NULL (b)",
        "fk",
        base=_TWO,
        since=15,
    ),
    _constraint(
        "operator of an exclusion",
        "ALTER TABLE t ADD CONSTRAINT ex EXCLUDE USING gist (int4range(b, c) WITH &&)",
        "ALTER TABLE t ADD CONSTRAINT ex EXCLUDE USING gist (int4range(b, c) WITH &&) WHERE (b > 0)",
        "ex",
    ),
    Pair(
        "foreign key of a partitioned table",
        "",
        "ALTER TABLE p ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES other",
        "constraint PAIR.p.fk",
        base=_PARTITIONED + "CREATE TABLE other (id integer PRIMARY KEY); ",
    ),
    Pair(
        "foreign key to a partitioned table",
        "",
        "ALTER TABLE t ADD CONSTRAINT fk FOREIGN KEY (b) REFERENCES p",
        "constraint PAIR.t.fk",
        base=TABLE + _PARTITIONED + "ALTER TABLE p ADD PRIMARY KEY (id); ",
    ),
    Pair(
        "check of partitions",
        "",
        "ALTER TABLE p ADD CONSTRAINT ck CHECK (id > 0)",
        "constraint PAIR.p.ck",
        base=_PARTITIONED,
    ),
    Pair("extended statistics", "", "CREATE STATISTICS st ON b, c FROM t", "statistics PAIR.t.st"),
    Pair(
        "kinds of extended statistics",
        "CREATE STATISTICS st ON b, c FROM t",
        "CREATE STATISTICS st (ndistinct) ON b, c FROM t",
        "statistics PAIR.t.st",
    ),
    Pair(
        "target of extended statistics",
        "",
        "ALTER STATISTICS st SET STATISTICS 77",
        "statistics PAIR.t.st",
        base=TABLE + "CREATE STATISTICS st ON b, c FROM t; ",
    ),
)
