"""A revision that does not get its locks is rolled back, told why, and tried again."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from projects import EXECUTABLE, TinyProject

from migrator.database.connecting import connect
from migrator.database.light import LightConnection
from migrator.profiles.model import Profile

TABLE = 'op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))'
ADD = 'op.add_column("t", sa.Column("a", sa.Integer))'


def fetch(profile: Profile, query: str) -> list[tuple[Any, ...]]:
    with connect(profile) as connection:
        return connection.fetch(query)


@contextmanager
def blocking(profile: Profile, statement: str = "SELECT count(*) FROM t") -> Iterator[LightConnection]:
    """A session of the application with an open transaction that has a lock on the table."""
    with connect(profile, application_name="shop", autocommit=False) as connection:
        connection.fetch(statement)
        yield connection
        connection.rollback()


class Upgrade:
    """A running upgrade, whose lines on stderr are read as they come."""

    def __init__(self, project: TinyProject, *arguments: str, **settings: str) -> None:
        environment = {"PATH": os.environ["PATH"], "HOME": str(project.home), "PYTHONUNBUFFERED": "1", **settings}
        self.process = subprocess.Popen(
            [str(EXECUTABLE), "upgrade", *arguments],
            cwd=project.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said = ""

    def until(self, is_there: Callable[[str], bool]) -> None:
        """Read until a line is there."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self.said += line
            if is_there(line):
                return
        raise AssertionError(self.said)

    def end(self) -> int:
        """Read to the end."""
        assert self.process.stderr is not None
        self.said += self.process.stderr.read()
        self.process.communicate(timeout=60)
        return self.process.returncode


def two_revisions(project: TinyProject, database: Profile, second: str = ADD, **settings: str) -> None:
    project.use(database, **settings)
    project.revision("r1", TABLE, "pass")
    assert project.run("upgrade").returncode == 0
    project.revision("r2", second, "pass")


def test_the_revision_is_tried_again_until_the_table_is_free(project: TinyProject, postgres_database: Profile) -> None:
    two_revisions(project, postgres_database, MIGRATOR_LOCK_TIMEOUT="300ms")
    with blocking(postgres_database) as application:
        upgrade = Upgrade(project)
        upgrade.until(lambda line: "did not get a lock in time" in line)
        application.rollback()
    assert upgrade.end() == 0, upgrade.said
    assert "shop" in upgrade.said, "the blocker is named"
    assert "idle in transaction" in upgrade.said
    assert fetch(postgres_database, "SELECT count(a) FROM t") == [(0,)]


def test_in_the_end_it_is_given_up_and_the_blocker_named(project: TinyProject, local_database: Profile) -> None:
    two_revisions(project, local_database, MIGRATOR_LOCK_TIMEOUT="200ms", MIGRATOR_LOCK_BUDGET="1s")
    with blocking(local_database):
        upgrade = Upgrade(project)
        assert upgrade.end() == 7, upgrade.said
    assert "upgrade of r2 (create r2) failed: it did not get a lock in time" in upgrade.said
    assert "in the way: process" in upgrade.said
    assert "MIGRATOR_LOCK_BUDGET" in upgrade.said
    assert "version table holds r1; the transaction of r2 was rolled back" in upgrade.said
    assert fetch(local_database, "SELECT outcome FROM migrator.migrator_ledger WHERE revision = 'r2'") == [("failed",)]


def test_what_was_committed_before_the_lock_is_not_done_again(project: TinyProject, local_database: Profile) -> None:
    second = f"""with op.get_context().autocommit_block():
    op.execute("CREATE TABLE other (id int)")
    op.execute("INSERT INTO other VALUES (1)")
{ADD}"""
    two_revisions(project, local_database, second, MIGRATOR_LOCK_TIMEOUT="200ms")
    with blocking(local_database) as application:
        upgrade = Upgrade(project)
        upgrade.until(lambda line: "did not get a lock in time" in line)
        application.rollback()
    assert upgrade.end() == 0, upgrade.said
    assert fetch(local_database, "SELECT count(*) FROM other") == [(1,)]


