"""The live database against what its own history builds: what is found, what is not, and that nothing is written."""

from __future__ import annotations

import threading
from contextlib import closing

import pytest
from drifters import opened, run_sql, with_history, written_file
from projects import TinyProject

from migrator.database.connecting import DatabaseError, connect
from migrator.database.lock.holding import migration_lock
from migrator.database.state import VersionTable
from migrator.errors import AheadOfCode, ConfigurationError, ExitCode, LockNotObtained
from migrator.events import LockAwaited
from migrator.execution.revising import RevisionWish
from migrator.execution.upgrading import upgrade
from migrator.profiles.model import Profile
from migrator.report.drift import drift_as_dict, drift_as_text
from migrator.verification.drift.detecting import find_drift
from migrator.verification.drift.live import reading_only
from migrator.verification.drift.model import DriftReport, DriftRequest


def drift_of(project: TinyProject, **settings: str) -> DriftReport:
    return find_drift(opened(project, **settings), DriftRequest())


def objects(report: DriftReport) -> list[str]:
    return [str(each.difference.key) for each in report.drifted]


@pytest.mark.parametrize("at", ["base", "r1", "heads"])
def test_database_that_was_only_upgraded_has_no_drift_wherever_it_is(
    at: str, project: TinyProject, database: Profile
) -> None:
    with_history(project, database)
    if at != "base":
        upgrade(opened(project), at)
    report = drift_of(project)
    assert objects(report) == [], drift_as_text(opened(project), report)
    assert report.exit_code is ExitCode.DONE
    assert report.pending == {"base": 3, "r1": 2, "heads": 0}[at]


def test_what_was_changed_by_hand_is_found_with_statements_that_take_it_back(
    project: TinyProject, database: Profile
) -> None:
    with_history(project, database)
    upgrade(opened(project), "r2")
    run_sql(database, "DROP INDEX ix_users_email" + (" ON users" if database.dialect == "mysql" else ""))
    run_sql(database, "CREATE TABLE by_hand (id integer PRIMARY KEY)", "ALTER TABLE users ADD COLUMN nick varchar(20)")
    report = drift_of(project)
    assert {each.difference.key.name for each in report.drifted} == {"by_hand", "nick", "ix_users_email"}
    assert report.exit_code is ExitCode.VERIFICATION
    assert report.pending == 1
    # In the order of the report, which is not that of dependencies: these three do not depend on each other.
    run_sql(database, *(statement for each in report.drifted for statement in each.to_database))
    assert objects(drift_of(project)) == []


def test_live_database_is_read_in_a_transaction_that_cannot_write(local_database: Profile) -> None:
    with closing(connect(local_database)) as connection:
        with reading_only(connection, local_database):
            assert connection.fetch("SELECT current_setting('transaction_isolation')") == [("repeatable read",)]
            with pytest.raises(DatabaseError, match="read-only transaction"):
                connection.execute("CREATE TABLE written (id integer)")
        connection.execute("CREATE TABLE written (id integer)")


def test_report_names_the_object_both_sides_and_the_statements(at_head: TinyProject, local_database: Profile) -> None:
    run_sql(local_database, "ALTER TABLE users ALTER COLUMN age SET DEFAULT 18")
    project = opened(at_head)
    report = find_drift(project, DriftRequest())
    text = drift_as_text(project, report)
    assert "column public.users.age: default: none in the history, 18 in the database" in text
    assert "to take the database back:\n         ALTER TABLE public.users ALTER COLUMN age DROP DEFAULT;" in text
    assert "to have it in the history:\n         ALTER TABLE public.users ALTER COLUMN age SET DEFAULT 18;" in text
    body = drift_as_dict(project, report)
    assert body["schema"] == "migrator/drift/1"
    assert body["exit_code"] == 9
    (difference,) = body["differences"]  # type: ignore[misc]
    assert difference["object"] == {"kind": "column", "schema": "public", "table": "users", "name": "age"}
    assert difference["facets"] == [{"name": "default", "history": None, "database": "18"}]


