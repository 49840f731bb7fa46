"""``migrator profile`` as a user meets it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from projects import Completed

Run = Callable[..., Completed]

PROD = (
    "DB_HOST=db.example.internal\nDB_NAME=shop\nDB_USER=shop\nDB_SSLMODE=require\nDB_PASS_FILE=/run/secrets/pw\n"
    "MIGRATOR_PROTECTED=true\n"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with profiles and without Alembic."""
    found = tmp_path / "project"
    (found / "env_profiles").mkdir(parents=True)
    (found / "env_profiles" / "prod.env").write_text(PROD)
    (found / "env_profiles" / "local.env").write_text("DB_EMBEDDED=18\nDB_NAME=shop\n")
    return found


def test_list_marks_the_current_and_the_protected(run_migrator: Run, folder: Path) -> None:
    run = run_migrator("profile", "list", cwd=folder)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines()[0].startswith("* local")
    listed = json.loads(run_migrator("--format", "json", "profile", "list", "--env", "prod", cwd=folder).stdout)
    assert (listed["schema"], listed["current"]) == ("migrator/profiles/1", "prod")
    assert [profile["name"] for profile in listed["profiles"]] == ["local", "prod"]


def test_show_gives_values_origins_and_no_secret(run_migrator: Run, folder: Path) -> None:
    env = {"DB_PASSWORD": "hunter2", "DB_USER": "root"}
    run = run_migrator("profile", "show", "prod", cwd=folder, env=env)
    assert run.returncode == 0
    lines = {line.split()[0]: line for line in run.stdout.splitlines() if line.startswith("  ")}
    assert "db.example.internal" in lines["DB_HOST"]
    assert "env_profiles/prod.env:1" in lines["DB_HOST"]
    assert "***" in lines["DB_PASS"]
    assert "process environment (DB_PASSWORD)" in lines["DB_PASS"]
    assert "the process environment overrides DB_USER, DB_PASS of this protected profile" in run.stdout
    as_json = run_migrator("profile", "show", "--env", "prod", "--format", "json", cwd=folder, env=env)
    body = json.loads(as_json.stdout)
    settings = {setting["name"]: setting for setting in body["settings"]}
    assert settings["DB_HOST"]["origin"] == {"kind": "file", "file": "env_profiles/prod.env", "line": 1, "name": None}
    assert (body["schema"], body["protected"], settings["DB_PASS"]["value"]) == ("migrator/profile/1", True, "***")
    assert "hunter2" not in run.stdout + run.stderr + as_json.stdout


def test_show_runs_no_password_command(run_migrator: Run, folder: Path) -> None:
    run = run_migrator("profile", "show", cwd=folder, env={"DB_HOST": "h", "DB_PASS_COMMAND": "touch ran"})
    assert run.returncode == 0
    assert not (folder / "ran").exists()


def test_check_names_every_problem_and_exits_with_3(run_migrator: Run, folder: Path) -> None:
    (folder / "env_profiles" / "bad.env").write_text("DB_HOTS=x\nDB_PORT=abc\n")
    run = run_migrator("profile", "check", cwd=folder)
    assert run.returncode == 3
    assert "env_profiles/bad.env:1: DB_HOTS is no setting; did you mean DB_HOST?" in run.stdout
    assert "env_profiles/bad.env:2: DB_PORT is 'abc', not a whole number" in run.stdout
    assert "prod: 1 problem" in run.stdout, "the secret file is not on this machine"
    assert "local: ok" in run.stdout
    body = json.loads(run_migrator("profile", "check", "bad", "--format", "json", cwd=folder).stdout)
    assert (body["exit_code"], body["profiles"][0]["problems"][0]["line"]) == (3, None)


def test_check_warns_of_a_secret_in_a_protected_profile(run_migrator: Run, folder: Path) -> None:
    (folder / "env_profiles" / "prod.env").write_text("DB_NAME=x\nDB_PASS=hunter2\nMIGRATOR_PROTECTED=1\n")
    run = run_migrator("profile", "check", "prod", cwd=folder)
    assert run.returncode == 1
    assert "env_profiles/prod.env:2: warning[secret-in-profile]" in run.stdout
    assert "hunter2" not in run.stdout + run.stderr


def test_check_connect_logs_in_or_exits_with_10(run_migrator: Run, folder: Path) -> None:
    env = {"DB_PASS": "hunter2", "DB_HOST": "127.0.0.1", "DB_PORT": "1", "DB_SSLMODE": "disable"}
    run = run_migrator("profile", "check", "prod", "--connect", cwd=folder, env=env)
    assert run.returncode == 10
    assert "nothing listens there" in run.stdout
    assert "hunter2" not in run.stdout + run.stderr
    sqlite = {"DB_URL": "sqlite:///x.db"}
    run = run_migrator("profile", "check", "local", "--connect", cwd=folder, env=sqlite)
    assert (run.returncode, run.stdout) == (0, "local: ok, logged in\n")


def test_url_masks_the_password_unless_asked(run_migrator: Run, folder: Path) -> None:
    env = {"DB_PASS": "p@ss/1"}
    run = run_migrator("profile", "url", "prod", "--driver", "psycopg", cwd=folder, env=env)
    assert run.stdout == "postgresql+psycopg://shop:***@db.example.internal:5432/shop?sslmode=require\n"
    run = run_migrator("profile", "url", "prod", "--with-password", cwd=folder, env=env)
    assert run.stdout == "postgresql+asyncpg://shop:p%40ss%2F1@db.example.internal:5432/shop?ssl=require\n"
    run = run_migrator("profile", "url", "prod", "--driver", "pyscopg", cwd=folder, env=env)
    assert run.returncode == 3
    assert "did you mean psycopg?" in run.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["profile", "show", "prdo"], "Did you mean prod?"),
        (["profile", "show", "--env", "../prod"], "is no name of a profile"),
        (["profile", "check", "nosuch"], "There is no profile 'nosuch'"),
    ],
)
def test_wrong_names_exit_with_3(run_migrator: Run, folder: Path, arguments: list[str], said: str) -> None:
    run = run_migrator(*arguments, cwd=folder)
    assert (run.returncode, run.stdout) == (3, "")
    assert said in run.stderr


def test_without_profiles_it_says_how_to_begin(run_migrator: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    assert run_migrator("profile", "list", cwd=empty).stdout.startswith("No profiles.")
    run = run_migrator("profile", "show", cwd=empty)
    assert run.returncode == 3
    assert "migrator init --adopt" in run.stderr


def test_this_repositorys_own_profiles_are_in_order(run_migrator: Run) -> None:
    run = run_migrator("profile", "check", cwd=Path(__file__).parents[2])
    assert (run.returncode, run.stdout) == (0, "ci: ok\nlocal: ok\nprod: ok\nstaging: ok\n")
