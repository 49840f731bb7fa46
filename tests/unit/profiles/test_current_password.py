"""The password of this moment: secret files are read again, commands are run again, what was given stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from migrator.errors import ConfigurationError
from migrator.profiles.loading import load_profile
from migrator.profiles.model import Profile
from migrator.profiles.password import current_password, may_change

PLACE = {"DB_HOST": "h", "DB_NAME": "n", "DB_USER": "u"}


def load(root: Path, settings: Mapping[str, str]) -> Profile:
    profile = load_profile(None, root=root, environ=settings)
    assert profile is not None
    return profile


def test_a_password_that_was_given_stays(tmp_path: Path) -> None:
    profile = load(tmp_path, {**PLACE, "DB_PASS": "given"})
    assert not may_change(profile)
    assert current_password(profile) == "given"


def test_without_a_password_there_is_none(tmp_path: Path) -> None:
    profile = load(tmp_path, PLACE)
    assert not may_change(profile)
    assert current_password(profile) is None


@pytest.mark.parametrize("ending", ["", "\n", "\r\n"])
def test_a_secret_file_is_read_again_without_its_line_ending(tmp_path: Path, ending: str) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"first")
    profile = load(tmp_path, {**PLACE, "DB_PASS_FILE": str(file)})
    assert may_change(profile)
    file.write_bytes(f" s€cond {ending}".encode())
    assert current_password(profile) == " s€cond "


def test_the_password_of_an_address_in_a_secret_file_is_read_again(tmp_path: Path) -> None:
    file = tmp_path / "address"
    file.write_text("postgresql://u:first@h/n")
    profile = load(tmp_path, {"DB_URL_FILE": str(file)})
    assert may_change(profile)
    assert current_password(profile) == "first"
    file.write_text("postgresql://u:sec%40nd@h/n\n")
    assert current_password(profile) == "sec@nd"


def test_a_relative_path_starts_at_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (root / "secret").write_text("first")
    profile = load(root, {**PLACE, "DB_PASS_FILE": "secret"})
    monkeypatch.chdir(tmp_path)
    (root / "secret").write_text("second")
    assert current_password(profile) == "second"


def test_a_command_is_run_each_time(tmp_path: Path) -> None:
    script = tmp_path / "token"
    script.write_text("#!/bin/sh\necho x >> runs\nwc -l < runs | tr -d ' '\n")
    script.chmod(0o755)
    profile = load(tmp_path, {**PLACE, "DB_PASS_COMMAND": str(script)})
    assert may_change(profile)
    assert [current_password(profile) for _ in range(3)] == ["1", "2", "3"]


@pytest.mark.parametrize(
    ("content", "what"),
    [(None, "cannot be read again"), (b"", "holds no password any more"), (b"\xff\xfe", "not UTF-8")],
    ids=["gone", "empty", "no text"],
)
def test_a_secret_file_that_has_become_useless(tmp_path: Path, content: bytes | None, what: str) -> None:
    file = tmp_path / "secret"
    file.write_text("very-secret")
    profile = load(tmp_path, {**PLACE, "DB_PASS_FILE": str(file)})
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=what) as failed:
        current_password(profile)
    assert str(file) in str(failed.value.where)
    assert failed.value.remedy
    assert "very-secret" not in str(failed.value)


@pytest.mark.parametrize(
    ("address", "what"), [("postgresql://u@h/n", "holds no password"), ("nonsense", "DB_URL_FILE")]
)
def test_an_address_that_has_become_useless(tmp_path: Path, address: str, what: str) -> None:
    file = tmp_path / "address"
    file.write_text("postgresql://u:first@h/n")
    profile = load(tmp_path, {"DB_URL_FILE": str(file)})
    file.write_text(address)
    with pytest.raises(ConfigurationError, match=what):
        current_password(profile)


@pytest.mark.parametrize(("body", "what"), [("exit 4", "exited with 4"), ("true", "printed nothing")])
def test_a_command_that_gives_none(tmp_path: Path, body: str, what: str) -> None:
    script = tmp_path / "token"
    script.write_text(f"#!/bin/sh\n{body}\n")
    script.chmod(0o755)
    with pytest.raises(ConfigurationError, match=what):
        current_password(load(tmp_path, {**PLACE, "DB_PASS_COMMAND": str(script)}))
