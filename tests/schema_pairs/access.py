"""Privileges, policies, default privileges."""

from __future__ import annotations

from schema_pairs.pair import TABLE, Pair

READER = "migrator_test_reader"
_POLICY = "CREATE POLICY po ON t FOR SELECT USING (b > 0)"


def _policy(name: str, after: str) -> Pair:
    return Pair(name, _POLICY, after, "policy PAIR.t.po")


PAIRS = (
    Pair("policy", "", _POLICY, "policy PAIR.t.po"),
    _policy("command of a policy", _POLICY.replace("SELECT", "ALL")),
    _policy("restrictive", _POLICY.replace("FOR", "AS RESTRICTIVE FOR")),
    _policy("role of a policy", _POLICY.replace("USING", f"TO {READER} USING")),
    _policy("condition of a policy", _POLICY.replace("b > 0", "b > 1")),
    Pair(
        "check of a policy",
        "CREATE POLICY po ON t WITH CHECK (b > 0)",
        "CREATE POLICY po ON t WITH CHECK (b > 1)",
        "policy PAIR.t.po",
    ),
    Pair(
        "comment on a policy", "", "COMMENT ON POLICY po ON t IS 'x'", "policy PAIR.t.po", base=TABLE + _POLICY + "; "
    ),
    Pair("granted on a table", "", f"GRANT SELECT ON t TO {READER}", "table PAIR.t"),
    Pair("granted to everybody", "", "GRANT SELECT ON t TO PUBLIC", "table PAIR.t"),
    Pair(
        "grant option",
        f"GRANT SELECT ON t TO {READER}",
        f"GRANT SELECT ON t TO {READER} WITH GRANT OPTION",
        "table PAIR.t",
    ),
    Pair(
        "another privilege", f"GRANT SELECT ON t TO {READER}", f"GRANT SELECT, UPDATE ON t TO {READER}", "table PAIR.t"
    ),
    Pair("granted and revoked", "", f"GRANT SELECT ON t TO {READER}; REVOKE SELECT ON t FROM {READER}"),
    Pair("revoked from the owner", "", "REVOKE TRUNCATE ON t FROM CURRENT_USER", "table PAIR.t"),
    Pair("everything revoked", "", "REVOKE ALL ON t FROM CURRENT_USER", "table PAIR.t"),
    Pair("granted on a column", "", f"GRANT SELECT (a) ON t TO {READER}", "column PAIR.t.a"),
    Pair(
        "granted on a sequence",
        "",
        f"GRANT USAGE ON SEQUENCE s TO {READER}",
        "sequence PAIR.s",
        base="CREATE SEQUENCE s; ",
    ),
    Pair(
        "granted on a view",
        "",
        f"GRANT SELECT ON v TO {READER}",
        "view PAIR.v",
        base="CREATE VIEW v AS SELECT 1 AS x; ",
    ),
    Pair("granted on a schema", "", f"GRANT USAGE ON SCHEMA PAIR TO {READER}", "schema PAIR"),
    Pair(
        "granted on a type",
        "",
        f"GRANT USAGE ON TYPE e TO {READER}",
        "enum PAIR.e",
        base="CREATE TYPE e AS ENUM ('x'); ",
    ),
    Pair(
        "revoked on a function",
        "",
        "REVOKE EXECUTE ON FUNCTION f FROM PUBLIC",
        "function PAIR.f()",
        base="CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'; ",
    ),
    Pair(
        "default privileges on tables",
        "",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA PAIR GRANT SELECT ON TABLES TO {READER}",
        "default privileges PAIR.tables",
        base="",
    ),
    Pair(
        "default privileges on functions",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA PAIR GRANT EXECUTE ON FUNCTIONS TO {READER}",
        f"ALTER DEFAULT PRIVILEGES IN SCHEMA PAIR GRANT EXECUTE ON FUNCTIONS TO {READER} WITH GRANT OPTION",
        "default privileges PAIR.functions",
        base="",
    ),
)
