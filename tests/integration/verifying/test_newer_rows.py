"""Rows that only upgrade() allows: a downgrade() that stops at them, or does not keep them, is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from servers import Servers
from verifying_histories import verified

from migrator.findings import Severity
from migrator.verification.roundtrips import Outcome, VerifyReport

FAILS = "downgrade-fails-on-new-data"
LOSES = "downgrade-loses-new-data"


@dataclass(frozen=True)
class Looser:
    """A revision that allows more than was allowed, and what is found of its way back; None: nothing."""

    upgrade: str
    downgrade: str
    rule: str | None
    words: str = ""
    remedy: str = ""
    options: str = ""


START = """
op.execute("CREATE TYPE mood AS ENUM ('glad', 'sad')")
op.execute("CREATE TABLE teams (id integer PRIMARY KEY)")
op.execute('''CREATE TABLE people (
  id integer PRIMARY KEY, nick text NOT NULL, city text NOT NULL, pet text NOT NULL, hobby text NOT NULL,
  zone text NOT NULL,
  email varchar(40) CONSTRAINT people_email UNIQUE, phone varchar(20), code varchar(10), zip varchar(5), size smallint,
  mood mood, feeling mood, kind text CONSTRAINT people_kind CHECK (kind IN ('a', 'b')),
  age integer CONSTRAINT people_age CHECK (age > 0), slug text UNIQUE, name text UNIQUE,
  team_id integer NOT NULL REFERENCES teams, boss_id integer NOT NULL REFERENCES teams)''')
