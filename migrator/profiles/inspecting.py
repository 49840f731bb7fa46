"""Profiles as answers to questions: which there are, what one holds and from where, what is wrong or risky about it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from migrator.errors import ConfigurationError
from migrator.findings import Finding, RuleInfo, Severity
from migrator.profiles.address import parse_address
from migrator.profiles.envfile import EnvFile, read_env_file
from migrator.profiles.loading import FOLDER, PROCESS_NAME, list_profiles, read_profile
from migrator.profiles.model import Origin, Profile, Secret
from migrator.profiles.password import password_of
from migrator.profiles.problems import Problem
from migrator.profiles.setting import Kind, Setting
from migrator.profiles.settings import BY_NAME, SETTINGS, belongs_here

RULES: Final = (
    RuleInfo(
        id="secret-in-profile",
        severity=Severity.WARNING,
        summary="A password stands in the file of a protected profile.",
        why="The file is meant for git: whoever can read the repository can log in to this database.",
        remedy="DB_PASS_FILE=/path/of/a/mounted/file, or DB_PASS_COMMAND, or DB_PASS in the process environment",
    ),
    RuleInfo(
        id="value-ends-before-hash",
        severity=Severity.WARNING,
        summary="An unquoted value ends before a `#` that follows a space.",
        why="What follows counts as a comment; a password that holds it is cut short.",
        remedy="put the value in single quotes, or take the comment away",
    ),
    RuleInfo(
        id="name-like-a-setting",
        severity=Severity.WARNING,
        summary="A name in a profile file resembles a setting, but is none.",
        why="Names that begin with neither DB_ nor MIGRATOR_ are for other programs, and are passed over here.",
        remedy="correct the name",
    ),
    RuleInfo(
        id="production-not-protected",
        severity=Severity.NOTICE,
        summary="A profile whose name says production is not protected.",
        why="downgrade, stamp and destructive plans run on it without a question.",
        remedy="MIGRATOR_PROTECTED=true",
    ),
    RuleInfo(
        id="tls-not-required",
        severity=Severity.NOTICE,
        summary="A protected profile reaches its server over the network without requiring TLS.",
        why="With prefer, a server or someone between that offers no TLS gets the login in the clear.",
        remedy="DB_SSLMODE=verify-full, or require",
    ),
)
_RULES: Final = {rule.id: rule for rule in RULES}
_PRODUCTION: Final = frozenset({"prod", "production", "live"})
_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_VERY_NEAR: Final = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSetting:
    """One setting as it may be shown."""

    name: str
    value: str | None
    """``***`` for a secret; None when nothing is set."""
    origin: Origin
    note: str | None = None
    """What holds when nothing is set."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileCheck:
    """What is wrong with one profile, and what is risky about it."""

    name: str
    profile: Profile | None
    problems: tuple[Problem, ...] = ()
    findings: tuple[Finding, ...] = ()


def shown_settings(profile: Profile) -> tuple[ShownSetting, ...]:
    """All settings of a profile in the order of the table, secrets masked."""
    return tuple(
        ShownSetting(
            name=setting.name,
            value=_shown(setting, profile),
            origin=profile.origins.get(setting.name, Origin(kind="default")),
            note="the embedded server's own" if _is_embedded_own(setting, profile) else setting.default_note,
        )
        for setting in SETTINGS
        if setting.field
    )


def _is_embedded_own(setting: Setting, profile: Profile) -> bool:
    return profile.embedded is not None and setting.field in {"host", "port", "user", "password"}


def _shown(setting: Setting, profile: Profile) -> str | None:
    value = getattr(profile, setting.field)
    if setting.kind is Kind.SCHEMAS:
        return ", ".join(profile.search_path) or value
    if value is None or (_is_embedded_own(setting, profile) and setting.field != "host"):
        return None
    if isinstance(value, (bool, Secret)):
        return str(value).lower()
    if setting.kind in (Kind.SECONDS, Kind.MILLISECONDS):
        return f"{value:g} {'s' if setting.kind is Kind.SECONDS else 'ms'}"
    return str(value)


def current_profile(name: str | None, *, root: Path, environ: Mapping[str, str]) -> str | None:
    """The name of the profile that commands use now; None where they use none, or the one asked for does not exist."""
    try:
        profile, problems, chosen = read_profile(name, root=root, environ=environ, overrides={})
    except ConfigurationError:
        return None
    return chosen if profile is not None or problems else None


