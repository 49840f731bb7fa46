"""Functions, procedures, aggregates, views, triggers, rules, event triggers."""

from __future__ import annotations

from schema_pairs.pair import TABLE, Pair

_FUNCTION = "CREATE FUNCTION f(x integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'"
_NOTE = "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; "
_TRIGGER = "CREATE TRIGGER tr BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION note()"
_TRIGGERED = TABLE + _NOTE + _TRIGGER + "; "
_VIEW = TABLE + "CREATE VIEW v AS SELECT a, b FROM t; "
_STORED = TABLE + "CREATE MATERIALIZED VIEW m AS SELECT a, b FROM t; "
_RULE = "CREATE RULE ru AS ON DELETE TO t DO INSTEAD NOTHING"
_WATCHING = "CREATE FUNCTION watch() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; "
_EVENT = "CREATE EVENT TRIGGER PAIR_et ON ddl_command_end WHEN TAG IN ('SECURITY LABEL') EXECUTE FUNCTION watch()"


def _function(name: str, change: str) -> Pair:
    return Pair(name, "", f"ALTER FUNCTION f {change}", "function PAIR.f(integer)", base=_FUNCTION + "; ")


def _trigger(name: str, after: str) -> Pair:
    return Pair(name, _TRIGGER, after, "trigger PAIR.t.tr", base=TABLE + _NOTE)


