"""What the text of a statement tells, and what it may show."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.database.statements import LockClass, Nature, one_line, read_statement

DIALECTS = ("postgresql", "mysql", "mariadb", "sqlite", "oracle")


def _known(sql: str, dialect: str = "postgresql") -> dict[str, object]:
    """What differs from nothing known."""
    statement = read_statement(sql, dialect)
    names = ("table", "table_schema", "name", "name_schema", "new_name", "value")
    return {name: getattr(statement, name) for name in names if getattr(statement, name) is not None}


@pytest.mark.parametrize(
    ("nature", "sql"),
    [
        (Nature.READ, "SELECT 1"),
        (Nature.READ, "(SELECT a FROM t) UNION (SELECT b FROM u)"),
        (Nature.READ, "SELECT count(*), max(lower(a)) FROM t WHERE id IN (1, 2) AND EXISTS (SELECT 1) FOR UPDATE"),
        (Nature.READ, "SELECT pg_catalog.version(), current_schema(), to_regclass('t')"),
        (Nature.READ, "WITH x(a) AS (VALUES (1)) SELECT a FROM x AS y(b)"),
        (Nature.READ, "SELECT has_table_privilege('t', 'select')"),
        (Nature.READ, "SHOW server_version"),
        (Nature.READ, "EXPLAIN DELETE FROM t"),
        (Nature.READ, "PRAGMA table_info(t)"),
        (Nature.READ, "TABLE t"),
        (Nature.READ, "-- nothing"),
        (Nature.SETTING, "SET search_path TO a"),
        (Nature.SETTING, "RESET ALL"),
        (Nature.SETTING, "SELECT set_config('search_path', 'a', false)"),
        (Nature.SETTING, "SELECT pg_catalog.set_config('search_path', '', false)"),
        (Nature.SETTING, "PRAGMA foreign_keys = ON"),
        (Nature.TRANSACTION, "BEGIN"),
        (Nature.TRANSACTION, "START TRANSACTION READ ONLY"),
        (Nature.TRANSACTION, "COMMIT"),
        (Nature.TRANSACTION, "RELEASE SAVEPOINT a"),
        (Nature.DATA, "INSERT INTO t VALUES (1)"),
        (Nature.DATA, "WITH gone AS (DELETE FROM t RETURNING id) SELECT * FROM gone"),
        (Nature.DATA, "WITH a AS (SELECT 1) UPDATE t SET x = 1"),
        (Nature.DATA, "SELECT * INTO u FROM t"),
        (Nature.DATA, "SELECT nextval('s')"),
        (Nature.DATA, "SELECT setval('s', max(id)) FROM t"),
        (Nature.DATA, "SELECT pg_catalog.setval('s', 1)"),
        (Nature.DATA, "SELECT create_hypertable('t', 'at')"),
        (Nature.DATA, "SELECT * FROM partman.create_parent('t')"),
        (Nature.DATA, 'SELECT "Fix"(id) FROM t'),
        (Nature.DATA, "EXPLAIN ANALYZE DELETE FROM t"),
        (Nature.DATA, "EXPLAIN (ANALYZE, BUFFERS) UPDATE t SET a = 1"),
        (Nature.DATA, "COPY t FROM STDIN"),
        (Nature.PROGRAM, "CALL p()"),
        (Nature.PROGRAM, "DO $$ BEGIN END $$"),
        (Nature.PROGRAM, "EXECUTE q"),
        (Nature.PROGRAM, "CREATE TABLE a (id int); CREATE TABLE b (id int);"),
        (Nature.PROGRAM, "BEGIN dbms_output.put_line(1) END"),
        (Nature.PROGRAM, "what is this"),
        (Nature.SCHEMA, "/* a /* nested; */ b; */ CREATE TABLE a (id int);"),
        (Nature.SCHEMA, "COMMENT ON TABLE t IS 'a; b'"),
        (Nature.SCHEMA, "CREATE FUNCTION f() RETURNS int AS $x$ BEGIN; $$ ; $$ END; $x$ LANGUAGE plpgsql"),
        (Nature.SCHEMA, "CREATE RULE r AS ON INSERT TO t DO ALSO (INSERT INTO u VALUES (1); DELETE FROM v)"),
    ],
)
def test_the_nature_of_a_statement(nature: Nature, sql: str) -> None:
    assert read_statement(sql, "postgresql").nature is nature


@pytest.mark.parametrize(
    ("verb", "known", "sql"),
    [
        ("CREATE TABLE", {"table": "t", "table_schema": "s"}, "CREATE TABLE S.T (id int)"),
        ("CREATE TABLE", {"table": 'A "b"'}, 'create unlogged table if not exists "A ""b""" as select 1'),
        ("CREATE INDEX", {"table": "t"}, "CREATE INDEX ON t (a)"),
        ("CREATE INDEX CONCURRENTLY", {"name": "i", "table": "t", "table_schema": "s"},
         "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS i ON ONLY s.t (a)"),
        ("CREATE OR REPLACE VIEW", {"name": "v", "name_schema": "s"}, "CREATE OR REPLACE VIEW s.v AS SELECT 1"),
        ("CREATE MATERIALIZED VIEW", {"name": "v"}, "CREATE MATERIALIZED VIEW v AS SELECT 1"),
        ("CREATE TRIGGER", {"name": "x", "table": "t"}, "CREATE CONSTRAINT TRIGGER x AFTER UPDATE OF a, b ON t"),
        ("CREATE RULE", {"name": "r", "table": "t"}, "CREATE RULE r AS ON INSERT TO t DO INSTEAD NOTHING"),
        ("CREATE SCHEMA", {}, "CREATE SCHEMA AUTHORIZATION joe"),
        ("CREATE EXTENSION", {"name": "uuid-ossp"}, 'CREATE EXTENSION "uuid-ossp"'),
        ("ALTER TYPE ADD VALUE", {"name": "m", "name_schema": "s", "value": "it's"},
         "ALTER TYPE s.m ADD VALUE 'it''s' AFTER 'x'"),
        ("ALTER TYPE RENAME VALUE", {"name": "m", "value": "a", "new_name": "b"},
         "ALTER TYPE m RENAME VALUE 'a' TO 'b'"),
        ("ALTER TABLE ADD COLUMN", {"table": "t", "name": "c"}, "ALTER TABLE IF EXISTS ONLY t ADD c int"),
        ("ALTER TABLE ADD COLUMN", {"table": "t", "name": "key"}, "ALTER TABLE t ADD key text"),
        ("ALTER TABLE ADD CONSTRAINT", {"table": "t", "name": "c"}, "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0)"),
        ("ALTER TABLE ADD PRIMARY KEY", {"table": "t"}, "ALTER TABLE t ADD PRIMARY KEY (id)"),
        ("ALTER TABLE ADD FOREIGN KEY", {"table": "t"}, "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES b (c)"),
        ("ALTER TABLE ALTER COLUMN SET NOT NULL", {"table": "t", "name": "a"}, "ALTER TABLE t ALTER a SET NOT NULL"),
        ("ALTER TABLE ALTER COLUMN TYPE", {"table": "t", "name": "a"}, "ALTER TABLE t ALTER a SET DATA TYPE int"),
        ("ALTER TABLE VALIDATE CONSTRAINT", {"table": "t", "name": "c"}, "ALTER TABLE t VALIDATE CONSTRAINT c"),
        ("ALTER TABLE RENAME", {"table": "t", "new_name": "u"}, "ALTER TABLE t RENAME TO u"),
        ("ALTER TABLE RENAME COLUMN", {"table": "t", "name": "a", "new_name": "b"}, "ALTER TABLE t RENAME a TO b"),
        ("ALTER TABLE SET SCHEMA", {"table": "t", "new_name": "s"}, "ALTER TABLE t SET SCHEMA s"),
        ("ALTER TABLE DETACH PARTITION CONCURRENTLY", {"table": "p", "name": "q", "name_schema": "s"},
         "ALTER TABLE p DETACH PARTITION s.q CONCURRENTLY"),
        ("DROP INDEX CONCURRENTLY", {"name": "i", "name_schema": "s"}, "DROP INDEX CONCURRENTLY IF EXISTS s.i CASCADE"),
        ("REINDEX INDEX CONCURRENTLY", {"name": "i"}, "REINDEX (VERBOSE, CONCURRENTLY) INDEX i"),
        ("REINDEX TABLE CONCURRENTLY", {"table": "t"}, "REINDEX TABLE CONCURRENTLY t"),
        ("VACUUM FULL", {"table": "t"}, "VACUUM (ANALYZE, FULL true) t"),
        ("VACUUM", {"table": "t"}, "VACUUM (FULL false) t"),
        ("ROLLBACK TO SAVEPOINT", {}, "ROLLBACK TO a"),
        ("COMMIT", {}, "END TRANSACTION"),
    ],
)  # fmt: skip
def test_the_verb_and_the_names_of_a_statement(verb: str, known: dict[str, object], sql: str) -> None:
    assert (read_statement(sql, "postgresql").verb, _known(sql)) == (verb, known)


