"""``migrator local`` as a user meets it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest
from projects import EXECUTABLE, TinyProject, clean_environment

from migrator.database import embedded


@pytest.fixture
def local_project(project: TinyProject) -> Iterator[TinyProject]:
    """A project as ``migrator init`` makes it: its local profile is on the embedded server."""
    yield project
    for major in embedded.MAJORS:
        embedded.reset(project.root, major)


def test_server_is_started_found_entered_stopped_and_deleted(local_project: TinyProject) -> None:
    run = local_project.run
    assert "PostgreSQL 18: not created" in run("local", "status").stdout

    refused = run("local", "url")
    assert refused.returncode == 10
    assert "migrator local start --major 18" in refused.stderr

    started = run("local", "start", "--format", "json")
    assert started.returncode == 0, started.stderr
    (server,) = started.json["servers"]
    assert (server["major"], server["state"]) == (18, "running")
    assert run("local", "start", "--format", "json").json["servers"][0]["pid"] == server["pid"]

    both = run("local", "status", "--format", "json").json
    assert both["schema"] == "migrator/local/1"
    assert [(each["major"], each["state"]) for each in both["servers"]] == [(16, "absent"), (18, "running")]

    url = run("local", "url").stdout.strip()
    answer = run("local", "psql", "--", "-Atc", "select current_database(), 6 * 7")
    database = url.split("@/")[1].split("?")[0]
    assert answer.stdout.strip() == f"{database}|42"
    assert run("local", "url", "--driver", "asyncpg").stdout.startswith("postgresql+asyncpg://postgres@/")

    assert run("local", "stop").stdout.strip() == "PostgreSQL 18: stopped"
    assert run("local", "stop", "--all").stdout.splitlines() == [
        "PostgreSQL 16: was not running",
        "PostgreSQL 18: was not running",
    ]
    assert "PostgreSQL 18: stopped" in run("local", "status").stdout

    asked = run("local", "reset", stdin="n\n")
    assert asked.returncode != 0
    assert "Delete every database" in asked.stderr
    assert run("local", "reset", "--yes").stdout.strip() == "PostgreSQL 18: deleted"
    assert "not created" in run("local", "status", "--major", "18").stdout


def test_upgrade_starts_the_server_and_another_command_finds_it(local_project: TinyProject) -> None:
    local_project.revision("first")
    upgraded = local_project.run("upgrade")
    assert upgraded.returncode == 0, upgraded.stderr
    found = embedded.find_running(local_project.root, 18)
    assert found is not None
    assert local_project.run("current").stdout.startswith("first")
    again = embedded.find_running(local_project.root, 18)
    assert again is not None
    assert again.pid == found.pid


def test_eight_upgrades_at_once_on_a_fresh_clone_share_server_and_database(local_project: TinyProject) -> None:
    local_project.revision("first")
    local_project.home.mkdir(exist_ok=True)
    commands = [
        subprocess.Popen(
            [str(EXECUTABLE), "upgrade"],
            cwd=local_project.root,
            env=clean_environment(local_project.home),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    outcomes = [(command.communicate(timeout=180), command.returncode) for command in commands]
    assert [code for _, code in outcomes] == [0] * 8, [errors for (_, errors), code in outcomes if code]
    assert local_project.run("current").stdout.startswith("first")


def test_version_outside_of_the_wheel_is_a_usage_error(local_project: TinyProject) -> None:
    wrong = local_project.run("local", "start", "--major", "17")
    assert wrong.returncode == 2
    assert "16" in wrong.stderr
