"""``migrator downgrade --from-ledger``: older code takes back what newer code has applied."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from ledgers import Remembered
from projects import TinyProject

from migrator.profiles.model import Profile


def restored_folders() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("migrator-ledger-*"))


def test_revisions_without_files_are_taken_back_with_their_stored_sources(remembered: Remembered) -> None:
    project = remembered.older(*remembered.files[1:])
    before = restored_folders()
    assert project.run("downgrade", "r001").returncode == 11
    done = project.run("downgrade", "head", "--from-ledger")
    assert done.returncode == 0, done.stderr
    assert "Downgraded r003 -> r001: 2 revisions" in done.stdout
    assert remembered.fetch("SELECT version_num FROM alembic_version") == [("r001",)]
    assert {"r002", "r003"}.isdisjoint(remembered.tables())
    assert "r001" in remembered.tables()
    assert restored_folders() == before
    assert remembered.history()[3:] == [("r003", "downgrade", "reverted"), ("r002", "downgrade", "reverted")]
    checksums = remembered.fetch(f"SELECT count(DISTINCT checksum) FROM {remembered.ledger()} GROUP BY revision")
    assert checksums == [(1,)] * 3
    assert project.run("upgrade").returncode == 0
    assert project.run("status").returncode == 0


def test_the_target_may_be_one_that_only_the_ledger_knows(remembered: Remembered) -> None:
    project = remembered.older(*remembered.files[1:])
    for target, left in (("-1", "r002"), ("r001", "r001"), ("base", None)):
        done = project.run("downgrade", target, "--from-ledger")
        assert done.returncode == 0, done.stderr
        assert remembered.fetch("SELECT version_num FROM alembic_version") == ([(left,)] if left else [])


def test_a_plan_can_be_looked_at_first(remembered: Remembered) -> None:
    project = remembered.older(remembered.files[2])
    done = project.run("downgrade", "r002", "--from-ledger", "--dry-run")
    assert (done.returncode, "1. downgrade r003  create r003" in done.stdout) == (0, True), done.stderr
    assert remembered.fetch("SELECT version_num FROM alembic_version") == [("r003",)]


def test_with_nothing_unknown_it_is_an_ordinary_downgrade(remembered: Remembered) -> None:
    project = remembered.upgraded()
    assert project.run("downgrade", "-1", "--from-ledger").returncode == 0
    assert remembered.fetch("SELECT version_num FROM alembic_version") == [("r002",)]


def test_a_source_that_is_not_stored_is_an_error_that_names_the_revision(remembered: Remembered) -> None:
    project = remembered.older(*remembered.files[1:])
    remembered.execute(f"UPDATE {remembered.ledger()} SET source = NULL WHERE revision = 'r002'")
    done = project.run("downgrade", "r001", "--from-ledger")
    assert done.returncode == 11
    assert "the ledger has no source of r002: this code cannot take it back" in done.stderr
    assert "--from-ledger" not in project.run("upgrade").stderr, "what cannot be done is not proposed"
    remembered.execute(f"DELETE FROM {remembered.ledger()} WHERE revision = 'r002'")
    done = project.run("downgrade", "r001", "--from-ledger")
    assert (done.returncode, "the ledger does not know r002" in done.stderr) == (11, True)


def test_a_source_that_was_changed_in_the_ledger_is_not_run(remembered: Remembered) -> None:
    project = remembered.older(remembered.files[2])
    other = f"(SELECT source FROM (SELECT source FROM {remembered.ledger()} WHERE revision = 'r001') o)"
    remembered.execute(f"UPDATE {remembered.ledger()} SET source = {other} WHERE revision = 'r003'")
    done = project.run("downgrade", "r002", "--from-ledger")
    assert (done.returncode, "the ledger's source of r003 is not what was applied" in done.stderr) == (9, True)
    remembered.execute(f"UPDATE {remembered.ledger()} SET source = 'x' WHERE revision = 'r003'")
    assert project.run("downgrade", "r002", "--from-ledger").returncode == 9
    assert remembered.fetch("SELECT version_num FROM alembic_version") == [("r003",)]


def test_a_downgrade_that_fails_leaves_no_folder(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    newest = project.revision("r2", "pass", 'op.execute("SELECT 1 / 0")')
    assert project.run("upgrade").returncode == 0
    newest.unlink()
    before = restored_folders()
    done = project.run("downgrade", "r1", "--from-ledger")
    assert (done.returncode, "division by zero" in done.stderr) == (7, True), done.stderr
    assert restored_folders() == before


def test_a_protected_profile_wants_it_confirmed(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database, MIGRATOR_PROTECTED="true")
    project.revision("r1")
    newest = project.revision("r2")
    assert project.run("upgrade").returncode == 0
    newest.unlink()
    assert project.run("downgrade", "r1", "--from-ledger").returncode == 6
    assert project.run("downgrade", "r1", "--from-ledger", "--yes").returncode == 0


@pytest.mark.parametrize("arguments", [["--sql"], []], ids=["sql", "two heads"])
def test_what_makes_no_sense_is_refused(project: TinyProject, sqlite_database: Profile, arguments: list[str]) -> None:
    project.use(sqlite_database)
    project.revision("r1", parent=None)
    project.revision("r2", parent=None)
    assert project.run("downgrade", "heads", "--from-ledger", *arguments).returncode == 2