@pytest.mark.parametrize(
    ("verb", "known", "sql"),
    [
        ("ALTER TABLE CHANGE COLUMN", {"table": "T", "name": "a", "new_name": "B"}, "ALTER TABLE `T` CHANGE a `B` int"),
        ("ALTER TABLE ADD INDEX", {"table": "t", "name": "u"}, "ALTER TABLE t ADD UNIQUE KEY u (a)"),
        ("ALTER TABLE ADD INDEX", {"table": "t"}, "ALTER TABLE t ADD FULLTEXT (a)"),
        ("ALTER TABLE DROP FOREIGN KEY", {"table": "t", "name": "f"}, "ALTER TABLE t DROP FOREIGN KEY f"),
        ("ALTER TABLE RENAME", {"table": "t", "new_name": "u"}, "ALTER TABLE t RENAME u"),
        ("CREATE INDEX", {"table": "t", "name": "i"}, "CREATE INDEX i USING BTREE ON t (a)"),
        ("CREATE TRIGGER", {"table": "t", "name": "x"},
         "CREATE DEFINER=`a`@`%` TRIGGER x BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.a = 1; SET NEW.b = 2; END"),
        ("CREATE SCHEMA", {"name": "d"}, "CREATE DATABASE d # really; yes"),
        ("CREATE TABLE", {"table": "t"}, "/*!40101 CREATE TABLE t (a text DEFAULT 'it\\'s; fine') */"),
    ],
)  # fmt: skip
def test_the_verb_and_the_names_of_a_statement_of_mysql(verb: str, known: dict[str, object], sql: str) -> None:
    for dialect in ("mysql", "mariadb"):
        assert (read_statement(sql, dialect).verb, _known(sql, dialect)) == (verb, known)


