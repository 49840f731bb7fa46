"""An unstamped database is stamped only when it is proved which revision it is."""

from __future__ import annotations

import pytest
from drifters import opened, rows_of, run_sql, with_history
from projects import TinyProject

from migrator.errors import ExitCode, Refused, UsageError
from migrator.execution.stamping import StampRequest
from migrator.execution.upgrading import upgrade
from migrator.profiles.model import Profile
from migrator.verification.adopt import AdoptRequest, NotAdopted, adopt, require_schema_of

ROWS = "SELECT version_num FROM alembic_version ORDER BY 1"


def unstamped(project: TinyProject, profile: Profile, at: str) -> None:
    upgrade(opened(project), at)
    run_sql(profile, "DELETE FROM alembic_version")


@pytest.mark.parametrize("at", ["r1", "r2", "heads"])
def test_revision_is_found_and_stamped(at: str, project: TinyProject, database: Profile) -> None:
    with_history(project, database)
    unstamped(project, database, at)
    report = adopt(opened(project), AdoptRequest())
    wanted = "orders" if at == "heads" else at
    assert report.revisions == (wanted,)
    assert report.compared == 3
    assert rows_of(database, ROWS) == [(wanted,)]


def test_dry_run_and_protected_profile_write_nothing(at_head: TinyProject, local_database: Profile) -> None:
    run_sql(local_database, "DELETE FROM alembic_version")
    assert adopt(opened(at_head), AdoptRequest(dry_run=True)).revisions == ("orders",)
    with pytest.raises(Refused):
        adopt(opened(at_head, MIGRATOR_PROTECTED="true"), AdoptRequest())
    assert rows_of(local_database, ROWS) == []
    adopt(opened(at_head, MIGRATOR_PROTECTED="true"), AdoptRequest(confirmed=True))
    assert rows_of(local_database, ROWS) == [("orders",)]


def test_nearest_revisions_are_named_with_what_differs(at_head: TinyProject, local_database: Profile) -> None:
    run_sql(local_database, "DELETE FROM alembic_version", "DROP TABLE orders", "CREATE INDEX by_hand ON users (age)")
    with pytest.raises(NotAdopted) as raised:
        adopt(opened(at_head), AdoptRequest())
    assert raised.value.exit_code is ExitCode.VERIFICATION
    first, second, third, _, differing = raised.value.details[:5]
    assert first == "nearest: r2  age of users (1 difference)"
    assert [second.split()[1], third.split()[1]] == ["r1", "orders"]
    assert "by_hand" in differing
    assert rows_of(local_database, ROWS) == []


def test_revisions_that_a_schema_cannot_tell_apart_are_asked_about(
    at_head: TinyProject, local_database: Profile
) -> None:
    at_head.revision("rows", 'op.execute("INSERT INTO users (id) VALUES (1)")', "pass", message="first user")
    run_sql(local_database, "DELETE FROM alembic_version")
    with pytest.raises(NotAdopted, match="2 revisions have the schema") as raised:
        adopt(opened(at_head), AdoptRequest())
    assert [line.split()[0] for line in raised.value.details] == ["orders", "rows"]
    assert adopt(opened(at_head), AdoptRequest(revision="orders")).compared == 1
    assert rows_of(local_database, ROWS) == [("orders",)]


def test_empty_revisions_are_no_question(at_head: TinyProject, local_database: Profile) -> None:
    at_head.revision("marker", "pass", "pass", message="release 2")
    run_sql(local_database, "DELETE FROM alembic_version")
    assert adopt(opened(at_head), AdoptRequest()).revisions == ("marker",)


def test_branch_of_a_history_with_two_heads_is_found(project: TinyProject, local_database: Profile) -> None:
    with_history(project, local_database)
    project.revision("invoices", parent="r2")
    unstamped(project, local_database, "invoices")
    assert adopt(opened(project), AdoptRequest()).revisions == ("invoices",)
    unstamped(project, local_database, "heads")
    assert adopt(opened(project), AdoptRequest()).revisions == ("invoices", "orders")


def test_stamped_and_empty_databases_are_not_adopted(at_head: TinyProject, local_database: Profile) -> None:
    with pytest.raises(UsageError, match="stamped already"):
        adopt(opened(at_head), AdoptRequest())
    run_sql(local_database, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")
    with pytest.raises(UsageError, match="empty"):
        adopt(opened(at_head), AdoptRequest())


def test_stamp_with_proof_refuses_another_schema(at_head: TinyProject, local_database: Profile) -> None:
    run_sql(local_database, "UPDATE alembic_version SET version_num = 'r1'")
    assert require_schema_of(opened(at_head), StampRequest(targets=("head",))) == ("orders",)
    with pytest.raises(NotAdopted, match="not that of r2") as raised:
        require_schema_of(opened(at_head), StampRequest(targets=("r2",), purge=True))
    assert any("table public.orders" in line for line in raised.value.details)