def test_a_concurrent_build_waits_for_as_long_as_it_takes(project: TinyProject, postgres_database: Profile) -> None:
    second = """with op.get_context().autocommit_block():
    op.create_index("ix", "t", ["n"], postgresql_concurrently=True)"""
    two_revisions(project, postgres_database, second, MIGRATOR_LOCK_TIMEOUT="100ms", DB_STATEMENT_TIMEOUT="500ms")
    with blocking(postgres_database, "INSERT INTO t (id) VALUES (1) RETURNING id") as application:
        upgrade = Upgrade(project)
        with connect(postgres_database) as watcher:
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' "
                "AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '1 s'"
            )
            while watcher.fetch(waiting) != [(1,)]:
                assert upgrade.process.poll() is None, upgrade.end()
                watcher.fetch("SELECT pg_sleep(0.05)")
        application.commit()
    assert upgrade.end() == 0, upgrade.said
    assert fetch(postgres_database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass") == [(True,)]


def test_a_build_whose_client_was_killed_is_waited_for_or_built_again(
    project: TinyProject, postgres_database: Profile
) -> None:
    second = """with op.get_context().autocommit_block():
    op.create_index("ix", "t", ["n"], postgresql_concurrently=True)
op.execute("INSERT INTO t (id) VALUES (2)")"""
    two_revisions(project, postgres_database, second)
    with blocking(postgres_database, "INSERT INTO t (id) VALUES (1) RETURNING id") as application:
        killed = Upgrade(project)
        with connect(postgres_database) as watcher:
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONCURRENTLY%' "
                "AND wait_event_type = 'Lock'"
            )
            while watcher.fetch(waiting) != [(1,)]:
                assert killed.process.poll() is None, killed.end()
                watcher.fetch("SELECT pg_sleep(0.05)")
            killed.process.kill()
            killed.process.communicate()
            upgrade = Upgrade(project)
            upgrade.until(lambda line: "gone on with" in line)
            application.commit()
    assert upgrade.end() == 0, upgrade.said
    assert fetch(postgres_database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix'::regclass") == [(True,)]
    assert fetch(postgres_database, "SELECT count(*) FROM t") == [(2,)]


def test_a_data_migration_waits_for_rows_without_being_thrown_away(
    project: TinyProject, local_database: Profile
) -> None:
    two_revisions(
        project, local_database, 'op.execute("UPDATE t SET n = 2 WHERE id = 1")', MIGRATOR_LOCK_TIMEOUT="100ms"
    )
    with connect(local_database) as connection:
        connection.execute("INSERT INTO t (id, n) VALUES (1, 1)")
    with blocking(local_database, "SELECT id FROM t FOR UPDATE") as application:
        upgrade = Upgrade(project)
        with connect(local_database) as watcher:
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'UPDATE t SET%' "
                "AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > interval '0.5 s'"
            )
            while watcher.fetch(waiting) != [(1,)]:
                assert upgrade.process.poll() is None, upgrade.end()
                watcher.fetch("SELECT pg_sleep(0.05)")
        application.commit()
    assert upgrade.end() == 0, upgrade.said
    assert "did not get a lock" not in upgrade.said


def test_those_who_queue_behind_it_are_let_through(project: TinyProject, local_database: Profile) -> None:
    two_revisions(project, local_database, MIGRATOR_LOCK_TIMEOUT="60s", MIGRATOR_VICTIM_BUDGET="500ms")
    with blocking(local_database) as application:
        upgrade = Upgrade(project)
        with connect(local_database) as victim:
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE%' AND wait_event_type = 'Lock'"
            )
            while victim.fetch(waiting) != [(1,)]:
                assert upgrade.process.poll() is None, upgrade.end()
                victim.fetch("SELECT pg_sleep(0.02)")
            assert victim.fetch("SELECT count(*) FROM t") == [(0,)], "let through while the transaction is still open"
        upgrade.until(lambda line: "too many sessions queued behind it" in line)
        application.rollback()
    assert upgrade.end() == 0, upgrade.said


def test_the_victim_of_a_deadlock_is_tried_again(project: TinyProject, local_database: Profile) -> None:
    two_revisions(
        project,
        local_database,
        'op.execute("LOCK TABLE other")\nop.add_column("t", sa.Column("a", sa.Integer))',
        MIGRATOR_LOCK_TIMEOUT="60s",
        MIGRATOR_VICTIM_BUDGET="0",
    )
    with connect(local_database) as connection:
        connection.execute("CREATE TABLE other ()")
    with blocking(local_database) as application, connect(local_database) as watcher:
        application.execute("SET deadlock_timeout = '60s'")
        upgrade = Upgrade(project)
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE%' AND wait_event_type = 'Lock'"
        while watcher.fetch(waiting) != [(1,)]:
            assert upgrade.process.poll() is None, upgrade.end()
            watcher.fetch("SELECT pg_sleep(0.02)")
        application.fetch("SELECT * FROM other")
        upgrade.until(lambda line: "deadlock" in line)
        application.rollback()
    assert upgrade.end() == 0, upgrade.said


