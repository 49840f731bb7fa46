"""A table with a column of every type gets two rows alike and one of NULLs; what a server lacks is said."""

from __future__ import annotations

from filled_tables import Tables

TYPES = """
boolean|smallint|integer|bigint|real|double precision|numeric|numeric(10,2)|numeric(5)|numeric(3,3)|numeric(2,-3)|money
text|varchar|varchar(20)|varchar(3000)|char(1)|char(5)|bpchar|name|"char"|bytea|bit|bit(5)|bit varying|bit varying(9)
date|time|time(3)|timetz|timestamp|timestamp(0)|timestamptz|interval|interval day to second|uuid|json|jsonb|jsonpath|xml
inet|cidr|macaddr|macaddr8|point|line|lseg|box|path|polygon|circle|tsvector|tsquery
oid|regclass|regtype|pg_lsn|pg_snapshot|txid_snapshot|xid8|xid
integer[]|text[]|varchar(3)[]|integer[][]|mood[]|jsonb[]|int4range|int8range|numrange|tsrange|tstzrange|daterange
int4multirange|datemultirange|mood|address|address[]|email|email[]|small|steps|steps[]
"""
MADE = r"""
CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s "fine"', E'back\\slash');
CREATE TYPE address AS (street text, number int, tags text[]);
CREATE DOMAIN email AS text CHECK (VALUE ~ '^[^@]+@[^@]+\.[a-z]+$');
CREATE DOMAIN small AS integer CHECK (VALUE > 0) CHECK (VALUE < 100);
CREATE DOMAIN steps AS numeric(6,1) CHECK (VALUE >= 10.5);
"""


def types() -> list[str]:
    return [each for line in TYPES.split("\n") for each in line.split("|") if each]


def test_every_type_has_values(tables: Tables) -> None:
    columns = {f"c{number}": kind for number, kind in enumerate(types())}
    tables.run(MADE + f"CREATE TABLE every ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
    without_xml = tables.refusal("SELECT CAST('<a/>' AS xml)") is not None
    filled = tables.fill()
    xml = next(name for name, kind in columns.items() if kind == "xml")
    assert tables.unfilled(filled) == ({f"every.{xml}"} if without_xml else set())
    first, second, *_, last = sorted(tables.rows("every"), key=lambda row: sum(value is None for value in row.values()))
    assert first == second
    assert [columns[name] for name, value in first.items() if value is None] == (["xml"] if without_xml else [])
    assert not any(last.values())


def test_not_null_columns_have_values_in_every_row(tables: Tables) -> None:
    columns = {f"c{number}": kind for number, kind in enumerate(types()) if kind != "xml"}
    declared = ", ".join(f"{name} {kind} NOT NULL" for name, kind in columns.items())
    tables.run(f"{MADE} CREATE TABLE every ({declared})")
    assert tables.fill().unfilled == ()
    rows = tables.rows("every")
    assert len(rows) >= 3
    assert all(value is not None for row in rows for value in row.values())
    assert [kind for name, kind in columns.items() if len({row[name] for row in rows}) == 1] == []


def test_texts_have_their_full_length_and_numbers_their_precision(tables: Tables) -> None:
    tables.run("CREATE TABLE t (a varchar(20), b char(7), c text, d numeric(8,3), e varchar(100000), f int, g bigint)")
    assert tables.fill().unfilled == ()
    row = tables.rows("t")[0]
    assert {name: len(str(row[name])) for name in "abce"} == {"a": 20, "b": 7, "c": 300, "e": 4000}
    assert not str(row["c"]).isnumeric()
    assert row["d"] == "99999.999"
    assert int(str(row["f"])) > 2**15
    assert int(str(row["g"])) > 2**31


def test_each_label_of_an_enum_is_used(tables: Tables) -> None:
    tables.run("CREATE TYPE mood AS ENUM ('a', 'b', 'c', 'd'); CREATE TABLE t (m mood)")
    tables.fill()
    assert set(tables.column("t", "m")) == {"a", "b", "c", "d", None}


def test_a_type_without_known_values_is_said_and_the_rest_filled(tables: Tables) -> None:
    tables.run("CREATE TABLE t (id int PRIMARY KEY, n text)")
    tables.fill()
    tables.run("ALTER TABLE t ADD r refcursor, ADD m text")
    filled = tables.fill()
    assert [str(each) for each in filled.unfilled] == [f"{tables.schema}.t.r: no value is known for the type refcursor"]
    assert any(tables.column("t", "m"))
