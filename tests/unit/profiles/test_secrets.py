"""A secret is printed nowhere; a password command runs only when a password is needed."""

from __future__ import annotations

import copy
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from migrator import redaction
from migrator.errors import ConfigurationError
from migrator.profiles import password as password_module
from migrator.profiles.loading import load_profile
from migrator.profiles.model import Profile, Secret
from migrator.profiles.password import password_of
from migrator.redaction import redact


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    """Secrets of one test are not remembered by the next."""
    before = set(redaction._secrets)
    password_module._fetched.clear()
    yield
    redaction._secrets.clear()
    redaction._secrets.update(before)


def load(root: Path, text: str, **environ: str) -> Profile:
    (root / "env_profiles").mkdir(exist_ok=True)
    (root / "env_profiles" / "local.env").write_text(text, encoding="utf-8")
    profile = load_profile(None, root=root, environ=environ)
    assert profile is not None
    return profile


def test_a_secret_shows_itself_as_stars() -> None:
    secret = Secret("hunter2")
    assert {str(secret), repr(secret), f"{secret}", f"{secret!r}", "%s" % secret, "{}".format(secret)} == {"***"}  # noqa: UP031, UP032
    assert "hunter2" not in repr(Profile(name="p", source="file", password=secret, scratch_url=Secret("a:hunter2@b")))


def test_a_secret_is_equal_to_its_like_and_true_unless_empty() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert copy.copy(Secret("a")) == Secret("a")
    assert (bool(Secret("")), bool(Secret("a"))) == (False, True)
    assert len({Secret("a"), Secret("a")}) == 1


@pytest.mark.parametrize("password", ["1q2w3e4r!!", "p%40:/@#?\"'ü한", "back\\slash"])
def test_what_was_read_is_masked_in_any_text(tmp_path: Path, password: str) -> None:
    """As it is, in a URL, in JSON and in what Python's ``repr`` makes of it."""
    load(tmp_path, "DB_NAME=app\n", DB_PASS=password)
    profile = Profile(name="p", source="file", password=Secret(password))
    assert profile.password is not None
    for text in (password, json.dumps(password, ensure_ascii=False), repr(password)):
        assert password not in redact(f"before {text} after")
        assert "***" in redact(f"before {text} after")


def test_passwords_inside_addresses_are_masked_too(tmp_path: Path) -> None:
    load(
        tmp_path,
        "DB_NAME=app\nMIGRATOR_SCRATCH_URL=postgresql://u:hunter2@h/x\nDB_MIGRATION_URL=mysql://u:hunter3@h/x\n",
    )
    assert redact("hunter2 hunter3") == "*** ***"


def test_a_password_that_is_a_shown_name_anyway_does_not_mask_the_name(tmp_path: Path) -> None:
    load(tmp_path, "DB_NAME=shop\nDB_USER=postgres\nDB_PASS=postgres\n")
    assert redact("postgresql as postgres on shop") == "postgresql as postgres on shop"


def command(code: str) -> str:
    """A command line that runs Python code."""
    return f'{sys.executable} -c "{code}"'


def test_a_password_command_runs_when_the_password_is_needed_and_in_the_projects_folder(tmp_path: Path) -> None:
    writes = command("open('ran', 'a').write('x'); print('tökén %40 $x ')")
    profile = load(tmp_path, f"DB_NAME=app\nDB_PASS_COMMAND={writes}\n")
    assert not (tmp_path / "ran").exists()
    assert password_of(profile) == "tökén %40 $x "
    assert password_of(profile) == "tökén %40 $x "
    assert (tmp_path / "ran").read_text() == "x", "asked for twice within a minute, the command runs once"
    assert redact("a tökén %40 $x ") == "a ***"


def test_a_password_that_was_given_needs_no_command() -> None:
    profile = Profile(name="p", source="file", password=Secret("s"), password_command="false")
    assert password_of(profile) == "s"
    assert password_of(Profile(name="p", source="file")) is None


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; print('half a secret'); sys.exit('no token for hunter2')", "exited with 1"),
        ("pass", "printed nothing"),
        ("import os; os.kill(os.getpid(), 9)", "exited with -9"),
    ],
)
def test_a_failing_command_is_told_without_what_it_printed(tmp_path: Path, code: str, said: str) -> None:
    profile = load(tmp_path, f"DB_NAME=app\nDB_PASS_COMMAND={command(code)}\n")
    redaction.remember_secret("hunter2")
    with pytest.raises(ConfigurationError, match=said) as told:
        password_of(profile)
    everything = " ".join((told.value.message, *told.value.details))
    assert "half a secret" not in everything
    assert "hunter2" not in everything
    assert told.value.where == "env_profiles/local.env:2"


def test_a_command_that_is_not_there_is_told(tmp_path: Path) -> None:
    profile = load(tmp_path, "DB_NAME=app\nDB_PASS_COMMAND=no-such-program --token\n")
    with pytest.raises(ConfigurationError, match=r"no-such-program\) cannot be started: No such file"):
        password_of(profile)
