"""Revisions that only go wrong where tables hold rows, and downgrades that do not bring data back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from servers import Servers
from verifying_histories import verified

from migrator.findings import Severity
from migrator.verification.roundtrips import Outcome, VerifyReport


@dataclass(frozen=True)
class OnData:
    """A revision that meets rows, and the one weighty rule that is to be found; None: it is without a fault."""

    upgrade: str
    downgrade: str
    rule: str | None
    words: str = ""
    options: str = ""


START = """
op.execute("CREATE TABLE people (id integer PRIMARY KEY, name varchar(60) NOT NULL, age text, city text, town text)")
op.execute("ALTER TABLE people ADD COLUMN born date, ADD COLUMN died date, ADD COLUMN notes json")
op.execute("CREATE TABLE accounts (id uuid PRIMARY KEY)")
""".strip()

CASES: Mapping[str, OnData] = {
    "not_null_without_default": OnData(
        'op.add_column("people", sa.Column("kind", sa.Text, nullable=False))',
        'op.drop_column("people", "kind")',
        "upgrade-fails-on-data",
        'column "kind" of relation "people" contains null values',
    ),
    "unique_over_duplicates": OnData(
        'op.create_unique_constraint("people_city", "people", ["city"])',
        'op.drop_constraint("people_city", "people")',
        "upgrade-fails-on-data",
        "could not create unique index",
    ),
    "narrowed": OnData(
        'op.execute("ALTER TABLE people ALTER name TYPE varchar(5)")',
        'op.execute("ALTER TABLE people ALTER name TYPE varchar(60)")',
        "upgrade-fails-on-data",
        "value too long",
    ),
    "text_to_integer": OnData(
        'op.execute("ALTER TABLE people ALTER age TYPE integer USING age::integer")',
        'op.execute("ALTER TABLE people ALTER age TYPE text")',
        "upgrade-fails-on-data",
        "invalid input syntax for type integer",
    ),
    "way_back_over_nulls": OnData(
        'op.execute("ALTER TABLE people ADD COLUMN nick text")',
        'op.execute("ALTER TABLE people ALTER nick SET NOT NULL")\nop.drop_column("people", "nick")',
        "downgrade-fails-on-data",
        'column "nick" of relation "people" contains null values',
    ),
    "column_dropped": OnData(
        'op.drop_column("people", "born")',
        'op.add_column("people", sa.Column("born", sa.Date))',
        "downgrade-loses-data",
        "public.people.born",
    ),
    "column_dropped_and_accepted": OnData(
        'op.drop_column("people", "died")',
        'op.add_column("people", sa.Column("died", sa.Date))',
        None,
        options='migrator = RevisionOptions(loses_data="birthdays are not kept any more")',
    ),
    "rows_deleted": OnData(
        'op.execute("DELETE FROM people")', "pass", "downgrade-loses-data", "all rows lost: public.people"
    ),
    "rows_overwritten": OnData(
        "op.execute(\"UPDATE people SET town = 'Rome'\")", "pass", "downgrade-loses-data", "public.people.town"
    ),
    "json_written_anew": OnData(
        "op.execute(\"UPDATE people SET notes = json_build_object('row', notes -> 'row')\")", "pass", None
    ),
    "json_changed": OnData(
        "op.execute(\"UPDATE people SET notes = json_build_object('rows', notes -> 'row')\")",
        "pass",
        "downgrade-loses-data",
        "public.people.notes",
    ),
    "named_after_the_key": OnData(
        'op.execute("ALTER TABLE accounts ADD COLUMN name text")\n'
        'op.execute("UPDATE accounts SET name = left(id::text, 8)")\n'
        'op.create_unique_constraint("accounts_name", "accounts", ["name"])',
        'op.drop_column("accounts", "name")',
        None,
    ),
    "new_table": OnData(
        'op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True),'
        ' sa.Column("owner", sa.Integer, sa.ForeignKey("people.id"), nullable=False))',
        'op.drop_table("pets")',
        None,
    ),
    "filled_before_it_is_required": OnData(
        'op.execute("ALTER TABLE people ADD COLUMN rank integer")\nop.execute("UPDATE people SET rank = 1")\n'
        'op.execute("ALTER TABLE people ALTER rank SET NOT NULL")',
        'op.drop_column("people", "rank")',
        None,
    ),
    "refusal_passed_over": OnData(
        'try:\n    op.create_unique_constraint("people_town", "people", ["town"])\nexcept Exception:\n    pass',
        'op.drop_constraint("people_town", "people")',
        "upgrade-fails-on-data",
        "DETAIL:  Key (town)=(Rome) is duplicated. (the revision went on after it, in a transaction",
    ),
    "way_forward_only": OnData(
        'op.execute("DROP TABLE pets")',
        'raise NotImplementedError("the pets are gone")',
        None,
        options='migrator = RevisionOptions(one_way="nobody has pets")',
    ),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> VerifyReport:
    start = (START, 'op.drop_table("accounts")\nop.drop_table("people")')
    return verified(tmp_path_factory.mktemp("with-data"), servers.profile("embedded-18"), start, CASES)


@pytest.mark.parametrize("name", CASES)
def test_what_only_rows_show(report: VerifyReport, name: str) -> None:
    case = CASES[name]
    (verdict,) = [each for each in report.verdicts if each.revision == name]
    weighty = [each for each in verdict.findings if each.severity is not Severity.NOTICE]
    assert [each.rule for each in weighty] == ([case.rule] if case.rule else []), [each.message for each in weighty]
    assert case.words in "".join(each.message for each in weighty)
    if "one_way" in case.options:
        assert (verdict.outcome, verdict.reason, verdict.timing.down) == (Outcome.ONE_WAY, "nobody has pets", None)
    if "loses_data" in case.options:
        (notice,) = verdict.findings
        assert (notice.rule, notice.cause) == ("downgrade-loses-data", "accepted: birthdays are not kept any more")


def test_without_data_only_the_schema_counts(report: VerifyReport) -> None:
    assert report.with_data
    assert report.unfilled == ()
    assert report.rebuilt <= 1
