"""What clients are told while the database is away, busy or slow: 503, and a word on when to come again."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from serving import Service, connected, migrated, service_project

from migrator.database import embedded
from migrator.profiles.model import Profile

ADA = {"username": "ada", "email": "ada@example.com"}


@pytest.fixture(params=["asyncpg", "psycopg"])
def own_server(request: pytest.FixtureRequest) -> Iterator[tuple[Profile, Path]]:
    """A server that no other test uses, and the folder that it is started from."""
    folder = Path(tempfile.mkdtemp(prefix="own-"))
    try:
        server = embedded.ensure_running(folder, 18)
        yield (
            Profile(
                name="test",
                source="process",
                host=str(server.socket_dir),
                port=server.port,
                user=server.user,
                database="postgres",
                driver=request.param,
                migration_driver=request.param,
            ),
            folder,
        )
    finally:
        embedded.reset(folder, 18)
        shutil.rmtree(folder)


def test_a_server_that_goes_and_comes_back(own_server: tuple[Profile, Path], tmp_path: Path) -> None:
    profile, folder = own_server
    with Service(migrated(service_project(tmp_path / "project", profile))) as service, service.serving() as client:
        assert client.post("/users/", json=ADA).status_code == 201
        embedded.stop(folder, 18)

        assert client.get("/health").json() == {"status": "alive"}
        away = client.get("/ready")
        assert (away.status_code, away.json()["status"]) == (503, "not ready")
        assert "nothing listens there" in away.json()["reason"]
        refused = client.get("/users/ada")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")

        embedded.ensure_running(folder, 18)
        assert client.get("/ready").status_code == 200
        assert client.get("/users/ada").json()["username"] == "ada"
        assert client.get("/pool").json()["checked_out"] == 0


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_a_slow_statement_is_cancelled_and_told_as_503(driver: str, local_database: Profile, tmp_path: Path) -> None:
    profile = replace(local_database, driver=driver, migration_driver=driver)
    project = migrated(service_project(tmp_path / "project", profile))
    project.use(profile, DB_STATEMENT_TIMEOUT="1500ms")
    with Service(project) as service, service.serving() as client:
        with connected(profile) as blocker:
            blocker.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
            assert client.get("/users/ada").status_code == 503
        assert client.get("/users/ada").status_code == 404


@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_a_probe_that_gets_no_answer_gives_up_and_keeps_no_connection(
    driver: str, local_database: Profile, tmp_path: Path
) -> None:
    profile = replace(local_database, driver=driver, migration_driver=driver)
    with Service(migrated(service_project(tmp_path / "project", profile))) as service, service.serving() as client:
        with connected(profile) as blocker:
            blocker.execute("LOCK TABLE alembic_version IN ACCESS EXCLUSIVE MODE")
            hung = client.get("/ready")
            assert hung.status_code == 503
            assert hung.json()["reason"] == "no answer within 2 s; 0 of 15 connections in use"
            assert client.get("/users/ada").status_code == 404
        assert client.get("/ready").status_code == 200
        assert client.get("/pool").json()["checked_out"] == 0


def test_a_full_pool_is_told_as_503_and_the_service_goes_on(local_database: Profile, tmp_path: Path) -> None:
    project = migrated(service_project(tmp_path / "project", local_database))
    project.use(local_database, DB_POOL_SIZE="2", DB_MAX_OVERFLOW="0", DB_POOL_TIMEOUT="500ms")
    with Service(project) as service, service.serving() as client, ThreadPoolExecutor(4) as pool:
        with connected(local_database) as blocker:
            blocker.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
            running = [pool.submit(client.get, "/users/ada") for _ in range(2)]
            while client.get("/pool").json()["checked_out"] < 2:
                pass
            refused = client.get("/users/ada")
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
            service.says(r"503 for GET /users/\{username\}: All 2 connections of the pool are in use \(DB_POOL_SIZE=2")
            not_ready = client.get("/ready")
            assert not_ready.status_code == 503
            assert "DB_POOL_SIZE" in not_ready.json()["reason"]
            assert client.get("/health").status_code == 200
        assert {each.result().status_code for each in running} == {404}
        figures = client.get("/pool").json()
        assert (figures["checked_out"], figures["timeouts"]) == (0, 2)
