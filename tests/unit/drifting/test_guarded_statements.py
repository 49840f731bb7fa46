"""Statements of a drift's revision: harmless where they have been run, and Python that says the same."""

from __future__ import annotations

import ast

import pytest

from migrator.verification.drift.guarding import guarded
from migrator.verification.drift.writing import body


@pytest.mark.parametrize(
    ("statement", "safe"),
    [
        ("CREATE TABLE public.t (id integer)", "CREATE TABLE IF NOT EXISTS public.t (id integer)"),
        ("CREATE UNIQUE INDEX ix ON t (a)", "CREATE UNIQUE INDEX IF NOT EXISTS ix ON t (a)"),
        ("CREATE INDEX IF NOT EXISTS ix ON t (a)", "CREATE INDEX IF NOT EXISTS ix ON t (a)"),
        ("DROP VIEW public.v", "DROP VIEW IF EXISTS public.v"),
        ("CREATE VIEW v AS SELECT 1", "CREATE OR REPLACE VIEW v AS SELECT 1"),
        ('ALTER TABLE "a b".t ADD COLUMN c text', 'ALTER TABLE "a b".t ADD COLUMN IF NOT EXISTS c text'),
        ("ALTER TABLE ONLY t DROP CONSTRAINT c", "ALTER TABLE ONLY t DROP CONSTRAINT IF EXISTS c"),
        ("ALTER TYPE mood ADD VALUE 'x' AFTER 'a'", "ALTER TYPE mood ADD VALUE IF NOT EXISTS 'x' AFTER 'a'"),
        ("ALTER TABLE t ALTER COLUMN c SET DEFAULT 1", "ALTER TABLE t ALTER COLUMN c SET DEFAULT 1"),
        ("COMMENT ON TABLE t IS 'x'", "COMMENT ON TABLE t IS 'x'"),
    ],
)
def test_what_has_words_for_it_is_said_with_them(statement: str, safe: str) -> None:
    assert guarded(statement, "postgresql") == safe


@pytest.mark.parametrize(
    "statement",
    ["CREATE TYPE mood AS ENUM ('a')", "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1);", "CREATE POLICY p ON t"],
)
def test_what_has_none_passes_over_what_is_there_already(statement: str) -> None:
    safe = guarded(statement, "postgresql")
    assert safe.startswith(f"DO $guard$ BEGIN\n{statement.rstrip(';')};\nEXCEPTION WHEN duplicate_object")


def test_other_dialects_get_only_what_they_understand() -> None:
    assert guarded("CREATE INDEX ix ON t (a)", "mysql") == "CREATE INDEX ix ON t (a)"
    assert guarded("CREATE INDEX ix ON t (a)", "sqlite") == "CREATE INDEX IF NOT EXISTS ix ON t (a)"
    assert guarded("ALTER TABLE t ADD CONSTRAINT c CHECK (a > 1)", "mysql").startswith("ALTER TABLE t ADD CONSTRAINT")


def executed(source: str) -> list[str]:
    """What ``op.execute`` would be given, in order."""
    function = ast.parse(f"def upgrade():\n    {source}\n").body[0]
    assert isinstance(function, ast.FunctionDef)
    return [ast.literal_eval(each.value.args[0]) for each in function.body if isinstance(each, ast.Expr)]  # type: ignore[attr-defined]


def test_python_gives_back_the_statements_with_colons_that_are_no_parameters() -> None:
    several = (
        "CREATE OR REPLACE FUNCTION f() RETURNS text LANGUAGE sql AS $$\n  SELECT 'a\\b' || \"x\" || ':no'::text\n$$"
    )
    quoted = "COMMENT ON TABLE t IS 'it''s \"\"\" 12:30'"
    found = executed(body([several, quoted], "postgresql"))
    assert found == [several.replace("':no'", "'\\:no'"), quoted]


def test_remarks_stay_remarks_and_a_body_of_remarks_alone_is_python() -> None:
    source = body(["-- cannot be undone: a label of an enum"], "postgresql")
    assert source == "# cannot be undone: a label of an enum\n    pass"
    assert body([], "postgresql") == ""
