"""A revision that was cut half way is gone on with: each statement takes effect once, or a person is told the truth."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from projects import Completed, TinyProject

from migrator.database.connecting import connect
from migrator.profiles.model import Profile

CUT = 'if __import__("os").path.exists("cut"): __import__("os").kill(__import__("os").getpid(), 9)'
"""In a revision: the process dies here as long as the file ``cut`` is there."""
AUTOCOMMIT = "with op.get_context().autocommit_block():"
TABLE = """op.create_table("t", sa.Column("id", sa.Integer, primary_key=True), sa.Column("n", sa.Integer))
op.execute("INSERT INTO t (id, n) VALUES (1, 0), (2, 0), (3, 0), (4, 0), (5, 0)")"""


@pytest.fixture
def cut(project: TinyProject) -> Iterator[Path]:
    """The file that makes revisions die; delete it for a run that ends."""
    file = project.root / "cut"
    file.touch()
    yield file
    file.unlink(missing_ok=True)


def fetch(profile: Profile, query: str) -> list[tuple[Any, ...]]:
    with connect(profile) as connection:
        return connection.fetch(query)


def run_twice(project: TinyProject, cut: Path, *command: str) -> Completed:
    died = project.run(*command)
    assert died.returncode == -signal.SIGKILL, died.stderr
    cut.unlink()
    return project.run(*command)


def journal(profile: Profile) -> int:
    schema = "migrator." if profile.dialect == "postgresql" else ""
    return int(fetch(profile, f"SELECT count(*) FROM {schema}migrator_journal")[0][0])


def test_what_an_autocommit_block_did_is_not_done_twice(
    project: TinyProject, cut: Path, postgres_database: Profile
) -> None:
    project.use(postgres_database)
    project.revision("r1", TABLE, "pass")
    project.revision(
        "r2",
        f"""op.add_column("t", sa.Column("a", sa.Integer))
{AUTOCOMMIT}
    op.execute("UPDATE t SET n = n + 1")
    op.create_index("ix_t_a", "t", ["a"], postgresql_concurrently=True)
op.add_column("t", sa.Column("b", sa.Integer))
{CUT}""",
        "pass",
    )
    done = run_twice(project, cut, "upgrade")
    assert done.returncode == 0, done.stderr
    assert "r2 was cut half way and is gone on with: 3 statements had taken effect" in done.stderr
    assert fetch(postgres_database, "SELECT DISTINCT n FROM t") == [(1,)]
    assert fetch(
        postgres_database,
        "SELECT count(b), bool_and(indisvalid) FROM t, pg_index WHERE indexrelid = 'ix_t_a'::regclass",
    ) == [(0, True)]
    assert journal(postgres_database) == 0


def test_a_build_that_was_cut_is_dropped_and_built_again(
    project: TinyProject, cut: Path, postgres_database: Profile
) -> None:
    project.use(postgres_database)
    project.revision("r1", TABLE, "pass")
    project.revision(
        "r2",
        f'{AUTOCOMMIT}\n    op.create_index("ix_t_n", "t", ["n"], unique=True, postgresql_concurrently=True)',
        "pass",
    )
    failed = project.run("upgrade")
    assert failed.returncode == 8, failed.stderr
    assert "could not create unique index" in failed.stderr
    assert fetch(postgres_database, "SELECT to_regclass('ix_t_n')") == [(None,)], "nothing invalid is left"
    with connect(postgres_database) as connection:
        with pytest.raises(Exception, match="could not create unique index"):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY ix_t_n ON t (n)")
        connection.execute("UPDATE t SET n = id")
    done = project.run("upgrade")
    assert done.returncode == 0, done.stderr
    assert "ix_t_n" in done.stderr
    assert fetch(postgres_database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_t_n'::regclass") == [
        (True,)
    ]


def test_a_commit_in_the_middle_is_known(project: TinyProject, cut: Path, postgres_database: Profile) -> None:
    project.use(postgres_database)
    project.revision(
        "r1",
        f'{TABLE}\nop.get_bind().commit()\n{CUT}\nop.execute("UPDATE t SET n = n + 1")',
        "pass",
    )
    done = run_twice(project, cut, "upgrade")
    assert done.returncode == 0, done.stderr
    assert fetch(postgres_database, "SELECT n, count(*) FROM t GROUP BY n") == [(1, 5)]


@pytest.mark.parametrize(
    "loop",
    [
        # the same text each time, until nothing is left
        """while op.get_bind().execute(sa.text(
    "UPDATE t SET n = n + 10 WHERE id IN (SELECT id FROM t WHERE n < 10 LIMIT 1)")).rowcount > 0:
    op.get_bind().commit()
    {cut_at_three}""",
        # asks for what is left, and names it
        """left = sa.text("SELECT id FROM t WHERE n < 10 ORDER BY id LIMIT 1")
