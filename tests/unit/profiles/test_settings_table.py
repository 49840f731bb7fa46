"""One table of settings drives reading, checks, display and docs: nothing in it is missing or contradicts the model."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from migrator.profiles.document import PAGE, table
from migrator.profiles.loading import load_profile
from migrator.profiles.model import Profile
from migrator.profiles.setting import Setting
from migrator.profiles.settings import BY_NAME, SETTINGS, find_file_setting, nearest_setting

ROOT = Path(__file__).parents[3]
NOT_SETTINGS = {"name", "source", "path", "root", "origins", "overridden", "url_options", "search_path"}


def test_every_field_of_a_profile_has_a_setting() -> None:
    assert {field.name for field in fields(Profile)} - NOT_SETTINGS == {setting.field for setting in SETTINGS} - {""}


def test_no_name_is_used_twice() -> None:
    assert len(BY_NAME) == sum(len(setting.names) for setting in SETTINGS)


def test_the_documented_defaults_are_the_models(tmp_path: Path) -> None:
    """A profile made by hand (a test's, the embedded server's) and one that was read behave alike."""
    (tmp_path / "env_profiles").mkdir()
    (tmp_path / "env_profiles" / "local.env").write_text("DB_NAME=app\nDB_HOST=h\n")
    read = load_profile(None, root=tmp_path, environ={})
    made = Profile(name="local", source="file")
    apart = {"host", "port", "database"}
    assert {
        setting.name: getattr(read, setting.field)
        for setting in SETTINGS
        if setting.field and setting.field not in apart
    } == {
        setting.name: getattr(made, setting.field)
        for setting in SETTINGS
        if setting.field and setting.field not in apart
    }


@pytest.mark.parametrize("setting", [one for one in SETTINGS if one.field and one.default], ids=lambda one: one.name)
def test_a_documented_default_may_be_written_down(setting: Setting, tmp_path: Path) -> None:
    (tmp_path / "env_profiles").mkdir()
    path = tmp_path / "env_profiles" / "local.env"
    path.write_text("DB_NAME=app\n")
    unset = load_profile(None, root=tmp_path, environ={})
    path.write_text(f"DB_NAME=app\n{setting.name}={setting.default}\n")
    written = load_profile(None, root=tmp_path, environ={})
    assert getattr(written, setting.field) == getattr(unset, setting.field)


def test_every_setting_is_explained_in_the_docs() -> None:
    """``python -m migrator.profiles.document`` was run after the last change of the table."""
    assert table() in (ROOT / PAGE).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("DB_HOTS", "DB_HOST"),
        ("db_host", "DB_HOST"),
        ("DB_PASSWROD", "DB_PASSWORD"),
        ("DB_USERNAME", "DB_USER"),
        ("DB_SSL_MODE", "DB_SSLMODE"),
        ("MIGRATOR_LOCKWAIT", "MIGRATOR_LOCK_WAIT"),
        ("DB_PASSFILE", "DB_PASS_FILE"),
        ("DB_ZZZZZZ", None),
    ],
)
def test_the_nearest_name_is_the_one_that_was_meant(written: str, meant: str | None) -> None:
    assert nearest_setting(written) == meant


def test_any_setting_may_come_from_a_secret_file_but_the_choice_of_profile() -> None:
    assert find_file_setting("DB_PASSWORD_FILE") is BY_NAME["DB_PASS"]
    assert find_file_setting("DB_URL_FILE") is BY_NAME["DB_URL"]
    assert find_file_setting("MIGRATOR_ENV_FILE") is None
    assert find_file_setting("DB_NOSUCH_FILE") is None
