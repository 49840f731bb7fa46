"""What a difference is called, which ones are excused, and which lines are offered."""

from __future__ import annotations

import ast

import pytest

from migrator.chain.model import Body, Revision
from migrator.database.snapshot.comparing import compare
from migrator.database.snapshot.model import Kind, ObjectKey, SchemaObject, Snapshot
from migrator.findings import Finding, Severity
from migrator.verification.roundtrips.judging import not_undone, rows_not_kept
from migrator.verification.roundtrips.suggesting import missing_lines
from migrator.verification.rows.contents import Loss, RowDifference

REVISION = Revision(id="ab12", doc="Add pets", path="versions/ab12.py", line=3, downgrade_line=20)
TABLE = ObjectKey(Kind.TABLE, "public", "pets")
COLUMN = ObjectKey(Kind.COLUMN, "public", "name", "pets")
INDEX = ObjectKey(Kind.INDEX, "shop", "pets_name", "pets")
CHECK = ObjectKey(Kind.CONSTRAINT, "public", "pets_size", "pets")
OTHER_CHECK = ObjectKey(Kind.CONSTRAINT, "public", "pets_size_check", "pets")
ENUM = ObjectKey(Kind.ENUM, "public", "mood")
EXTENSION = ObjectKey(Kind.EXTENSION, None, "hstore")


def snapshot(*objects: tuple[ObjectKey, dict[str, str]]) -> Snapshot:
    return Snapshot("postgresql", {key: SchemaObject(key, facets) for key, facets in objects})


def judged(before: Snapshot, after: Snapshot, revision: Revision = REVISION) -> list[Finding]:
    return list(not_undone(revision, compare(before, after), compare(after, before), "postgresql"))


NOTHING = snapshot((TABLE, {}))
WITH_INDEX = snapshot((TABLE, {}), (INDEX, {"definition": "CREATE INDEX pets_name ON shop.pets USING btree (name)"}))


def test_what_is_left_is_told_with_the_line_that_removes_it() -> None:
    (finding,) = judged(NOTHING, WITH_INDEX)
    assert (finding.rule, finding.severity) == ("downgrade-leaves", Severity.WARNING)
    assert finding.message.startswith("downgrade() of ab12 (Add pets) leaves behind index shop.pets_name on pets")
    assert finding.remedy == 'op.drop_index("pets_name", table_name="pets", schema="shop")'
    assert finding.where == "versions/ab12.py:20"


def test_what_is_lost_is_told_with_the_line_that_makes_it() -> None:
    (finding,) = judged(WITH_INDEX, NOTHING)
    assert finding.rule == "downgrade-loses"
    assert finding.remedy == 'op.execute("CREATE INDEX pets_name ON shop.pets USING btree (name)")'


def test_an_empty_downgrade_is_called_so() -> None:
    empty = Revision(id="ab12", path="versions/ab12.py", downgrade=Body.EMPTY, downgrade_line=20)
    (finding,) = judged(NOTHING, WITH_INDEX, empty)
    assert finding.message.startswith("downgrade() of ab12 does nothing, and leaves behind index")


@pytest.mark.parametrize(
    ("before", "after", "pardon"),
    [
        (snapshot(), snapshot((EXTENSION, {"version": "1.8"})), "an extension"),
        (snapshot((ENUM, {"labels": "'a', 'b'"})), snapshot((ENUM, {"labels": "'a', 'new', 'b'"})), "remove a value"),
        (
            snapshot((CHECK, {"definition": "CHECK (size > 0)", "validity": "not valid"})),
            snapshot((CHECK, {"definition": "CHECK (size > 0)"})),
            "validated",
        ),
        (
            snapshot((CHECK, {"definition": "CHECK (size > 0)"})),
            snapshot((OTHER_CHECK, {"definition": "CHECK (size > 0)"})),
            "another name",
        ),
    ],
    ids=["extension", "enum value", "validated", "renamed"],
)
def test_what_no_downgrade_can_undo_is_a_notice(before: Snapshot, after: Snapshot, pardon: str) -> None:
    found = judged(before, after)
    assert found
    assert {finding.severity for finding in found} == {Severity.NOTICE}
    assert all(pardon in str(finding.cause) for finding in found)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (snapshot((EXTENSION, {})), snapshot()),
        (snapshot((ENUM, {"labels": "'a', 'b'"})), snapshot((ENUM, {"labels": "'b', 'a'"}))),
        (snapshot((ENUM, {"labels": "'a', 'b'"})), snapshot((ENUM, {"labels": "'a'"}))),
        (snapshot((ENUM, {"labels": "'a'"})), snapshot((ENUM, {"labels": "'a', 'b'", "comment": "x"}))),
        (
            snapshot((CHECK, {"definition": "CHECK (a)"})),
            snapshot((CHECK, {"definition": "CHECK (a)", "validity": "not valid"})),
        ),
        (snapshot((CHECK, {"definition": "CHECK (a)"})), snapshot((OTHER_CHECK, {"definition": "CHECK (b)"}))),
        (snapshot((COLUMN, {"type": "text", "nullable": "no"})), snapshot((COLUMN, {"type": "text"}))),
    ],
    ids=["extension gone", "order of values", "value gone", "comment too", "not validated", "other check", "nullable"],
)
def test_what_a_downgrade_could_undo_is_a_defect(before: Snapshot, after: Snapshot) -> None:
    assert {finding.severity for finding in judged(before, after)} == {Severity.WARNING}


def test_labels_with_commas_are_told_apart() -> None:
    before = snapshot((ENUM, {"labels": "'a, b', 'it''s'"}))
    assert judged(before, snapshot((ENUM, {"labels": "'b', 'a', 'it''s'"})))[0].severity is Severity.WARNING


def test_lines_are_python_whatever_the_statements_hold() -> None:
    body = 'CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$\nSELECT \'a\\n\' || """x"""\n$$'
    key = ObjectKey(Kind.FUNCTION, "public", "f()")
    wanted = compare(snapshot(), snapshot((key, {"definition": body})))
    (call,) = ast.parse(missing_lines(wanted, "postgresql")).body
    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    assert ast.literal_eval(call.value.args[0]).strip().removesuffix(";") == body


def test_lost_rows_are_a_notice_where_the_revision_accepts_it() -> None:
    lost = RowDifference(Loss.VALUES_LOST, ("public", "pets"), "name", 2, "id=1: 'Rex' is NULL")
    (defect,) = rows_not_kept(REVISION, [lost], accepted=None)
    (notice,) = rows_not_kept(REVISION, [lost], accepted="names are secret now")
    assert (defect.severity, notice.severity) == (Severity.WARNING, Severity.NOTICE)
    assert notice.cause == "accepted: names are secret now"
    assert "values lost: public.pets.name in 2 rows" in defect.message
