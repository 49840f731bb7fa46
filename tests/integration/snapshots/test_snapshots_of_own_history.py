"""After every revision of this repository: pg_dump shows a change whenever the snapshot does, and the reverse."""

from __future__ import annotations

import io

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from dumping import dump, entries
from servers import REPOSITORY

from migrator.database.connecting import connect
from migrator.database.snapshot.comparing import compare
from migrator.database.snapshot.model import Snapshot
from migrator.database.snapshot.reading import read_snapshot
from migrator.profiles.model import Profile

_MERGE = "96d0e7b2f45a"


def test_whenever_a_revision_changes_the_dump_it_changes_the_snapshot(
    local_database: Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MIGRATOR_ENV", "ci")
    for name, value in {
        "DB_HOST": local_database.host,
        "DB_PORT": str(local_database.port),
        "DB_NAME": local_database.database,
        "DB_USER": local_database.user,
    }.items():
        monkeypatch.setenv(name, str(value))
    config = Config(toml_file=REPOSITORY / "pyproject.toml", stdout=io.StringIO())
    revisions = [each.revision for each in ScriptDirectory.from_config(config).walk_revisions()]
    after_merge = revisions[: revisions.index(_MERGE)]
    changes = []
    before = look(local_database)
    for move, goal in [
        *((command.upgrade, revision) for revision in reversed(revisions)),
        *((command.downgrade, "-1") for _ in after_merge),
    ]:
        move(config, goal)
        after = look(local_database)
        found = compare(before[1], after[1], column_order=True)
        assert bool(found) == (before[0] != after[0]), (move.__name__, goal, found)
        changes.append(len(found))
        before = after
    assert 0 in changes  # revisions that only move rows
    assert sum(bool(number) for number in changes) > 12


def look(profile: Profile) -> tuple[list[str], Snapshot]:
    """What pg_dump and the snapshot say."""
    told = [entry for entry in entries(dump(profile, "embedded-18")) if "alembic_version" not in entry]
    with connect(profile) as reader:
        return sorted(told), read_snapshot(reader, leave_out=frozenset({"alembic_version"}))