def overview(*, root: Path, environ: Mapping[str, str]) -> tuple[ProfileCheck, ...]:
    """All profiles, read without running anything."""
    names = list_profiles(root)
    if not names and current_profile(None, root=root, environ=environ) == PROCESS_NAME:
        profile, problems, _ = read_profile(None, root=root, environ=environ, overrides={})
        return (ProfileCheck(name=PROCESS_NAME, profile=profile, problems=problems),)
    read = ((name, *read_profile(name, root=root, environ=environ, overrides={})[:2]) for name in names)
    return tuple(ProfileCheck(name=name, profile=profile, problems=problems) for name, profile, problems in read)


def check_profiles(names: tuple[str, ...], *, root: Path, environ: Mapping[str, str]) -> tuple[ProfileCheck, ...]:
    """Check profiles; without names all of them, or the one that the process environment makes.

    Raises:
        ConfigurationError: a named profile does not exist, or there is none at all.

    """
    known = names or list_profiles(root)
    checks = [_check(name, root=root, environ=environ) for name in known]
    if not known:
        profile, problems, name = read_profile(None, root=root, environ=environ, overrides={})
        if profile is None and not problems:
            raise ConfigurationError(
                f"There are no profiles: no {FOLDER}/ and no DB_ settings in the process environment.",
                remedy=f"migrator init --adopt adds {FOLDER}/",
            )
        checks.append(_concluded(name, profile, problems, files=()))
    return tuple(checks)


def _check(name: str, *, root: Path, environ: Mapping[str, str]) -> ProfileCheck:
    profile, problems, _ = read_profile(name, root=root, environ=environ, overrides={})
    paths = (root / FOLDER / f"{name}.local.env", root / FOLDER / f"{name}.env")
    files = tuple(read_env_file(path, shown=f"{FOLDER}/{path.name}") for path in paths if path.exists())
    return _concluded(name, profile, problems, files=files)


def _concluded(
    name: str, profile: Profile | None, problems: tuple[Problem, ...], *, files: tuple[EnvFile, ...]
) -> ProfileCheck:
    if profile is not None:
        try:
            password_of(profile)
        except ConfigurationError as error:
            problems = (Problem(message=" ".join((error.message, *error.details)), place=error.where or ""),)
            profile = None
    findings = [*_findings_in_files(files)]
    if profile is not None:
        findings += _findings_about(profile, files)
    return ProfileCheck(name=name, profile=profile, problems=problems, findings=tuple(findings))


def _findings_in_files(files: tuple[EnvFile, ...]) -> list[Finding]:
    findings = []
    for file in files:
        for entry in file.entries:
            setting = BY_NAME.get(entry.name)
            if setting is not None and setting.secret and entry.loses_comment:
                findings.append(_finding("value-ends-before-hash", f"{entry.name} ends before a #", file, entry.line))
            near = difflib.get_close_matches(entry.name.upper(), BY_NAME, n=1, cutoff=_VERY_NEAR)
            if near and not belongs_here(entry.name):
                message = f"{entry.name} is no setting; did you mean {near[0]}?"
                findings.append(_finding("name-like-a-setting", message, file, entry.line))
    return findings


def _findings_about(profile: Profile, files: tuple[EnvFile, ...]) -> list[Finding]:
    findings = []
    if profile.protected:
        findings += [
            _finding(
                "secret-in-profile", f"{entry.name} holds a password, and the profile is protected", file, entry.line
            )
            for file in files
            if not file.shown.endswith(".local.env")
            for entry in file.entries
            if (setting := BY_NAME.get(entry.name)) is not None and _holds_password(setting, entry.value)
        ]
        weak = profile.sslmode in ("disable", "allow", "prefer") and profile.dialect not in ("sqlite", "oracle")
        if weak and profile.embedded is None and not profile.is_socket and profile.host not in _LOOPBACK:
            findings.append(_about("tls-not-required", f"DB_SSLMODE is {profile.sslmode}", profile, "DB_SSLMODE"))
    elif profile.name.lower() in _PRODUCTION and profile.name != PROCESS_NAME:
        findings.append(_about("production-not-protected", f"{profile.name} is not protected", profile, ""))
    return findings


def _holds_password(setting: Setting, value: str) -> bool:
    if not setting.secret or not value:
        return False
    return setting.kind is not Kind.URL or bool(parse_address(value).password)


def _about(rule: str, message: str, profile: Profile, setting: str) -> Finding:
    origin = profile.origins.get(setting, Origin(kind="default"))
    file = origin.file if origin.line is not None else f"{FOLDER}/{profile.name}.env"
    return _finding(rule, message, EnvFile(shown=str(file)), origin.line)


def _finding(rule: str, message: str, file: EnvFile, line: int | None) -> Finding:
    info = _RULES[rule]
    return Finding(
        rule=rule,
        severity=info.severity,
        message=message,
        path=file.shown,
        line=line,
        cause=info.why,
        remedy=info.remedy,
    )