@pytest.mark.parametrize(
    ("lock", "sql"),
    [
        (LockClass.STRONG, "ALTER TABLE t ADD COLUMN a int"),
        (LockClass.STRONG, "ALTER TABLE t VALIDATE CONSTRAINT c, ADD COLUMN a int"),
        (LockClass.STRONG, "CREATE TABLE t (a int REFERENCES u (id))"),
        (LockClass.STRONG, "DROP TYPE m"),
        (LockClass.STRONG, "DO $$ BEGIN ALTER TABLE t ADD COLUMN a int; END $$"),
        (LockClass.STRONG, "SELECT 1; TRUNCATE t"),
        (LockClass.ONLINE, "CREATE INDEX CONCURRENTLY i ON t (a)"),
        (LockClass.ONLINE, "ALTER TABLE t VALIDATE CONSTRAINT c"),
        (LockClass.ONLINE, "ALTER TABLE p DETACH PARTITION q FINALIZE"),
        (LockClass.ONLINE, "ANALYZE"),
        (LockClass.NONE, "CREATE TYPE m AS ENUM ('a')"),
        (LockClass.NONE, "ALTER TYPE m ADD VALUE 'b'"),
        (LockClass.NONE, "UPDATE t SET a = 1"),
        (LockClass.NONE, "DO $$ BEGIN UPDATE t SET a = 1; END $$"),
        (LockClass.NONE, "CREATE VIEW v AS SELECT 1"),
    ],
)
def test_the_lock_class_of_a_statement(lock: LockClass, sql: str) -> None:
    assert read_statement(sql, "postgresql").lock is lock


@pytest.mark.parametrize(
    ("sets", "sql"),
    [
        (True, "SET lock_timeout = '1s'"),
        (True, "SET LOCAL lock_timeout TO 0"),
        (True, "SELECT set_config('lock_timeout', '1s', true)"),
        (True, "SET lock_timeout = 1; SET statement_timeout = 1"),
        (False, "SET statement_timeout = '1s'"),
        (False, "SELECT set_config('search_path', 'a', true)"),
        (False, "INSERT INTO t VALUES ('lock_timeout')"),
    ],
)
def test_who_sets_a_lock_timeout_is_known(sets: bool, sql: str) -> None:
    assert read_statement(sql, "postgresql").sets_lock_timeout is sets


def test_the_lock_timeout_of_mysql_is_known() -> None:
    assert read_statement("SET SESSION lock_wait_timeout = 5", "mariadb").sets_lock_timeout


def test_several_actions_are_each_known_and_the_first_gives_the_verb() -> None:
    statement = read_statement(
        "ALTER TABLE t ADD a numeric(10, 2), DROP COLUMN IF EXISTS b, OWNER TO joe", "postgresql"
    )
    assert [part.verb for part in statement.parts] == [
        "ALTER TABLE ADD COLUMN",
        "ALTER TABLE DROP COLUMN",
        "ALTER TABLE OWNER",
    ]
    assert (statement.verb, statement.several_actions, statement.repeatable) == ("ALTER TABLE ADD COLUMN", True, False)


