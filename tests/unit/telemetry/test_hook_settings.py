"""Hooks as they are written in settings."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.errors import ConfigurationError
from migrator.profiles.care import Care
from migrator.telemetry.hook_commands import environment
from migrator.telemetry.hooks import Caller, read_hooks


def test_a_command_is_split_as_a_shell_would_and_found_in_the_project(tmp_path: Path) -> None:
    program = tmp_path / "tell.sh"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    (hook,) = read_hooks(Care(before_run="./tell.sh --to 'two words' $HOME"), tmp_path)
    assert hook.argv == (str(tmp_path / "./tell.sh"), "--to", "two words", "$HOME")


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("no-such-command-anywhere now", "not there or may not be executed"),
        ("./missing.sh", "not there or may not be executed"),
        ("python:", "does not name a function"),
        ("python:json", "does not name a function"),
        ("python::dumps", "does not name a function"),
    ],
)
def test_what_is_not_there_is_found_before_anything_runs(written: str, why: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=why) as caught:
        read_hooks(Care(after_revision=written), tmp_path)
    assert caught.value.where == "MIGRATOR_AFTER_REVISION"


def test_a_file_that_may_not_be_executed_is_no_hook(tmp_path: Path) -> None:
    (tmp_path / "tell.sh").write_text("#!/bin/sh\n")
    with pytest.raises(ConfigurationError, match="may not be executed"):
        read_hooks(Care(before_run="./tell.sh"), tmp_path)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("python:no_such_module_anywhere:tell", "cannot be imported"),
        ("python:json:no_such_function", "cannot be imported"),
        ("python:json:__name__", "not a plain function"),
        ("python:asyncio:sleep", "not a plain function"),
    ],
)
def test_a_function_must_be_there_and_be_one(written: str, why: str, tmp_path: Path) -> None:
    hooks = read_hooks(Care(before_run=written), tmp_path)
    with pytest.raises(ConfigurationError, match=why):
        Caller(tmp_path, []).require(hooks)


def test_a_function_of_the_project_is_found_and_the_path_stays_as_it_was(tmp_path: Path) -> None:
    import sys

    (tmp_path / "own_hooks_of_this_test.py").write_text("def tell(report): pass\n")
    before = list(sys.path)
    Caller(tmp_path, [str(tmp_path)]).require(
        read_hooks(Care(before_run="python:own_hooks_of_this_test:tell"), tmp_path)
    )
    assert sys.path == before


def test_a_command_never_sees_a_secret_setting() -> None:
    process = {
        "DB_PASS": "s",
        "DB_PASSWORD": "s",
        "DB_PW": "s",
        "DB_URL": "s",
        "DB_MIGRATION_URL": "s",
        "MIGRATOR_SCRATCH_URL": "s",
        "DB_PASS_FILE": "/run/secret",
        "DB_HOST": "h",
        "PATH": "/bin",
    }
    assert environment(process, {"MIGRATOR_HOOK": "before_run"}) == {
        "DB_PASS_FILE": "/run/secret",
        "DB_HOST": "h",
        "PATH": "/bin",
        "MIGRATOR_HOOK": "before_run",
    }