PAIRS = (
    _function("volatility", "STABLE"),
    _function("strict", "STRICT"),
    _function("security definer", "SECURITY DEFINER"),
    _function("parallel", "PARALLEL SAFE"),
    _function("leakproof", "LEAKPROOF"),
    _function("cost", "COST 7"),
    _function("settings of a function", "SET work_mem = '1MB'"),
    Pair(
        "body of a function", _FUNCTION, _FUNCTION.replace("SELECT 1", "SELECT 2"), "function PAIR.f(integer)", base=""
    ),
    Pair(
        "default of an argument",
        _FUNCTION,
        _FUNCTION.replace("x integer", "x integer DEFAULT 3"),
        "function PAIR.f(integer)",
        base="",
    ),
    Pair(
        "overloaded",
        _FUNCTION,
        _FUNCTION + "; " + _FUNCTION.replace("x integer", "x text"),
        "function PAIR.f(text)",
        base="",
    ),
    Pair(
        "comment on a function", "", "COMMENT ON FUNCTION f IS 'x'", "function PAIR.f(integer)", base=_FUNCTION + "; "
    ),
    Pair(
        "procedure",
        "",
        "CREATE PROCEDURE pr(x integer) LANGUAGE sql AS 'SELECT 1'",
        "procedure PAIR.pr(integer)",
        base="",
    ),
    Pair(
        "body in standard SQL",
        "",
        "CREATE FUNCTION s() RETURNS bigint BEGIN ATOMIC SELECT count(*) FROM t; END",
        "function PAIR.s()",
    ),
    Pair(
        "aggregate",
        "",
        "CREATE AGGREGATE ag(integer) (SFUNC = int4pl, STYPE = integer)",
        "aggregate PAIR.ag(integer)",
        base="",
    ),
    Pair(
        "first value of an aggregate",
        "CREATE AGGREGATE ag(integer) (SFUNC = int4pl, STYPE = integer)",
        "CREATE AGGREGATE ag(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '7')",
        "aggregate PAIR.ag(integer)",
        base="",
    ),
    Pair(
        "text of a view",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE VIEW v AS SELECT a FROM t WHERE b > 0",
        "view PAIR.v",
    ),
    Pair("columns of a view", "CREATE VIEW v AS SELECT a FROM t", "CREATE VIEW v AS SELECT a, b FROM t", "view PAIR.v"),
    Pair("security barrier", "", "ALTER VIEW v SET (security_barrier)", "view PAIR.v", base=_VIEW),
    Pair("check option", "", "ALTER VIEW v SET (check_option = local)", "view PAIR.v", base=_VIEW),
    Pair("default of a view", "", "ALTER VIEW v ALTER COLUMN a SET DEFAULT 'x'", "column PAIR.v.a", base=_VIEW),
    Pair("comment on a column of a view", "", "COMMENT ON COLUMN v.a IS 'x'", "column PAIR.v.a", base=_VIEW),
    Pair("comment on a view", "", "COMMENT ON VIEW v IS 'x'", "view PAIR.v", base=_VIEW),
    Pair(
        "recursive view",
        "",
        "CREATE RECURSIVE VIEW v (n) AS SELECT 1 UNION ALL SELECT n + 1 FROM v WHERE n < 9",
        "view PAIR.v",
    ),
    Pair(
        "view or materialized view",
        "CREATE VIEW v AS SELECT 1 AS x",
        "CREATE MATERIALIZED VIEW v AS SELECT 1 AS x",
        "materialized view PAIR.v",
    ),
    Pair("index of a materialized view", "", "CREATE INDEX ix ON m (a)", "index PAIR.m.ix", base=_STORED),
    Pair(
        "parameters of a materialized view",
        "",
        "ALTER MATERIALIZED VIEW m SET (fillfactor = 50)",
        "materialized view PAIR.m",
        base=_STORED,
    ),
    Pair(
        "statistics of a materialized view",
        "",
        "ALTER MATERIALIZED VIEW m ALTER a SET STATISTICS 9",
        "column PAIR.m.a",
        base=_STORED,
    ),
    Pair(
        "not populated",
        "",
        "REFRESH MATERIALIZED VIEW m WITH NO DATA",
        "materialized view PAIR.m",
        base=_STORED,
        dump_is_silent="pg_dump --schema-only makes every materialized view without data",
    ),
    _trigger("time of a trigger", _TRIGGER.replace("BEFORE", "AFTER")),
    _trigger("events of a trigger", _TRIGGER.replace("INSERT", "INSERT OR UPDATE OF a")),
    _trigger("condition of a trigger", _TRIGGER.replace("EXECUTE", "WHEN (NEW.b > 0) EXECUTE")),
    _trigger("for each statement", _TRIGGER.replace("ROW", "STATEMENT")),
    Pair(
        "constraint trigger",
        "",
        "CREATE CONSTRAINT TRIGGER ct AFTER INSERT ON t DEFERRABLE FOR EACH ROW EXECUTE FUNCTION note()",
        "trigger PAIR.t.ct",
        base=TABLE + _NOTE,
    ),
    Pair("trigger disabled", "", "ALTER TABLE t DISABLE TRIGGER tr", "trigger PAIR.t.tr", base=_TRIGGERED),
    Pair("trigger always", "", "ALTER TABLE t ENABLE ALWAYS TRIGGER tr", "trigger PAIR.t.tr", base=_TRIGGERED),
    Pair("comment on a trigger", "", "COMMENT ON TRIGGER tr ON t IS 'x'", "trigger PAIR.t.tr", base=_TRIGGERED),
    Pair(
        "trigger of one partition disabled",
        "",
        "ALTER TABLE p1 DISABLE TRIGGER tr",
        "trigger PAIR.p1.tr",
        base="CREATE TABLE p (id integer) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p DEFAULT; "
        + _NOTE
        + "CREATE TRIGGER tr AFTER INSERT ON p FOR EACH ROW EXECUTE FUNCTION note(); ",
    ),
    Pair("rule", "", _RULE, "rule PAIR.t.ru"),
    Pair("text of a rule", _RULE, _RULE.replace("TO t", "TO t WHERE OLD.b > 0"), "rule PAIR.t.ru"),
    Pair("rule disabled", "", "ALTER TABLE t DISABLE RULE ru", "rule PAIR.t.ru", base=TABLE + _RULE + "; "),
    Pair("event trigger", "", _EVENT, "event trigger PAIR_et", base=_WATCHING),
    Pair(
        "event trigger disabled",
        "",
        "ALTER EVENT TRIGGER PAIR_et DISABLE",
        "event trigger PAIR_et",
        base=_WATCHING + _EVENT + "; ",
    ),
    Pair(
        "tags of an event trigger",
        _EVENT,
        _EVENT.replace("SECURITY LABEL", "DROP CAST"),
        "event trigger PAIR_et",
        base=_WATCHING,
    ),
)