def test_in_a_deadlock_the_revision_gives_way(project: TinyProject, local_database: Profile) -> None:
    two_revisions(
        project,
        local_database,
        'op.execute("LOCK TABLE other")\nop.add_column("t", sa.Column("a", sa.Integer))',
        MIGRATOR_LOCK_TIMEOUT="20s",
        MIGRATOR_VICTIM_BUDGET="0",
    )
    with connect(local_database) as connection:
        connection.execute("CREATE TABLE other ()")
        connection.execute(f"ALTER DATABASE \"{local_database.database}\" SET deadlock_timeout = '60s'")
    with blocking(local_database) as application, connect(local_database) as watcher:
        upgrade = Upgrade(project)
        waiting = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'ALTER TABLE%' AND wait_event_type = 'Lock'"
        while watcher.fetch(waiting) != [(1,)]:
            assert upgrade.process.poll() is None, upgrade.end()
            watcher.fetch("SELECT pg_sleep(0.02)")
        assert application.fetch("SELECT count(*) FROM other") == [(0,)]
        upgrade.until(lambda line: "attempt 1" in line)
        assert "deadlock" in upgrade.said
        application.rollback()
    assert upgrade.end() == 0, upgrade.said


def test_a_session_in_the_way_is_ended_where_that_is_asked_for(project: TinyProject, local_database: Profile) -> None:
    two_revisions(project, local_database, MIGRATOR_LOCK_TIMEOUT="5s")
    with connect(local_database, application_name="shop", autocommit=False) as application:
        application.fetch("SELECT count(*) FROM t")
        upgrade = Upgrade(project, "--kill-blockers", "100ms")
        assert upgrade.end() == 0, upgrade.said
        with pytest.raises(Exception, match="connection was lost"):
            application.fetch("SELECT 1")
    assert "shop" in upgrade.said


@pytest.mark.parametrize("where", ["revision", "env.py"])
def test_a_timeout_that_is_declared_elsewhere_holds(where: str, project: TinyProject, local_database: Profile) -> None:
    two_revisions(
        project,
        local_database,
        'op.create_table("seen", sa.Column("t", sa.Text))\n'
        'op.execute("INSERT INTO seen VALUES (\'x\')")\nop.execute("CREATE INDEX ix ON t (n)")',
    )
    path = next(project.versions.glob("r2*"))
    if where == "revision":
        declared = (
            'from migrator import RevisionOptions\nmigrator = RevisionOptions(lock_timeout="150ms", lock_budget=0)'
        )
        path.write_text(path.read_text().replace("depends_on = None", f"depends_on = None\n{declared}"))
    else:
        env_py = project.root / "migrations" / "env.py"
        changed = env_py.read_text().replace(
            "    context.configure(",
            '    connection.exec_driver_sql("SET lock_timeout = 150")\n    context.configure(',
            1,
        )
        assert changed != env_py.read_text()
        env_py.write_text(changed)
    with blocking(local_database, "INSERT INTO t (id) VALUES (1) RETURNING id") as application:
        upgrade = Upgrade(project)
        if where == "revision":
            assert upgrade.end() == 7, upgrade.said
            assert "(one attempt)" in upgrade.said
        else:
            upgrade.until(lambda line: "did not get a lock in time" in line)
            application.rollback()
            assert upgrade.end() == 0, upgrade.said


def test_mariadb_waits_a_short_time_for_a_table_and_tries_again(
    project: TinyProject, mariadb_database: Profile
) -> None:
    two_revisions(project, mariadb_database, MIGRATOR_LOCK_TIMEOUT="1s")
    with blocking(mariadb_database) as application:
        upgrade = Upgrade(project)
        upgrade.until(lambda line: "did not get a lock in time" in line)
        application.rollback()
    assert upgrade.end() == 0, upgrade.said
    assert fetch(mariadb_database, "SELECT count(a) FROM t") == [(0,)]
