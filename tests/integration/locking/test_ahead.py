"""``MIGRATOR_IF_AHEAD``: what an older image does on a database that a newer one has migrated."""

from __future__ import annotations

import pytest
from processes import version
from projects import TinyProject

from migrator.profiles.model import Profile


@pytest.fixture
def rolled_back(project: TinyProject, local_database: Profile) -> TinyProject:
    """A project on a database at r2, whose files end with r1."""
    project.use(local_database)
    project.revision("r1")
    newest = project.revision("r2")
    assert project.run("upgrade").returncode == 0
    newest.unlink()
    return project


def test_it_fails_unless_told_otherwise(rolled_back: TinyProject) -> None:
    done = rolled_back.run("upgrade")
    assert done.returncode == 11
    assert "MIGRATOR_IF_AHEAD=warn" in done.stderr


@pytest.mark.parametrize("target", ["heads", "head"])
def test_warn_passes_with_a_warning(rolled_back: TinyProject, local_database: Profile, target: str) -> None:
    done = rolled_back.run("upgrade", target, "--quiet", env={"MIGRATOR_IF_AHEAD": "warn"})
    assert (done.returncode, done.stdout) == (
        0,
        "Nothing to do: the database is at r2, which is ahead of this code.\n",
    )
    assert done.stderr.startswith("Warning: the database is at r2, which this code does not know")
    assert version(local_database) == ["r2"]


def test_ok_passes_and_says_so_on_stdout_only(rolled_back: TinyProject) -> None:
    done = rolled_back.run("upgrade", "--quiet", env={"MIGRATOR_IF_AHEAD": "ok"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "which is ahead of this code" in done.stdout
    as_json = rolled_back.run("upgrade", "--format", "json", env={"MIGRATOR_IF_AHEAD": "ok"}).json
    assert as_json["outcome"] == "nothing to do"
    assert as_json["databases"][0]["ahead"] is True


@pytest.mark.parametrize("command", [["upgrade", "r1"], ["upgrade", "+1"], ["downgrade", "base"]], ids=" ".join)
def test_it_is_about_upgrades_to_the_heads_only(rolled_back: TinyProject, command: list[str]) -> None:
    assert rolled_back.run(*command, env={"MIGRATOR_IF_AHEAD": "ok"}).returncode == 11


def test_a_database_that_has_diverged_fails_all_the_same(rolled_back: TinyProject, local_database: Profile) -> None:
    from migrator.database.connecting import connect

    with connect(local_database) as connection:
        connection.execute("INSERT INTO alembic_version VALUES ('r1')")
    assert rolled_back.run("upgrade", env={"MIGRATOR_IF_AHEAD": "ok"}).returncode == 9
