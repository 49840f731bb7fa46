"""``migrator check --env``: the files against what a database has applied."""

from __future__ import annotations

from typing import Any

from ledgers import Remembered
from projects import TinyProject

from migrator.profiles.model import Profile


def findings(project: TinyProject, code: int, *arguments: str) -> list[dict[str, Any]]:
    done = project.run("check", *(arguments or ("--env", "local")), "--format", "json")
    assert done.returncode == code, done.stdout + done.stderr
    return [each for each in done.json["findings"] if each["rule"].startswith("applied-")]


def test_an_edit_of_an_applied_revision_is_an_error_and_another_layout_of_it_is_nothing(remembered: Remembered) -> None:
    project = remembered.upgraded()
    assert findings(project, 0) == []
    first, second, _ = remembered.files
    second.write_text('"""Another message."""  # and a comment\n' + second.read_text().split('"""', 2)[2])
    assert findings(project, 0) == []
    first.write_text(first.read_text().replace("Integer", "BigInteger"))
    (edited,) = findings(project, 1)
    assert (edited["rule"], edited["severity"], edited["revision"]) == ("applied-edited", "error", "r001")
    assert edited["path"] == f"migrations/versions/{first.name}"
    assert edited["remedy"].endswith("migrator log --diff r001")
    assert findings(project, 0, "--chain") == []


def test_its_weight_is_the_teams_own(remembered: Remembered) -> None:
    project = remembered.upgraded()
    remembered.files[0].write_text(remembered.files[0].read_text().replace("Integer", "BigInteger"))
    toml = project.root / "pyproject.toml"
    toml.write_text('[tool.migrator]\nseverity = { "applied-edited" = "notice" }\n')
    assert [each["severity"] for each in findings(project, 0)] == ["notice"]
    toml.write_text(
        '[tool.migrator]\nignore = [{ rule = "applied-edited", revision = "r001", reason = "type is the same here" }]\n'
    )
    assert findings(project, 0) == []
    assert "stale-policy" not in project.run("check", "--chain").stdout


def test_an_applied_revision_without_a_file_is_a_warning(remembered: Remembered) -> None:
    project = remembered.older(remembered.files[2])
    (deleted,) = findings(project, 1)
    assert (deleted["rule"], deleted["severity"], deleted["revision"]) == ("applied-deleted", "warning", "r003")
    assert deleted["message"] == "Revision r003 (create r003) is applied, and not here."


def test_without_a_ledger_it_says_that_nothing_was_compared(project: TinyProject, sqlite_database: Profile) -> None:
    project.use(sqlite_database)
    project.revision("r1")
    done = project.run("check", "--env", "local", "--format", "json")
    assert any(reason.startswith("against the ledger: there is none in sqlite://") for reason in done.json["skipped"])
    assert "against the ledger" not in done.json["checked"]


def test_a_database_that_was_named_and_does_not_answer_is_no_success(
    project: TinyProject, local_database: Profile
) -> None:
    project.use(local_database, DB_NAME="there_is_no_such_database")
    project.revision("r1")
    assert project.run("check", "--env", "local").returncode == 10
    assert project.run("check", "--chain").returncode == 0
