"""The lock of an existing Alembic project: its own ``env.py`` makes the connections, and nothing in it changes."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from processes import INDEX, SLOW, end, eventually, lock_held, lock_sessions, rows, running, start, version
from projects import TinyProject

from migrator.database.urls import standalone_url
from migrator.profiles.model import Profile

PROCESSES = 6


def existing_project(root: Path, profile: Profile, *, template: str) -> TinyProject:
    """What ``alembic init`` makes, with the database's address in its ini file."""
    root.mkdir()
    config = Config(str(root / "alembic.ini"), stdout=StringIO())
    with redirect_stdout(StringIO()):
        command.init(config, str(root / "migrations"), template=template)
    url = standalone_url(profile, driver=profile.migration_driver).render_as_string(hide_password=False)
    ini = root / "alembic.ini"
    text = ini.read_text().replace("driver://user:pass@localhost/dbname", url.replace("%", "%%"))
    ini.write_text(text)
    return TinyProject(root, root.parent / "home")


def test_all_succeed_and_each_revision_is_applied_once(postgres_database: Profile, tmp_path: Path) -> None:
    template = "async" if postgres_database.migration_driver == "asyncpg" else "generic"
    project = existing_project(tmp_path / "theirs", postgres_database, template=template)
    project.revision("r1")
    project.revision("r2", INDEX, "pass")
    project.revision("r3", 'op.create_table("marks", sa.Column("word", sa.String(10)))', "pass")
    project.revision("r4", "op.execute(\"INSERT INTO marks VALUES ('once')\")", "pass")
    ended = [end(each) for each in [start(project, "upgrade") for _ in range(PROCESSES)]]
    assert [each.returncode for each in ended] == [0] * PROCESSES, "\n".join(each.stderr for each in ended)
    assert sum(each.stdout.startswith("Upgraded base -> r4") for each in ended) == 1
    assert version(postgres_database) == ["r4"]
    assert rows(postgres_database, "SELECT word FROM marks") == [("once",)]
    assert rows(postgres_database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_r1'::regclass") == [(True,)]
    assert lock_sessions(postgres_database) == []


@pytest.mark.parametrize("server", ["local", "mariadb", "sqlite"])
def test_it_is_the_same_lock_as_with_a_profile(server: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    database: Profile = request.getfixturevalue(f"{server}_database")
    project = existing_project(tmp_path / "theirs", database, template="async")
    project.revision("r1")
    with lock_held(database):
        refused = project.run("upgrade", "--lock-wait", "0")
        assert refused.returncode == 5, refused.stderr
        assert "the lock is held by" in refused.stderr
        refused = project.run("upgrade", env={"MIGRATOR_LOCK_WAIT": "500ms"})
        assert refused.returncode == 5, refused.stderr
        assert project.run("stamp", "r1", "--lock-wait", "0").returncode == 5
    assert project.run("upgrade").returncode == 0
    with lock_held(database):
        assert project.run("upgrade", "--lock-wait", "0").returncode == 0


def test_who_waits_finds_that_another_did_it(local_database: Profile, tmp_path: Path) -> None:
    project = existing_project(tmp_path / "theirs", local_database, template="async")
    project.revision("r1", SLOW.format(seconds=3), "pass")
    with running(project, "upgrade") as first:
        eventually(lambda: bool(lock_sessions(local_database)))
        second = project.run("upgrade")
        assert end(first).returncode == 0
    assert (second.returncode, second.stdout) == (
        0,
        "Nothing to do: another process brought the database to r1.\n",
    ), second.stderr
    assert "Waiting for the migration lock" in second.stderr


def test_a_server_that_env_py_does_not_reach_is_waited_for(local_database: Profile, tmp_path: Path) -> None:
    import dataclasses

    gone = dataclasses.replace(local_database, host="127.0.0.1", port=1)
    project = existing_project(tmp_path / "theirs", gone, template="async")
    project.revision("r1")
    done = project.run("upgrade", env={"MIGRATOR_WAIT_FOR_DB": "4"})
    assert done.returncode == 10, done.stderr
    # Long enough that the imports of the first attempt, on a busy machine, are over before the last one begins.
    assert "waited 4 s for it" in done.stderr
