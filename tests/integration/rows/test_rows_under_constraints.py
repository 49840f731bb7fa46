"""Rows respect what the schema asks of them: keys, checks, foreign keys in circles, partitions, exclusions."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from filled_tables import Tables

Make = Callable[[str], Tables]


def test_unique_columns_differ_and_others_are_alike(make: Make) -> None:
    tables = make("""
        CREATE TABLE t (id serial PRIMARY KEY, code text UNIQUE, a int, note varchar(9),
                        b bool NOT NULL, c int NOT NULL, UNIQUE (b, c));
        CREATE UNIQUE INDEX ON t (lower(note));
    """)
    rows = tables.rows("t")
    assert len({row["id"] for row in rows}) == len({row["code"] for row in rows}) == 3
    assert rows[0]["a"] == rows[1]["a"] is not None
    assert len({row["b"] for row in rows}) == len({row["c"] for row in rows}) == 2
    assert str(rows[0]["note"]).lower() != str(rows[1]["note"]).lower()


def test_numbers_that_the_server_gives_are_left_to_its_next_rows(make: Make) -> None:
    tables = make(
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial,"
        " g int GENERATED ALWAYS AS (s + 1) STORED)"
    )
    tables.run("INSERT INTO t DEFAULT VALUES")
    assert tables.rows("t")[0] == {"id": "1", "s": "2", "g": "3"}


@pytest.mark.parametrize(
    ("column", "holds"),
    [
        ("integer CHECK ({} >= 18 AND {} <= 65)", lambda value: 18 <= int(value) <= 65),
        ("varchar(10) CHECK ({} IN ('new', 'active'))", lambda value: value in ("new", "active")),
        ("text CHECK (char_length({}) BETWEEN 10 AND 20)", lambda value: 10 <= len(value) <= 20),
        ("numeric(6,2) CHECK ({} > 0 AND {} < 1)", lambda value: 0 < float(value) < 1),
        ("text CHECK ({} LIKE 'pre-%')", lambda value: value.startswith("pre-")),
        ("text CHECK ({} ~ '^[A-Z]{{3}}-[0-9]{{7}}$')", lambda value: len(value) == 11),
        ("text CHECK ({} ~* '^[a-z0-9.]+@[a-z.]+$')", lambda value: "@" in value),
        ("timestamptz CHECK ({} > '2031-01-01 00:00:00+00')", lambda value: value >= "2031-01-01 00:00:01"),
        ("date CHECK ({} < '1999-12-31')", lambda value: value < "1999-12-31"),
        ("jsonb CHECK ({} ? 'kind')", lambda value: "kind" in value),
        ("text[] CHECK ({} <@ ARRAY['a', 'b'])", lambda value: set(value.strip("{}").split(",")) <= {"a", "b", ""}),
        ("text CHECK ({}::int > 5)", lambda value: int(value) > 5),
        ("boolean CHECK ({} IS FALSE)", lambda value: value == "false"),
        (
            "text CHECK ({} = upper({})) CHECK (length({}) = 3)",
            lambda value: value == value.upper() and len(value) == 3,
        ),
        ("smallint CHECK ({} <> 1001)", lambda value: value != "1001"),
    ],
)
def test_checks_are_satisfied(make: Make, column: str, holds: Callable[[str], bool]) -> None:
    tables = make(f"CREATE TABLE t (c {column.format(*['c'] * 5)} NOT NULL, other int)")
    values = tables.column("t", "c")
    assert len(values) == 3
    assert all(holds(str(value)) for value in values)


def test_checks_over_several_columns_and_over_null(make: Make) -> None:
    tables = make("""
        CREATE TABLE parent (id int PRIMARY KEY);
        CREATE TABLE span (starts date NOT NULL, ends date NOT NULL CHECK (ends > starts));
        CREATE TABLE either (a int REFERENCES parent, b int REFERENCES parent, CHECK ((a IS NULL) <> (b IS NULL)));
        CREATE TABLE one_of_many (a int, b text, c date, d uuid, e bool, CHECK (num_nonnulls(a, b, c, d, e) = 2));
    """)
    assert all(str(row["ends"]) > str(row["starts"]) for row in tables.rows("span"))
    assert all((row["a"] is None) != (row["b"] is None) for row in tables.rows("either"))
    assert {sum(value is not None for value in row.values()) for row in tables.rows("one_of_many")} == {2}


def test_unique_and_checked_at_once(make: Make) -> None:
    tables = make("""
        CREATE TABLE mails (mail text PRIMARY KEY CHECK (mail LIKE '%_@_%.__%'));
        CREATE TABLE days (n smallint PRIMARY KEY CHECK (n BETWEEN 1 AND 7));
        CREATE TABLE single (id bool PRIMARY KEY DEFAULT true CHECK (id), v int);
    """)
    assert len(tables.rows("days")) == 3
    assert len(tables.rows("mails")) == 3
    assert len(tables.rows("single")) == 1


def test_foreign_keys_composite_shared_and_one_to_one(make: Make) -> None:
    tables = make(
        """
        CREATE TABLE zz_tenants (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
        CREATE TABLE users (tenant_id int NOT NULL REFERENCES zz_tenants, id serial, PRIMARY KEY (tenant_id, id));
        CREATE TABLE orders (tenant_id int NOT NULL REFERENCES zz_tenants, user_id int NOT NULL, id uuid PRIMARY KEY,
                             FOREIGN KEY (tenant_id, user_id) REFERENCES users);
        CREATE TABLE profiles (tenant_id int, user_id int, bio text, PRIMARY KEY (tenant_id, user_id),
                               FOREIGN KEY (tenant_id, user_id) REFERENCES users);
        CREATE TABLE tags (id int PRIMARY KEY);
        CREATE TABLE order_tags (order_id uuid REFERENCES orders, tag_id int REFERENCES tags,
                                 PRIMARY KEY (order_id, tag_id));
    """
    )
    assert [len(tables.rows(name)) for name in ("users", "orders", "profiles", "order_tags")] == [3, 3, 3, 3]
    orders = tables.rows("orders")
    assert orders[0]["user_id"] == orders[1]["user_id"]


def test_two_parents_of_one_table_differ_where_a_check_wants_it(make: Make) -> None:
    tables = make("""
        CREATE TABLE doc (id uuid PRIMARY KEY);
        CREATE TABLE link (id uuid PRIMARY KEY, parent uuid NOT NULL REFERENCES doc, child uuid NOT NULL REFERENCES doc,
                           CONSTRAINT apart CHECK (parent <> child));
        CREATE TABLE move (start uuid REFERENCES doc, stop uuid REFERENCES doc, back uuid REFERENCES doc,
                           CHECK (start <> stop AND stop <> back), CHECK (start = back));
    """)
    for one, other, table in (("parent", "child", "link"), ("start", "stop", "move")):
        rows = tables.rows(table)
        assert len(rows) >= 2
        assert all(row[one] != row[other] for row in rows if row[one] is not None)


def test_circles_of_foreign_keys(make: Make) -> None:
    tables = make("""
        CREATE TABLE a (id int PRIMARY KEY, b_id int NOT NULL);
        CREATE TABLE b (id int PRIMARY KEY, a_id int NOT NULL REFERENCES a);
        ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b;
        CREATE TABLE c (id int PRIMARY KEY, d_id int);
        CREATE TABLE d (id int PRIMARY KEY, c_id int NOT NULL REFERENCES c);
        ALTER TABLE c ADD FOREIGN KEY (d_id) REFERENCES d;
        CREATE TABLE e (id int PRIMARY KEY, f_id int NOT NULL);
        CREATE TABLE f (id int PRIMARY KEY, e_id int NOT NULL REFERENCES e DEFERRABLE INITIALLY DEFERRED);
        ALTER TABLE e ADD FOREIGN KEY (f_id) REFERENCES f DEFERRABLE;
        CREATE TABLE nodes (id serial PRIMARY KEY, parent_id int NOT NULL REFERENCES nodes);
        CREATE TABLE trees (id serial PRIMARY KEY, parent_id int REFERENCES trees);
    """)
    for table, column in (("a", "b_id"), ("c", "d_id"), ("e", "f_id"), ("trees", "parent_id")):
        assert [value is not None for value in tables.column(table, column)][:2] == [True, True], table
    assert None in tables.column("c", "d_id")
    assert None in tables.column("trees", "parent_id")


def test_partitions_get_rows_within_their_bounds(make: Make) -> None:
    tables = make("""
        CREATE TABLE points (id bigserial, at timestamptz NOT NULL, v float, PRIMARY KEY (id, at))
            PARTITION BY RANGE (at);
        CREATE TABLE points_23 PARTITION OF points FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
        CREATE TABLE points_rest PARTITION OF points DEFAULT;
        CREATE TABLE regions (id int, region text NOT NULL) PARTITION BY LIST (region);
        CREATE TABLE regions_eu PARTITION OF regions FOR VALUES IN ('eu', 'uk') PARTITION BY HASH (id);
        CREATE TABLE regions_eu_0 PARTITION OF regions_eu FOR VALUES WITH (MODULUS 3, REMAINDER 0);
        CREATE TABLE regions_eu_1 PARTITION OF regions_eu FOR VALUES WITH (MODULUS 3, REMAINDER 1);
        CREATE TABLE about (id bigint, at timestamptz, FOREIGN KEY (id, at) REFERENCES points);
    """)
    for name in ("points_23", "points_rest", "regions_eu_0", "regions_eu_1"):
        assert len(tables.rows(name)) == 3, name
    assert tables.column("about", "id")[0] is not None


def test_a_column_of_a_partitioned_table_is_filled_in_its_partitions(make: Make) -> None:
    tables = make(
        "CREATE TABLE p (id int) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (9)"
    )
    tables.run("ALTER TABLE p ADD note text")
    assert tables.fill("p").unfilled == ()
    assert any(tables.column("p1", "note"))


def test_exclusion_inheritance_and_names_in_quotes(make: Make) -> None:
    tables = make("""
        CREATE TABLE bookings (room int4range, during tsrange, EXCLUDE USING gist (room WITH &&, during WITH &&));
        CREATE TABLE parent (id int PRIMARY KEY, x text);
        CREATE TABLE child (y int) INHERITS (parent);
        CREATE TABLE "Odd ""Name" ("select" text, "it's" int NOT NULL, "n" int CHECK (n > 3), "?" int CHECK ("?" < 9));
        CREATE TABLE nothing ();
    """)
    assert len(tables.rows("bookings")) == len(tables.rows("parent")) == len(tables.rows("child")) == 3
    assert int(str(tables.column('Odd "Name', "?")[0])) < 9


def test_a_sparse_row_leaves_defaults_to_the_server(make: Make) -> None:
    tables = make(
        "CREATE TABLE t (id int PRIMARY KEY, state text NOT NULL DEFAULT 'new', at date DEFAULT '2001-01-01', n int)"
    )
    assert tables.column("t", "state")[-1] == "new"
    assert tables.column("t", "n")[-1] is None
    assert tables.column("t", "state")[0] != "new"


def test_what_cannot_be_filled_is_said_with_the_reason(tables: Tables) -> None:
    tables.run("""
        CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'not into %', TG_TABLE_NAME; END$$;
        CREATE TABLE guarded (id int PRIMARY KEY);
        CREATE TRIGGER g BEFORE INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION no();
        CREATE TABLE child (id int PRIMARY KEY, guarded_id int NOT NULL REFERENCES guarded);
        CREATE TABLE empty (id int) PARTITION BY RANGE (id);
        CREATE TABLE strange (v text NOT NULL CHECK (md5(v) = 'no such thing'), w int);
        CREATE TABLE odd (v text CHECK (md5(v) = 'no such thing'), w int);
    """)
    filled = tables.fill()
    said = {each.table[1]: each.reason for each in filled.unfilled}
    assert said["guarded"] == "not into guarded"
    assert said["child"] == f"child_guarded_id_fkey refers to {tables.schema}.guarded, which holds no row"
    assert said["empty"] == "it has no partition"
    assert "strange_v_check" in said["strange"]
    assert set(said) == {"guarded", "child", "empty", "strange"}
    assert tables.column("odd", "w")[0] is not None


def test_a_child_is_filled_once_its_parent_can_be(tables: Tables) -> None:
    tables.run("""
        CREATE TABLE parent (id int PRIMARY KEY, v text NOT NULL CHECK (md5(v) = 'no such thing'));
        CREATE TABLE child (id int PRIMARY KEY, parent_id int NOT NULL REFERENCES parent);
    """)
    assert tables.unfilled(tables.fill()) == {"parent", "child"}
    tables.run("ALTER TABLE parent DROP CONSTRAINT parent_v_check")
    assert tables.fill("parent").unfilled == ()
    assert len(tables.rows("child")) == 3
