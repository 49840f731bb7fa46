"""What ten pods do at a rollout: everybody upgrades at once, everything is applied once, everybody succeeds."""

from __future__ import annotations

import pytest
from processes import INDEX, end, rows, start, version
from projects import TinyProject

from migrator.profiles.model import Profile

PROCESSES = 8


def _history(project: TinyProject, index: str = INDEX) -> None:
    project.revision("r1")
    project.revision("r2", 'op.create_table("marks", sa.Column("word", sa.String(10)))', "pass")
    project.revision("r3", index, "pass")
    project.revision("r4", "op.execute(\"INSERT INTO marks VALUES ('once')\")", "pass")
    project.revision("r5", 'op.add_column("r1", sa.Column("name", sa.String(10)))', "pass")


def _upgrade_everywhere(project: TinyProject) -> list[str]:
    ended = [end(each) for each in [start(project, "upgrade") for _ in range(PROCESSES)]]
    assert [each.returncode for each in ended] == [0] * PROCESSES, "\n".join(each.stderr for each in ended)
    return sorted(each.stdout.split(":")[0].split(" in ")[0] for each in ended)


def test_all_succeed_and_each_revision_is_applied_once_on_postgresql(
    project: TinyProject, postgres_database: Profile
) -> None:
    """With an index built CONCURRENTLY, which a process that waits inside the server would block for ever."""
    project.use(postgres_database)
    _history(project)
    said = _upgrade_everywhere(project)
    assert said.count("Upgraded base -> r5") == 1
    assert said.count("Nothing to do") == PROCESSES - 1
    assert version(postgres_database) == ["r5"]
    assert rows(postgres_database, "SELECT word FROM marks") == [("once",)]
    assert rows(postgres_database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_r1'::regclass") == [(True,)]


@pytest.mark.parametrize("server", ["mariadb", "sqlite"])
def test_all_succeed_and_each_revision_is_applied_once_elsewhere(
    project: TinyProject, server: str, request: pytest.FixtureRequest
) -> None:
    database: Profile = request.getfixturevalue(f"{server}_database")
    project.use(database)
    _history(project, 'op.create_index("ix_r1", "r1", ["id"])')
    said = _upgrade_everywhere(project)
    assert said.count("Upgraded base -> r5") == 1
    assert said.count("Nothing to do") == PROCESSES - 1
    assert version(database) == ["r5"]
    assert rows(database, "SELECT word FROM marks") == [("once",)]
