"""What ``profile show`` and ``profile check`` have to say."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.errors import ConfigurationError
from migrator.profiles.inspecting import RULES, ProfileCheck, check_profiles, current_profile, overview, shown_settings
from migrator.profiles.loading import load_profile

Check = Callable[..., ProfileCheck]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Write ``env_profiles/NAME.env`` and check that profile."""

    def write_and_check(text: str, name: str = "prod", **environ: str) -> ProfileCheck:
        folder = tmp_path / "env_profiles"
        folder.mkdir(exist_ok=True)
        (folder / f"{name}.env").write_text(text, encoding="utf-8")
        return check_profiles((name,), root=tmp_path, environ=environ)[0]

    return write_and_check


def rules(check: ProfileCheck) -> list[tuple[str, str]]:
    """Rule and place of each finding."""
    return [(finding.rule, finding.where) for finding in check.findings]


SOUND = "DB_HOST=db\nDB_NAME=app\nDB_SSLMODE=require\nMIGRATOR_PROTECTED=true\n"


def test_a_sound_profile_has_nothing_against_it(check: Check) -> None:
    found = check(SOUND, DB_PASS="s3cret")
    assert (found.problems, found.findings) == ((), ())


@pytest.mark.parametrize("line", ["DB_PASS=s3cret", "DB_PW=s3cret", "DB_MIGRATION_URL=postgresql://u:s3cret@h/x"])
def test_a_password_in_the_file_of_a_protected_profile(check: Check, line: str) -> None:
    found = check(f"{SOUND}{line}\n")
    assert rules(found) == [("secret-in-profile", "env_profiles/prod.env:5")]
    assert "s3cret" not in repr(found.findings)


def test_a_password_of_an_unprotected_profile_is_everyday(check: Check) -> None:
    assert rules(check("DB_NAME=app\nDB_PASS=s3cret\n", "local")) == []


def test_a_password_that_a_comment_cuts_short(check: Check) -> None:
    assert rules(check("DB_NAME=app\nDB_PASS=abc #def\n", "ci")) == [
        ("value-ends-before-hash", "env_profiles/ci.env:2")
    ]
    assert rules(check("DB_NAME=app\nDB_PASS='abc #def' # why\n", "ci")) == []


def test_a_name_that_was_probably_meant_as_a_setting(check: Check) -> None:
    found = check("DB_NAME=app\nBD_HOST=x\nLOG_LEVEL=info\n", "ci")
    assert rules(found) == [("name-like-a-setting", "env_profiles/ci.env:2")]


def test_production_without_protection(check: Check) -> None:
    assert rules(check("DB_NAME=app\n")) == [("production-not-protected", "env_profiles/prod.env")]


def test_protected_but_without_tls(check: Check) -> None:
    assert rules(check("DB_HOST=db\nDB_NAME=app\nMIGRATOR_PROTECTED=true\n")) == [
        ("tls-not-required", "env_profiles/prod.env")
    ]
    assert rules(check("DB_HOST=/run/pg\nDB_NAME=app\nMIGRATOR_PROTECTED=true\n")) == []


def test_the_password_command_is_part_of_the_check(check: Check) -> None:
    found = check(f"{SOUND}DB_PASS_COMMAND=false\n")
    assert found.profile is None
    assert [str(problem) for problem in found.problems] == [
        "env_profiles/prod.env:5: DB_PASS_COMMAND of the profile 'prod' (false) exited with 1."
    ]


def test_every_profile_is_checked_even_after_a_bad_one(check: Check, tmp_path: Path) -> None:
    check("DB_PORT=x\n", "a")
    check("DB_NAME=app\n", "b")
    found = check_profiles((), root=tmp_path, environ={})
    assert [(one.name, len(one.problems)) for one in found] == [("a", 2), ("b", 0)]


def test_the_profile_of_the_process_is_checked_where_there_is_no_other(tmp_path: Path) -> None:
    found = check_profiles((), root=tmp_path, environ={"DB_NAME": "app", "DB_PORT": "x"})
    assert [(one.name, len(one.problems)) for one in found] == [("process", 1)]
    with pytest.raises(ConfigurationError, match="There are no profiles"):
        check_profiles((), root=tmp_path, environ={})


def test_every_rule_explains_itself() -> None:
    assert all(rule.summary and rule.why and rule.remedy for rule in RULES)
    assert len({rule.id for rule in RULES}) == len(RULES)


def test_the_current_profile_is_known_though_it_is_broken(check: Check, tmp_path: Path) -> None:
    check("DB_PORT=x\n", "local")
    assert current_profile(None, root=tmp_path, environ={}) == "local"
    assert current_profile("nosuch", root=tmp_path, environ={}) is None
    assert current_profile(None, root=tmp_path / "elsewhere", environ={}) is None
    assert [one.name for one in overview(root=tmp_path / "elsewhere", environ={"DB_NAME": "x"})] == ["process"]


def test_shown_values_never_hold_a_secret(tmp_path: Path) -> None:
    secrets = {
        "DB_URL": "postgresql://u:hunter2@h/app",
        "DB_MIGRATION_URL": "postgresql://u:hunter2@h/app",
        "MIGRATOR_SCRATCH_URL": "postgresql://u:hunter2@h/app",
    }
    profile = load_profile(None, root=tmp_path, environ=secrets)
    assert profile is not None
    shown = {one.name: one.value for one in shown_settings(profile)}
    assert {shown[name] for name in ("DB_PASS", "DB_MIGRATION_URL", "MIGRATOR_SCRATCH_URL")} == {"***"}
    assert "hunter2" not in repr(shown)
    assert (shown["DB_HOST"], shown["DB_CONNECT_TIMEOUT"], shown["DB_ECHO"]) == ("h", "10 s", "false")