def test_revision_written_for_a_drift_makes_the_history_like_the_database_and_passes_there(
    at_head: TinyProject, local_database: Profile
) -> None:
    run_sql(
        local_database,
        "CREATE TYPE mood AS ENUM ('sad', 'it''s ok')",
        "CREATE TABLE by_hand (id integer PRIMARY KEY, at text DEFAULT '12:30', m mood)",
        "ALTER TABLE users ADD CONSTRAINT adult CHECK (age > 17) NOT VALID",
        "CREATE FUNCTION one() RETURNS text LANGUAGE plpgsql AS $$\nBEGIN\n  RETURN 'a:b %';\nEND\n$$",
        "DROP INDEX ix_users_email",
        "CREATE INDEX ix_users_email ON users (lower(email)) WHERE age > 17",
    )
    before = set(at_head.versions.glob("*.py"))
    report = find_drift(opened(at_head), DriftRequest(write=RevisionWish(message="made by hand")))
    assert report.findings == ()
    source = written_file(at_head, before).read_text()
    (written,) = report.written
    assert written.parents == ("orders",)
    assert "op.execute(" in source
    # The database that drifted goes through the revision like every other; what is there already is left alone.
    upgrade(opened(at_head))
    after = drift_of(at_head)
    assert after.revisions == (written.id,)
    assert objects(after) == [], drift_as_text(opened(at_head), after)


def test_downgrade_of_such_a_revision_takes_it_back(at_head: TinyProject, local_database: Profile) -> None:
    run_sql(local_database, "ALTER TABLE users ADD COLUMN nick text", "CREATE INDEX by_hand ON users (nick)")
    find_drift(opened(at_head), DriftRequest(write=RevisionWish(message="made by hand")))
    upgrade(opened(at_head))
    done = at_head.run("downgrade", "-1", "--yes")
    assert done.returncode == 0, done.stderr
    assert objects(drift_of(at_head)) == []


def test_privileges_are_compared_only_when_asked(at_head: TinyProject, local_database: Profile) -> None:
    run_sql(local_database, "GRANT SELECT ON users TO PUBLIC")
    assert objects(drift_of(at_head)) == []
    asked = find_drift(opened(at_head), DriftRequest(privileges=True))
    assert objects(asked) == ["table public.users"]


def test_patterns_leave_out_what_they_fit_and_are_findings_when_stale_or_without_reason(
    at_head: TinyProject, local_database: Profile
) -> None:
    run_sql(local_database, "CREATE INDEX tmp_a ON users (age)", "CREATE TABLE by_hand (id integer)")
    (at_head.root / "pyproject.toml").write_text(
        "[tool.migrator.drift]\n"
        "ignore = [\n"
        '  { object = "index public.users.tmp_*", reason = "made by the nightly report" },\n'
        '  { object = "table public.by_*" },\n'
        '  { object = "view *", reason = "gone" },\n'
        "]\n"
    )
    report = drift_of(at_head)
    assert objects(report) == []
    assert [str(each.difference.key) for each in report.ignored] == ["table public.by_hand", "index public.users.tmp_a"]
    assert [(each.rule, each.where) for each in report.findings] == [
        ("drift-ignored-without-reason", "pyproject.toml:4"),
        ("drift-ignore-stale", "pyproject.toml:5"),
    ]
    assert report.exit_code is ExitCode.FINDINGS
    run_sql(local_database, "DROP TABLE users")
    assert "table public.users" in objects(drift_of(at_head))


def test_revision_that_this_code_does_not_have_is_said(at_head: TinyProject, local_database: Profile) -> None:
    run_sql(local_database, "UPDATE alembic_version SET version_num = 'from_tomorrow'")
    with pytest.raises(AheadOfCode, match="from_tomorrow") as raised:
        drift_of(at_head)
    assert raised.value.exit_code == 11


def test_database_without_version_row_is_for_adopt(at_head: TinyProject, local_database: Profile) -> None:
    run_sql(local_database, "DELETE FROM alembic_version")
    with pytest.raises(ConfigurationError) as raised:
        drift_of(at_head)
    assert raised.value.remedy is not None
    assert "migrator adopt" in raised.value.remedy


def test_migration_that_is_going_on_is_waited_for(at_head: TinyProject, local_database: Profile) -> None:
    project = opened(at_head, MIGRATOR_LOCK_WAIT="20")
    seen = threading.Event()
    reports: list[DriftReport] = []

    def listen(event: object) -> None:
        if isinstance(event, LockAwaited):
            seen.set()

    drifting = threading.Thread(target=lambda: reports.append(find_drift(project, DriftRequest(), listen)))
    lock = migration_lock(local_database, VersionTable(), limit=0, listen=listen)
    with lock, closing(connect(local_database)) as run:
        run.execute("CREATE TABLE half_way (id integer)")
        with pytest.raises(LockNotObtained, match="being migrated"):
            drift_of(at_head, MIGRATOR_LOCK_WAIT="0")
        drifting.start()
        assert seen.wait(20)
        run.execute("DROP TABLE half_way")
    drifting.join(60)
    assert [objects(report) for report in reports] == [[]]