while ids := op.get_bind().execute(left).scalars().all():
    op.get_bind().execute(sa.text("UPDATE t SET n = n + 10 WHERE id = :id"), {{"id": ids[0]}})
    op.get_bind().commit()
    {cut_at_three}""",
    ],
    ids=["by row count", "by key"],
)
def test_batches_go_on_with_what_is_left(loop: str, project: TinyProject, cut: Path, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1", TABLE, "pass")
    at_three = (
        f'if op.get_bind().execute(sa.text("SELECT count(*) FROM t WHERE n >= 10")).scalar() == 3:\n        {CUT}'
    )
    project.revision("r2", loop.format(cut_at_three=at_three), "pass")
    done = run_twice(project, cut, "upgrade")
    assert done.returncode == 0, done.stderr
    assert fetch(local_database, "SELECT n, count(*) FROM t GROUP BY n") == [(10, 5)]


def test_rows_with_new_random_values_are_not_inserted_beside_the_old_ones(
    project: TinyProject, cut: Path, local_database: Profile
) -> None:
    project.use(local_database)
    project.revision("r1", TABLE, "pass")
    project.revision(
        "r2",
        'import uuid\nop.get_bind().execute(sa.text("INSERT INTO t (id, n) VALUES (:i, 9)"), '
        f'{{"i": uuid.uuid4().int % 10**8}})\nop.get_bind().commit()\n{CUT}',
        "pass",
    )
    stopped = run_twice(project, cut, "upgrade")
    assert stopped.returncode == 8, stopped.stderr
    assert (
        "cut half way and cannot be gone on with: it now has other values than when it took effect: INSERT INTO t"
        in stopped.stderr
    )
    assert "done: INSERT INTO t" in stopped.stderr
    assert "migrator resolve r2 --applied" in stopped.stderr
    assert "migrator resolve r2 --reverted" in stopped.stderr
    assert fetch(local_database, "SELECT count(*) FROM t WHERE n = 9") == [(1,)]

    settled = project.run("resolve", "r2", "--applied")
    assert settled.returncode == 0, settled.stderr
    assert settled.stdout.strip() == "r2 counts as applied now; the database is at r2. No statement of it was run."
    assert journal(local_database) == 0
    assert project.run("upgrade").stdout.strip() == "Nothing to do: the database is at r2."


def test_resolved_as_reverted_it_is_run_from_its_start(
    project: TinyProject, cut: Path, local_database: Profile
) -> None:
    project.use(local_database)
    project.revision("r1", f'op.create_table("a", sa.Column("id", sa.Integer))\nop.get_bind().commit()\n{CUT}', "pass")
    assert project.run("upgrade").returncode == -signal.SIGKILL
    cut.unlink()
    with connect(local_database) as connection:
        connection.execute("DROP TABLE a")
    assert project.run("resolve", "r1", "--reverted").returncode == 0
    done = project.run("upgrade")
    assert done.returncode == 0, done.stderr
    assert "gone on with" not in done.stderr
    assert fetch(local_database, "SELECT count(*) FROM a") == [(0,)]


def test_there_is_nothing_to_resolve(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    project.run("upgrade")
    for arguments in (("resolve", "r1", "--applied"), ("resolve", "r1")):
        wrong = project.run(*arguments)
        assert wrong.returncode == 2, wrong.stderr
    assert "say --applied or --reverted" in wrong.stderr


def test_a_corrected_file_goes_on_behind_what_took_effect(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    path = project.revision(
        "r1", 'op.create_table("a", sa.Column("id", sa.Integer))\nop.get_bind().commit()\nop.execute("SELEC 1")', "pass"
    )
    failed = project.run("upgrade")
    assert failed.returncode == 8, failed.stderr
    assert "upgrade of r1 (create r1) failed: ProgrammingError" in failed.stderr
    assert "done: CREATE TABLE a" in failed.stderr
    source = path.read_text()
    path.write_text(source.replace('op.execute("SELEC 1")', 'op.execute("CREATE TABLE b ()")'))
    done = project.run("upgrade")
    assert done.returncode == 0, done.stderr
    assert fetch(local_database, "SELECT to_regclass('a') IS NOT NULL AND to_regclass('b') IS NOT NULL") == [(True,)]


def test_a_file_without_what_took_effect_stops(project: TinyProject, cut: Path, local_database: Profile) -> None:
    project.use(local_database)
    path = project.revision(
        "r1", f'op.create_table("a", sa.Column("id", sa.Integer))\nop.get_bind().commit()\n{CUT}', "pass"
    )
    assert project.run("upgrade").returncode == -signal.SIGKILL
    cut.unlink()
    path.write_text(path.read_text().replace('op.create_table("a", sa.Column("id", sa.Integer))', "pass"))
    stopped = project.run("upgrade")
    assert stopped.returncode == 8, stopped.stderr
    assert "the file was edited meanwhile and no longer has a statement that took effect" in stopped.stderr


def test_a_downgrade_that_was_cut_is_no_reason_to_say_all_is_well(
    project: TinyProject, cut: Path, local_database: Profile
) -> None:
    project.use(local_database)
    project.revision("r1", TABLE, "pass")
    project.revision(
        "r2",
        'op.add_column("t", sa.Column("a", sa.Integer))\nop.add_column("t", sa.Column("b", sa.Integer))',
        f'op.drop_column("t", "b")\nop.get_bind().commit()\n{CUT}\nop.drop_column("t", "a")',
    )
    cut.unlink()
    assert project.run("upgrade").returncode == 0
    cut.touch()
    assert project.run("downgrade", "r1").returncode == -signal.SIGKILL
    cut.unlink()
    refused = project.run("upgrade")
    assert refused.returncode == 8, refused.stdout
    assert "finish it: migrator downgrade r1; or" in refused.stderr
    done = project.run("downgrade", "r1")
    assert done.returncode == 0, done.stderr
    assert journal(local_database) == 0
    assert project.run("upgrade").returncode == 0


def test_a_revision_that_looks_for_itself_may_be_run_from_its_start(
    project: TinyProject, cut: Path, local_database: Profile
) -> None:
    project.use(local_database)
    project.revision(
        "r1",
        f'op.execute("CREATE TABLE IF NOT EXISTS a (id uuid)")\n'
        'op.get_bind().execute(sa.text("INSERT INTO a SELECT :id WHERE NOT EXISTS (SELECT FROM a)"), '
        f'{{"id": __import__("uuid").uuid4()}})\nop.get_bind().commit()\n{CUT}',
        "pass",
    )
    path = next(project.versions.glob("r1*"))
    path.write_text(
        path.read_text().replace(
            "depends_on = None",
            "depends_on = None\nfrom migrator import RevisionOptions\nmigrator = RevisionOptions(resumable=True)",
        )
    )
    done = run_twice(project, cut, "upgrade")
    assert done.returncode == 0, done.stderr
    assert fetch(local_database, "SELECT count(*) FROM a") == [(1,)]


def test_mariadb_goes_on_behind_its_implicit_commits(
    project: TinyProject, cut: Path, mariadb_database: Profile
) -> None:
    project.use(mariadb_database)
    project.revision("r1", TABLE, "pass")
    project.revision(
        "r2",
        f"""op.add_column("t", sa.Column("a", sa.Integer))
