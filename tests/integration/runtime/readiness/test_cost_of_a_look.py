"""A look costs one query from the second time on: counted at the driver and on the server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from askers import asking, fetch, run, stamp, statements
from projects import TinyProject

from migrator.database.embedded.programs import LOG_NAME
from migrator.profiles.model import Profile

both = pytest.mark.parametrize("asynchronous", [True, False], ids=["async", "sync"])
QUESTION = re.compile(r'SELECT version_num FROM ["`]alembic_version["`]')


@both
def test_one_query_while_nothing_changes(project: TinyProject, database: Profile, *, asynchronous: bool) -> None:
    project.use(database)
    project.revision("r1")
    project.revision("r2")
    with asking(project.root, asynchronous=asynchronous) as asker:
        asker.readiness()
        with statements(asker) as seen:
            assert not asker.readiness().is_ready
        assert len(seen) == 1, "also where there is no version table yet"
        for rows in ("r1", "r2"):
            stamp(database, rows)
            asker.readiness()
            for _ in range(3):
                with statements(asker) as seen:
                    assert asker.readiness().is_ready is (rows == "r2")
                assert len(seen) == 1
                assert QUESTION.fullmatch(seen[0])


def test_one_query_on_a_newer_database(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database)
    project.revision("r1")
    newer = project.revision("r2")
    assert project.run("upgrade").returncode == 0
    newer.unlink()
    with asking(project.root, asynchronous=True) as asker:
        assert asker.readiness().is_ahead
        with statements(asker) as seen:
            assert asker.readiness().is_ahead
        assert len(seen) == 1


@contextmanager
def logged(profile: Profile) -> Iterator[list[str]]:
    """What the server logs of the sessions that began after this, a line each."""
    [(folder,)] = fetch(profile, "SHOW data_directory")
    log = Path(folder) / LOG_NAME
    run(profile, f"ALTER DATABASE {profile.database} SET log_statement = 'all'")
    begin = log.stat().st_size
    lines: list[str] = []
    yield lines
    with log.open("rb") as file:
        file.seek(begin)
        lines += file.read().decode(errors="replace").splitlines()


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_the_server_sees_one_statement_and_no_transaction(
    project: TinyProject, local_database: Profile, driver: str
) -> None:
    project.use(local_database, DB_DRIVER=driver, DB_POOL_PRE_PING="false")
    project.revision("r1")
    stamp(local_database, "r1")
    with logged(local_database) as lines, asking(project.root, asynchronous=True) as asker:
        backend = asker.ask("SELECT pg_backend_pid()")
        assert asker.readiness().is_ready
        asker.ask("SELECT 'from here'")
        for _ in range(3):
            assert asker.readiness().is_ready
        asker.ask("SELECT 'to here'")
    own = [line.partition("LOG:")[2] for line in lines if f"[{backend}]" in line and "LOG:" in line]
    first = next(at for at, line in enumerate(own) if "from here" in line)
    last = next(at for at, line in enumerate(own) if "to here" in line)
    _end_of_the_first, *between, _begin_of_the_last = own[first + 1 : last]
    assert len(between) == 3, between
    assert all(QUESTION.search(line) for line in between)


def test_readiness_needs_no_more_than_one_connection_and_gives_it_back(
    project: TinyProject, local_database: Profile
) -> None:
    project.use(local_database, DB_POOL_SIZE="1", DB_MAX_OVERFLOW="0", DB_POOL_TIMEOUT="1")
    project.revision("r1")
    stamp(local_database, "r1")
    with asking(project.root, asynchronous=True) as asker:
        assert asker.readiness().is_ready
        assert asker.require_head().is_ready
        figures = asker.database.pool_figures()
        assert (figures.checked_out, figures.idle, figures.waits) == (0, 1, 0)


def test_a_full_pool_makes_an_answer_that_names_the_settings(project: TinyProject, local_database: Profile) -> None:
    project.use(local_database, DB_POOL_SIZE="1", DB_MAX_OVERFLOW="0", DB_POOL_TIMEOUT="1")
    project.revision("r1")
    stamp(local_database, "r1")
    with asking(project.root, asynchronous=False) as asker:
        with asker.engine.connect():
            full = asker.readiness()
        assert (full.is_ready, full.may_change) == (False, True)
        assert "DB_POOL_SIZE=1" in full.reason
        assert asker.readiness().is_ready


@pytest.mark.parametrize("asynchronous", [True, False], ids=["async", "sync"])
def test_a_lock_on_the_version_table_makes_an_answer(
    project: TinyProject, local_database: Profile, *, asynchronous: bool
) -> None:
    project.use(local_database, DB_LOCK_TIMEOUT="200")
    project.revision("r1")
    stamp(local_database, "r1")
    from migrator.database.connecting import connect

    with asking(project.root, asynchronous=asynchronous) as asker:
        assert asker.readiness().is_ready
        with connect(local_database, autocommit=False) as other:
            other.execute("BEGIN")
            other.execute("LOCK TABLE alembic_version")
            found = asker.readiness()
            assert (found.is_ready, found.may_change) == (False, True)
            assert "canceling statement due to lock timeout" in found.reason
            other.execute("ROLLBACK")
        assert asker.require_head().is_ready