""".strip()

CASES: Mapping[str, Looser] = {
    "not_null_dropped": Looser(
        'op.alter_column("people", "nick", nullable=True)',
        'op.alter_column("people", "nick", nullable=False)',
        FAILS,
        'NULL in public.people.nick): IntegrityError: column "nick" of relation "people" contains null values',
        "UPDATE people SET nick = ... WHERE nick IS NULL",
    ),
    "not_null_filled_again": Looser(
        'op.alter_column("people", "city", nullable=True)',
        "op.execute(\"UPDATE people SET city = '' WHERE city IS NULL\")\n"
        'op.alter_column("people", "city", nullable=False)',
        None,
    ),
    "rows_with_null_deleted": Looser(
        'op.alter_column("people", "pet", nullable=True)',
        'op.execute("DELETE FROM people WHERE pet IS NULL")\nop.alter_column("people", "pet", nullable=False)',
        LOSES,
        "NULL in public.people.pet: its row is deleted",
    ),
    "looked_for": Looser(
        'op.alter_column("people", "hobby", nullable=True)',
        'if op.get_bind().scalar(sa.text("SELECT count(*) FROM people WHERE hobby IS NULL")):\n'
        '    raise ValueError("give everybody a hobby first")\n'
        'op.alter_column("people", "hobby", nullable=False)',
        FAILS,
        "ValueError: give everybody a hobby first",
        "Nothing",
    ),
    "put_in_words_of_its_own": Looser(
        'op.alter_column("people", "zone", nullable=True)',
        'try:\n    op.alter_column("people", "zone", nullable=False)\n'
        'except Exception:\n    raise RuntimeError("it does not work")',
        FAILS,
        "NULL in public.people.zone): RuntimeError: it does not work",
        "UPDATE people SET zone",
    ),
    "all_rows_are_back": Looser(
        'number = op.get_bind().scalar(sa.text("SELECT count(*) FROM people"))\n'
        'if number != 4:\n    raise ValueError("a row is missing")',
        "pass",
        None,
    ),
    "unique_dropped": Looser(
        'op.drop_constraint("people_email", "people")',
        'op.create_unique_constraint("people_email", "people", ["email"])',
        FAILS,
        "two rows alike in public.people.email): IntegrityError: could not create unique index",
        "DELETE FROM people WHERE",
    ),
    "unique_with_another_column": Looser(
        'op.drop_constraint("people_slug_key", "people")\n'
        'op.create_unique_constraint("people_slug_name", "people", ["slug", "name"])',
        'op.drop_constraint("people_slug_name", "people")\n'
        'op.create_unique_constraint("people_slug_key", "people", ["slug"])',
        FAILS,
        "two rows alike in public.people.slug",
    ),
    "widened": Looser(
        'op.alter_column("people", "phone", type_=sa.String(40))',
        'op.alter_column("people", "phone", type_=sa.String(20))',
        FAILS,
        "a value that the former type cannot hold in public.people.phone): DataError: value too long",
        "UPDATE people SET phone = ... WHERE",
    ),
    "widened_and_cut": Looser(
        'op.execute("ALTER TABLE people ALTER code TYPE text")',
        'op.execute("ALTER TABLE people ALTER code TYPE varchar(10) USING left(code, 10)")',
        LOSES,
        "public.people.code: the value is replaced",
    ),
    "cut_as_accepted": Looser(
        'op.execute("ALTER TABLE people ALTER zip TYPE text")',
        'op.execute("ALTER TABLE people ALTER zip TYPE varchar(5) USING left(zip, 5)")',
        LOSES,
        "public.people.zip: the value is replaced",
        options='migrator = RevisionOptions(loses_data="codes of abroad are not kept")',
    ),
    "larger_number": Looser(
        'op.execute("ALTER TABLE people ALTER size TYPE integer")',
        'op.execute("ALTER TABLE people ALTER size TYPE smallint")',
        FAILS,
        "smallint out of range",
    ),
    "enum_value_added": Looser(
        "with op.get_context().autocommit_block():\n    op.execute(\"ALTER TYPE mood ADD VALUE 'calm'\")",
        "op.execute(\"ALTER TYPE mood RENAME TO was\")\nop.execute(\"CREATE TYPE mood AS ENUM ('glad', 'sad')\")\n"
        'for column in ("mood", "feeling"):\n'
        '    op.execute(f"ALTER TABLE people ALTER {column} TYPE mood USING {column}::text::mood")\n'
        'op.execute("DROP TYPE was")',
        FAILS,
        "a label that was none in public.people.mood; a label that was none in public.people.feeling): "
        'DataError: invalid input value for enum mood: "calm"',
        "UPDATE people SET feeling = ... WHERE feeling IN ('calm')",
    ),
    "check_wider": Looser(
        'op.drop_constraint("people_kind", "people")\n'
        "op.create_check_constraint(\"people_kind\", \"people\", \"kind IN ('a', 'b', 'c')\")",
        'op.drop_constraint("people_kind", "people")\n'
        'op.create_check_constraint("people_kind", "people", "kind IN (\'a\', \'b\')")',
        FAILS,
        'check constraint "people_kind" of relation "people" is violated by some row',
    ),
    "check_dropped": Looser(
        'op.drop_constraint("people_age", "people")',
        'op.create_check_constraint("people_age", "people", "age > 0")',
        FAILS,
        "a value outside of the former condition in public.people.age",
        "NOT ((age > 0))",
    ),
    "failure_passed_over": Looser(
        'op.alter_column("people", "team_id", nullable=True)',
        'try:\n    op.alter_column("people", "team_id", nullable=False)\nexcept Exception:\n    pass',
        FAILS,
        'NULL in public.people.team_id): IntegrityError: column "team_id" of relation "people" contains null values',
    ),
    "one_way": Looser(
        'op.alter_column("people", "boss_id", nullable=True)',
        'op.alter_column("people", "boss_id", nullable=False)',
        None,
        options='migrator = RevisionOptions(one_way="bosses are gone")',
    ),
    "strict_again": Looser(
        'op.alter_column("people", "nick", nullable=False)\n'
        'op.alter_column("people", "pet", nullable=False)\n'
        'op.alter_column("people", "phone", type_=sa.String(20))\n'
        'op.create_unique_constraint("people_email", "people", ["email"])\n'
        'op.create_unique_constraint("people_slug_key", "people", ["slug"])\n'
        'op.create_check_constraint("people_age", "people", "age > 0")',
        'op.drop_constraint("people_age", "people")\n'
        'op.drop_constraint("people_slug_key", "people")\n'
        'op.drop_constraint("people_email", "people")\n'
        'op.alter_column("people", "phone", type_=sa.String(40))\n'
        'op.alter_column("people", "pet", nullable=True)\n'
        'op.alter_column("people", "nick", nullable=True)',
        None,
    ),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> VerifyReport:
    start = (START, 'op.drop_table("people")\nop.drop_table("teams")\nop.execute("DROP TYPE mood")')
    return verified(tmp_path_factory.mktemp("newer-rows"), servers.profile("embedded-18"), start, CASES)


@pytest.mark.parametrize("name", CASES)
def test_what_only_newer_rows_show(report: VerifyReport, name: str) -> None:
    case = CASES[name]
    (verdict,) = [each for each in report.verdicts if each.revision == name]
    assert [each.rule for each in verdict.findings] == ([case.rule] if case.rule else []), [
        each.message for each in verdict.findings
    ]
    for finding in verdict.findings:
        assert case.words in finding.message
        assert case.remedy in (finding.remedy or "")
        is_notice = case.rule == LOSES or name == "looked_for"
        assert finding.severity is (Severity.NOTICE if is_notice else Severity.WARNING)
        if "loses_data" in case.options:
            assert finding.cause == "accepted: codes of abroad are not kept"
    if "one_way" in case.options:
        assert verdict.outcome is Outcome.ONE_WAY


def test_nothing_is_built_anew_for_them_and_nothing_stays(report: VerifyReport) -> None:
    assert report.rebuilt == 0
    assert report.unfilled == ()