op.execute("INSERT INTO t (id, n) VALUES (6, 0)")
op.execute("UPDATE t SET n = n + 1")
op.create_index("ix_t_a", "t", ["a"])
op.execute("UPDATE t SET n = n + 1")
{CUT}
op.add_column("t", sa.Column("b", sa.Integer))""",
        "pass",
    )
    done = run_twice(project, cut, "upgrade")
    assert done.returncode == 0, done.stderr
    assert "4 statements had taken effect" in done.stderr
    assert fetch(mariadb_database, "SELECT n, count(*) FROM t GROUP BY n") == [(2, 6)]
    assert journal(mariadb_database) == 0


def test_mariadb_tells_a_failure_half_way_truthfully(project: TinyProject, mariadb_database: Profile) -> None:
    project.use(mariadb_database)
    path = project.revision("r1", f'{TABLE}\nop.execute("ALTER TABLE t ADD COLUMN n INT")', "pass")
    failed = project.run("upgrade")
    assert failed.returncode == 8, failed.stderr
    assert "done: CREATE TABLE t" in failed.stderr
    path.write_text(path.read_text().replace("ADD COLUMN n INT", "ADD COLUMN m INT"))
    done = project.run("upgrade")
    assert done.returncode == 0, done.stderr
    assert fetch(mariadb_database, "SELECT count(*), count(m) FROM t") == [(5, 0)]


def test_sqlite_takes_a_whole_revision_back(project: TinyProject, sqlite_database: Profile) -> None:
    project.use(sqlite_database)
    project.revision("r1", TABLE, "pass")
    project.revision("r2", 'op.add_column("t", sa.Column("a", sa.Integer))\nraise RuntimeError("half way")', "pass")
    failed = project.run("upgrade")
    assert failed.returncode == 8, failed.stderr
    assert "the transaction of r2 was rolled back" in failed.stderr
    assert [row[1] for row in fetch(sqlite_database, "PRAGMA table_info(t)")] == ["id", "n"]
