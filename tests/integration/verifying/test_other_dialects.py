"""Round trips on MariaDB, which takes no schema change back, and on SQLite, which has no server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from projects import TinyProject, make_project
from servers import Servers
from verifying_histories import prepared

from migrator.findings import Severity
from migrator.project import Project
from migrator.verification.roundtrips import Outcome, VerifyReport, VerifyRequest, verify

Opened = Callable[[TinyProject], Project]
PETS = 'op.create_table("pets", sa.Column("id", sa.Integer, primary_key=True), sa.Column("name", sa.String(20)))'


@pytest.fixture
def mariadb_history(tmp_path: Path, servers: Servers) -> TinyProject:
    project = make_project(tmp_path / "project", tmp_path / "home", style="sync")
    return prepared(project, servers.profile("mariadb"), driver="pymysql")


@pytest.fixture
def sqlite_history(tmp_path: Path, servers: Servers) -> TinyProject:
    project = make_project(tmp_path / "project", tmp_path / "home", style="sync")
    own = replace(servers.profile("sqlite"), driver="pysqlite", migration_driver="pysqlite", database="own.sqlite3")
    project.use(own)
    return project


def fill(project: TinyProject) -> None:
    project.revision("one")
    project.revision("pets", PETS, 'op.drop_table("pets")')
    project.revision(
        "half",
        'op.create_index("pets_name", "pets", ["name"])\nop.add_column("one", sa.Column("x", sa.Text))',
        'op.drop_index("pets_name", "pets")\nop.drop_table("nowhere")',
    )
    project.revision("index_left", 'op.create_index("pets_again", "pets", ["name"])', "pass")
    project.revision("way", 'op.add_column("pets", sa.Column("size", sa.Integer))', 'op.drop_column("pets", "size")')


def weighty(report: VerifyReport) -> dict[str, list[str]]:
    return {
        each.revision: [finding.rule for finding in each.findings if finding.severity is not Severity.NOTICE]
        for each in report.verdicts
    }


FOUND = {
    "one": [],
    "pets": [],
    "half": ["downgrade-fails"],
    "index_left": ["downgrade-leaves", "upgrade-again-fails"],
    "way": [],
}


def loosen(project: TinyProject, batch: str) -> None:
    """Each revision allows more, in batches where the server changes no column."""
    change = f'with op.batch_alter_table("people"{batch}) as people:\n    people.'
    project.revision(
        "people",
        'op.create_table("people", sa.Column("id", sa.Integer, primary_key=True),'
        ' sa.Column("nick", sa.String(20), nullable=False), sa.Column("city", sa.String(20), nullable=False),'
        ' sa.Column("kind", sa.String(5)), sa.CheckConstraint("kind IN (\'a\', \'b\')", name="people_kind"),'
        ' sa.UniqueConstraint("city", name="people_city"))',
        'op.drop_table("people")',
    )
    nick = 'alter_column("nick", existing_type=sa.String(20), nullable={})'
    project.revision("null", change + nick.format(True), change + nick.format(False))
    city = 'create_unique_constraint("people_city", ["city"])'
    project.revision("alike", change + 'drop_constraint("people_city", type_="unique")', change + city)
    kind = "create_check_constraint(\"people_kind\", \"kind IN ('a', 'b')\")"
    project.revision("kind", change + 'drop_constraint("people_kind", type_="check")', change + kind)
    project.revision("later", 'op.add_column("people", sa.Column("x", sa.Text))', 'op.drop_column("people", "x")')


@pytest.mark.parametrize("server", ["history", "mariadb_history", "sqlite_history"])
@pytest.mark.parametrize("last", [None, 1])
def test_a_history_that_does_not_make_its_first_tables_is_told_so(
    request: pytest.FixtureRequest, opened: Opened, server: str, last: int | None
) -> None:
    project: TinyProject = request.getfixturevalue(server)
    project.revision("first", 'op.add_column("metrics", sa.Column("step", sa.Integer))', "pass")
    project.revision("second")
    report = verify(opened(project), VerifyRequest(last=last))
    (finding,) = report.findings
    assert (finding.rule, finding.revision) == ("upgrade-fails", "first")
    assert "since no revision makes the table metrics: " in finding.message
    assert "--last and --since do not help" in (finding.cause or "")
    assert "makes metrics and all other tables of that time, and let first stand on it" in (finding.remedy or "")


def test_a_table_that_is_missing_beside_others_is_a_mistake_of_the_revision(
    history: TinyProject, opened: Opened
) -> None:
    history.revision("first")
    history.revision("second", 'op.add_column("metrics", sa.Column("step", sa.Integer))', "pass")
    (finding,) = verify(opened(history), VerifyRequest()).findings
    assert finding.remedy == "Correct upgrade()."


LOOSE = ["downgrade-fails-on-new-data"]
LOOSENED = {"people": [], "null": LOOSE, "alike": LOOSE, "kind": LOOSE, "later": []}


def test_mariadb_on_rows_that_only_the_newer_schema_allows(mariadb_history: TinyProject, opened: Opened) -> None:
    loosen(mariadb_history, "")
    report = verify(opened(mariadb_history), VerifyRequest())
    assert weighty(report) == LOOSENED, [each.message for each in report.findings]
    assert report.rebuilt == 0


def test_sqlite_on_rows_that_only_the_newer_schema_allows(sqlite_history: TinyProject, opened: Opened) -> None:
    loosen(sqlite_history, "")
    report = verify(opened(sqlite_history), VerifyRequest())
    assert weighty(report) == LOOSENED, [each.message for each in report.findings]
    assert report.rebuilt == 0


@pytest.mark.parametrize("server", ["mariadb_history", "sqlite_history"])
def test_a_downgrade_that_passes_over_such_rows_has_not_gone_down(
    request: pytest.FixtureRequest, opened: Opened, server: str
) -> None:
    project: TinyProject = request.getfixturevalue(server)
    loosen(project, "")
    change = 'with op.batch_alter_table("people") as people:\n    people.alter_column("nick", nullable={})'
    kept = change.format("False, existing_type=sa.String(20)").replace("\n", "\n    ")
    project.revision("strict", change.format("False, existing_type=sa.String(20)"), "pass")
    project.revision(
        "passes_over",
        change.format("True, existing_type=sa.String(20)"),
        f"try:\n    {kept}\nexcept Exception:\n    pass",
    )
    project.revision("last", 'op.add_column("people", sa.Column("y", sa.Text))', 'op.drop_column("people", "y")')
    report = verify(opened(project), VerifyRequest())
    (finding,) = [each for each in report.findings if each.revision == "passes_over"]
    assert finding.rule == "downgrade-fails-on-new-data"
    assert "NULL in people.nick): it raises nothing, and " in finding.message
    assert report.verdicts[-1].findings == ()


@pytest.mark.parametrize("with_data", [True, False], ids=["rows", "empty"])
def test_mariadb(mariadb_history: TinyProject, opened: Opened, with_data: bool) -> None:
    fill(mariadb_history)
    report = verify(opened(mariadb_history), VerifyRequest(with_data=with_data))
    assert weighty(report) == FOUND, [each.message for each in report.findings]
    assert report.rebuilt >= 1
    assert report.with_data is with_data


@pytest.mark.parametrize("with_data", [True, False], ids=["rows", "empty"])
def test_sqlite(sqlite_history: TinyProject, opened: Opened, with_data: bool) -> None:
    fill(sqlite_history)
    report = verify(opened(sqlite_history), VerifyRequest(with_data=with_data))
    assert weighty(report) == FOUND, [each.message for each in report.findings]
    assert not (sqlite_history.root / "own.sqlite3").exists()
    assert {each.outcome for each in report.verdicts} == {Outcome.EXACT, Outcome.FAULTY}
