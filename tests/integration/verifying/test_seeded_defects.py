"""A history with one defect of each kind: each is found, told rightly, and hides none of the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from projects import TinyProject, make_project
from servers import Servers
from verifying_histories import prepared

from migrator.errors import ExitCode
from migrator.findings import Severity
from migrator.project import open_project
from migrator.verification.roundtrips import Outcome, VerifyReport, VerifyRequest, verify


@dataclass(frozen=True)
class Defect:
    """A revision with a defect, and what is to be found of it."""

    upgrade: str
    downgrade: str
    rules: frozenset[str]
    words: str
    remedy: str = ""


START = """
op.execute("CREATE TABLE users (id integer PRIMARY KEY, name text NOT NULL, email varchar(80), team_id integer)")
op.execute("CREATE TABLE teams (id integer PRIMARY KEY, name text)")
op.execute("ALTER TABLE users ADD CONSTRAINT users_team FOREIGN KEY (team_id) REFERENCES teams (id)")
op.execute("CREATE UNIQUE INDEX users_email ON users (email) WHERE email <> ''")
op.execute("CREATE FUNCTION answer() RETURNS integer LANGUAGE sql AS 'SELECT 41'")
""".strip()
START_BACK = 'op.execute("DROP FUNCTION answer()")\nop.drop_table("users")\nop.drop_table("teams")'

DEFECTS: Mapping[str, Defect] = {
    "index_left": Defect(
        'op.create_index("users_name", "users", ["name"])',
        "pass",
        frozenset({"downgrade-leaves", "upgrade-again-fails"}),
        "leaves behind",
        'op.drop_index("users_name", table_name="users")',
    ),
    "enum_left": Defect(
        "op.execute(\"CREATE TYPE mood AS ENUM ('glad', 'sad')\")\nop.execute(\"CREATE TABLE pets (mood mood)\")",
        'op.drop_table("pets")',
        frozenset({"downgrade-leaves", "upgrade-again-fails"}),
        "enum public.mood",
        "DROP TYPE",
    ),
    "index_without_where": Defect(
        'op.drop_index("users_email", "users")',
        'op.create_index("users_email", "users", ["email"], unique=True)',
        frozenset({"downgrade-changes"}),
        "index public.users_email on users",
        "WHERE",
    ),
    "not_null_lost": Defect(
        'op.alter_column("users", "name", nullable=True)',
        "pass",
        frozenset({"downgrade-changes"}),
        "column public.users.name",
        "NOT NULL",
    ),
    "foreign_key_lost": Defect(
        'op.drop_constraint("users_team", "users", type_="foreignkey")',
        "pass",
        frozenset({"downgrade-loses", "upgrade-again-fails"}),
        "constraint public.users_team on users",
        "FOREIGN KEY (team_id) REFERENCES",
    ),
    "another_type_back": Defect(
        'op.alter_column("users", "email", type_=sa.Text())',
        'op.alter_column("users", "email", type_=sa.String(40))',
        frozenset({"downgrade-changes"}),
        "character varying(80)",
        "character varying(80)",
    ),
    "function_body_lost": Defect(
        "op.execute(\"CREATE OR REPLACE FUNCTION answer() RETURNS integer LANGUAGE sql AS 'SELECT 42'\")",
        "pass",
        frozenset({"downgrade-changes"}),
        "function public.answer()",
        "SELECT 41",
    ),
    "trigger_left": Defect(
        'op.execute("CREATE TRIGGER users_same BEFORE UPDATE ON users'
        ' FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()")',
        "pass",
        frozenset({"downgrade-leaves", "upgrade-again-fails"}),
        "trigger public.users_same on users",
        "DROP TRIGGER",
    ),
    "wrong_constraint_name": Defect(
        'op.create_unique_constraint("teams_name", "teams", ["name"])',
        'op.drop_constraint("uq_teams_name", "teams")',
        frozenset({"downgrade-fails"}),
        "uq_teams_name",
    ),
    "no_downgrade": Defect(
        'op.add_column("teams", sa.Column("lead", sa.Integer))',
        'raise NotImplementedError("not today")',
        frozenset({"no-way-back"}),
        "not today",
        "one_way=",
    ),
    "column_of_the_parent_dropped": Defect(
        'op.execute("ALTER TABLE users ADD COLUMN IF NOT EXISTS email varchar(80)")',
        'op.drop_column("users", "email")',
        frozenset({"downgrade-loses"}),
        "column public.users.email",
        "email",
    ),
    "rows_left": Defect(
        "op.execute(\"INSERT INTO teams (id, name) VALUES (100, 'first')\")",
        "pass",
        frozenset({"upgrade-again-fails"}),
        "teams_pkey",
    ),
}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> VerifyReport:
    folder: Path = tmp_path_factory.mktemp("seeded")
    project = make_project(folder / "project", folder / "home", style="sync")
    prepared(project, servers.profile("embedded-18"))
    project.revision("start", START, START_BACK)
    for name, defect in DEFECTS.items():
        project.revision(name, defect.upgrade, defect.downgrade)
    project.revision("clean")
    return verify(open_project(start=project.root, environ={}), VerifyRequest(with_data=False))


@pytest.mark.parametrize("name", DEFECTS)
def test_each_defect_is_found_and_told(report: VerifyReport, name: str) -> None:
    defect = DEFECTS[name]
    (verdict,) = [each for each in report.verdicts if each.revision == name]
    weighty = [each for each in verdict.findings if each.severity is not Severity.NOTICE]
    assert {each.rule for each in weighty} >= defect.rules
    told = [each for each in weighty if defect.words in each.message]
    assert told, [each.message for each in weighty]
    assert defect.remedy in "\n".join(str(each.remedy) for each in told)
    assert all(each.path and each.path.startswith(f"migrations/versions/{name}") for each in weighty)
    assert all((each.line or 0) > 1 and each.revision == name for each in weighty)


def test_nothing_else_is_found_and_none_hides_the_next(report: VerifyReport) -> None:
    assert [each.revision for each in report.verdicts] == ["start", *DEFECTS, "clean"]
    faulty = {each.revision for each in report.verdicts if each.outcome is Outcome.FAULTY}
    assert faulty == set(DEFECTS)
    assert report.exit_code == ExitCode.VERIFICATION


def test_a_failing_upgrade_ends_only_what_stands_on_it(history: TinyProject, opened: Callable[..., object]) -> None:
    history.revision("start")
    history.revision("broken", 'op.create_table("half", sa.Column("id", sa.Integer))\nop.drop_table("nowhere")')
    history.revision("above")
    history.revision("beside", parent="start")
    verdicts = verify(opened(history), VerifyRequest(with_data=False)).verdicts
    outcomes = {each.revision: each.outcome for each in verdicts}
    assert outcomes == {
        "start": Outcome.EXACT,
        "broken": Outcome.FAULTY,
        "above": Outcome.NOT_REACHED,
        "beside": Outcome.EXACT,
    }
    (broken,) = [each for each in verdicts if each.revision == "broken"]
    (finding,) = broken.findings
    assert (finding.rule, finding.severity) == ("upgrade-fails", Severity.ERROR)
    assert 'table "nowhere" does not exist' in finding.message
    assert finding.where.endswith(".py:19")
