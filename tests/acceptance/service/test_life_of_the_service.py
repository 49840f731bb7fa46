"""How the service begins, goes on and ends, as the platform sees it."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from servers import REPOSITORY
from serving import Service, connected, free_port, migrated, rows, service_project, until_blocked

from migrator.profiles.model import Profile

ADA = {"username": "ada", "email": "ada@example.com"}


def test_it_serves_on_every_server_with_every_driver(postgres_database: Profile, tmp_path: Path) -> None:
    project = migrated(service_project(tmp_path / "project", postgres_database))
    with Service(project) as service, service.serving() as client:
        assert client.get("/ready").json()["status"] == "ready"
        assert client.post("/users/", json=ADA).status_code == 201
        assert client.post("/users/", json=ADA).status_code == 409
        assert client.get("/pool").json()["checked_out"] == 0
    assert rows(postgres_database, "SELECT username FROM users") == [("ada",)]


def test_nothing_is_served_before_somebody_has_migrated(local_database: Profile, tmp_path: Path) -> None:
    project, port = service_project(tmp_path / "project", local_database), free_port()
    with Service(project, port=port) as service:
        service.says(r"waiting for .*: 15 revisions of this code are not applied \(0 s of 60 s\)")
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{port}/health")
        migrated(project)
        with service.serving() as client:
            assert client.get("/users/").json() == {"items": [], "next": None}


def test_it_refuses_to_serve_on_an_older_schema(local_database: Profile, tmp_path: Path) -> None:
    project = service_project(tmp_path / "project", local_database)
    with Service(project, "--wait", "0.5") as service:
        code, said = service.ended()
    assert code == 1
    assert "Error: The schema does not suit this code: 15 revisions of this code are not applied." in said
    assert "Next: migrator upgrade" in said
    assert "Traceback" not in said
    assert "running on" not in said


def test_a_profile_that_cannot_be_used_is_told_in_words(local_database: Profile, tmp_path: Path) -> None:
    project = service_project(tmp_path / "project", local_database, DB_POOL_SIZE="many")
    with Service(project) as service:
        code, said = service.ended()
    assert code == 3
    assert "DB_POOL_SIZE" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait(number: signal.Signals, local_database: Profile, tmp_path: Path) -> None:
    with Service(service_project(tmp_path / "project", local_database)) as service:
        service.says("waiting for ")
        service.told(number)
        code, said = service.ended()
    assert (code, "Traceback" in said) == (0, False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("driver", ["asyncpg", "psycopg"])
def test_a_signal_lets_running_requests_finish(
    number: signal.Signals, driver: str, local_database: Profile, tmp_path: Path
) -> None:
    """The request waits for a lock while the signal arrives; it is answered, and only then the process ends."""
    project = migrated(service_project(tmp_path / "project", local_database, DB_DRIVER=driver))
    with Service(project) as service, service.serving() as client, ThreadPoolExecutor(1) as pool:
        with connected(local_database) as blocker:
            blocker.execute("LOCK TABLE users IN ACCESS EXCLUSIVE MODE")
            running = pool.submit(client.post, "/users/", json=ADA)
            until_blocked(local_database, 1)
            service.told(number)
            service.says("Waiting for (connections to close|background tasks)|Shutting down")
            assert not running.done()
        assert running.result().status_code == 201
        code, said = service.ended()
    assert (code, "Traceback" in said) == (0, False)
    assert rows(local_database, "SELECT username FROM users") == [("ada",)]
    assert rows(local_database, CONNECTIONS, "migrator") == [(0,)]


CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"


def test_make_service_migrates_serves_and_ends_with_ctrl_c(local_database: Profile, tmp_path: Path) -> None:
    project = service_project(tmp_path / "project", local_database)
    venv = environment_that_is_ready(project.root)
    command = ("make", "service", f"VENV={venv}", "ARGUMENTS=--port 0")
    with Service(project, command=command) as service:
        with service.serving() as client:
            assert client.get("/ready").status_code == 200
        service.interrupted()
        _, said = service.ended()
    assert "Finished server process" in said
    assert "Traceback" not in said
    assert "***" not in said


def environment_that_is_ready(root: Path) -> Path:
    """This run's environment under another name, marked as the one that ``make setup`` made for the folder."""
    shutil.copy(REPOSITORY / "Makefile", root)
    (root / "scripts").mkdir()
    shutil.copy(REPOSITORY / "scripts" / "setup", root / "scripts")
    venv = root / "environment"
    venv.mkdir()
    for part in Path(sys.prefix).iterdir():
        if not part.name.startswith(".ready"):
            (venv / part.name).symlink_to(part)
    key = subprocess.run(["cksum"], input=f"{root}\n", capture_output=True, text=True, check=True).stdout.split()[0]
    (venv / f".ready-{key}").touch()
    return venv


def test_a_schema_that_is_taken_back_makes_it_not_ready(local_database: Profile, tmp_path: Path) -> None:
    project = migrated(service_project(tmp_path / "project", local_database))
    with Service(project) as service, service.serving() as client:
        assert client.get("/ready").json() == {"status": "ready", "revisions": ["e4a9276bd0fc"], "reason": ""}
        assert project.run("downgrade", "-1").returncode == 0
        behind = client.get("/ready")
        assert behind.status_code == 503
        assert behind.json()["reason"] == "1 revision of this code is not applied"
        assert behind.json()["revisions"] == ["1f60c8e7d3b5"]
        migrated(project)
        assert client.get("/ready").status_code == 200