def test_several_statements_in_one_text_are_each_known() -> None:
    statement = read_statement("CREATE TABLE a (x int); -- and; then\nVACUUM;;", "postgresql")
    assert [part.verb for part in statement.parts] == ["CREATE TABLE", "VACUUM"]
    assert (statement.in_transaction, statement.several_actions, statement.commits) == (False, False, False)
    assert read_statement("BEGIN; DROP TABLE a; COMMIT", "postgresql").commits


def test_text_that_two_dialects_read_differently_is_read_as_its_own() -> None:
    sql = r"INSERT INTO t VALUES ('a\'; DROP TABLE t; --')"
    assert read_statement(sql, "mysql").nature is Nature.DATA
    assert read_statement(sql, "postgresql").nature is Nature.PROGRAM


@pytest.mark.parametrize(
    ("shown", "sql"),
    [
        ("SELECT a, b FROM t", "SELECT  a,\n\tb -- why\nFROM /* x\n/* y */ */ t"),
        ("UPDATE users SET mail = ... WHERE id1 = ...", "UPDATE users SET mail = 'a''@b' WHERE id1 = 4.5e7"),
        ("SELECT ..., ..., ...", "SELECT E'it\\'s', $x$ secret $$ $x$, 5"),
        ('SELECT "a 1", $1, %s, ?', 'SELECT "a 1", $1, %s, ?'),
        ("INSERT INTO t VALUES (...", "INSERT INTO t VALUES ('not closed, secret"),
        ("ALTER TABLE t ADD a varchar(...)", "ALTER TABLE t ADD a varchar(20)"),
        ("", "  -- nothing"),
    ],
)
def test_a_statement_is_shown_on_one_line_without_its_values(shown: str, sql: str) -> None:
    assert one_line(sql) == shown


def test_what_mysql_writes_in_double_quotes_is_a_value() -> None:
    assert one_line('UPDATE `t 1` SET a = "se\\"cret" # why', dialect="mysql") == "UPDATE `t 1` SET a = ..."


def test_a_long_statement_is_cut() -> None:
    shown = one_line("SELECT " + ", ".join(f"column_{n}" for n in range(99)), 40)
    assert shown == "SELECT column_0, column_1, column_2, co…"
    assert len(shown) == 40


_WORDS = (
    "CREATE", "ALTER", "TABLE", "INDEX", "DROP", "ADD", "CONSTRAINT", "COLUMN", "IF", "EXISTS", "ON", "RENAME", "TO",
    "SELECT", "WITH", "(", ")", ",", ";", "'", '"', "`", "$$", "$a$", "--", "/*", "*/", "\\", "#", "[", ".", "\n", "x",
    "BEGIN", "END", "CASE", "REINDEX", "VACUUM", "DETACH", "PARTITION", "TYPE", "VALUE", "SET", "EXPLAIN", "/*!", "E'",
)  # fmt: skip
_SQL = st.one_of(st.text(), st.lists(st.sampled_from(_WORDS), max_size=25).map(" ".join))


@given(sql=_SQL, dialect=st.sampled_from(DIALECTS))
def test_no_text_is_too_strange_to_be_read_or_shown(sql: str, dialect: str) -> None:
    read_statement(sql, dialect)
    shown = one_line(sql, 50, dialect)
    assert len(shown) <= 50
    assert "\n" not in shown


@given(secret=st.text(alphabet="ZÜ'\\$-/*\";` \n", min_size=1))
def test_no_value_is_ever_shown(secret: str) -> None:
    marked = f"Z{secret}"
    text = marked.replace("'", "''")
    assert "Z" not in one_line(f"INSERT INTO t VALUES ('{text}', 1)")
    escaped = marked.replace("\\", "\\\\").replace("'", "\\'").replace('"', '\\"')
    assert "Z" not in one_line(f"INSERT INTO t VALUES ('{escaped}', \"{escaped}\")", dialect="mysql")
    assert "Z" not in one_line(f"INSERT INTO t VALUES (E'{escaped}')")


@given(name=st.text(alphabet="aB \".'$é", min_size=1, max_size=20))
def test_a_quoted_name_is_read_as_it_was_meant(name: str) -> None:
    quoted = name.replace('"', '""')
    assert read_statement(f'DROP TABLE "s"."{quoted}"', "postgresql").table == name


@pytest.mark.parametrize("piece", ["'", "''", '"', "$", "$a$", "/*", "*/", "--", "(", "\\", "E'\\", "a", ";", "`"])
def test_the_time_that_reading_takes_grows_with_the_length_only(piece: str) -> None:
    for dialect in ("postgresql", "mysql"):
        started = time.monotonic()
        read_statement("SELECT " + piece * 50_000, dialect)
        one_line(piece * 50_000, 100, dialect)
        assert time.monotonic() - started < 10
