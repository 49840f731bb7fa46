"""What makes two runs exclude each other, and how a lock's session introduces itself."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.database.lock.mutex import digest, holder_name
from migrator.database.lock.sqlite import SqliteMutex
from migrator.database.state import VersionTable
from migrator.events import LockHolder

TABLE = VersionTable()


@pytest.mark.parametrize(
    "other",
    [
        digest("other", None, TABLE),
        digest("shop", "app", TABLE),
        digest("shop", None, VersionTable("versions")),
        digest("shop", None, VersionTable("alembic_version", "audit")),
    ],
)
def test_another_database_schema_or_version_table_is_another_lock(other: bytes) -> None:
    assert other != digest("shop", None, TABLE)


def test_a_schema_is_the_same_wherever_it_is_configured() -> None:
    assert digest("shop", "app", TABLE) == digest("shop", None, VersionTable("alembic_version", "app"))
    assert digest("shop", "public", VersionTable("alembic_version", "app")) == digest("shop", "app", TABLE)


def test_the_name_fits_what_postgresql_keeps() -> None:
    assert str(os.getpid()) in holder_name("migrator")
    assert len(holder_name("ü" * 80).encode()) <= 63


def test_a_holder_in_words() -> None:
    assert str(LockHolder(session="process 7")) == "process 7"
    known = LockHolder(session="process 7", application="migrator", user="app", client="pod", connected_seconds=3.2)
    assert str(known) == "process 7 (migrator, user app, from pod, connected for 3 s)"
    migrates = replace(known, since_seconds=12.4, revision="ab12cd")
    assert str(migrates) == "process 7 (migrator, user app, from pod), migrating for 12 s, at ab12cd"


def test_a_file_lock_excludes_within_a_process_too_and_leaves_nothing(tmp_path: Path) -> None:
    first, second = SqliteMutex(tmp_path / "db"), SqliteMutex(tmp_path / "db")
    assert first.take()
    assert not second.take()
    holder = second.holder()
    assert holder is not None
    assert holder.session == f"process {os.getpid()}"
    first.release()
    assert second.take()
    assert second.is_held()
    assert not first.is_held()
    second.release()
    second.release()
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_was_removed_under_the_lock_is_no_lock(tmp_path: Path) -> None:
    lock = SqliteMutex(tmp_path / "db")
    assert lock.take()
    next(tmp_path.iterdir()).unlink()
    assert not lock.is_held()
    lock.release()
