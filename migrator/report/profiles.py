"""Profiles as text and JSON, never with a secret unless one was asked for by name."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from migrator.errors import ExitCode, MigratorError
from migrator.findings import Severity
from migrator.profiles.inspecting import ProfileCheck, shown_settings
from migrator.redaction import redact
from migrator.report.findings import finding_as_dict, findings_as_text

if TYPE_CHECKING:
    from migrator.profiles.model import Profile

Connections = Mapping[str, MigratorError | None]
"""Profile to why logging in failed, or None where it worked; profiles that were not tried are missing."""


def list_as_text(checks: Sequence[ProfileCheck], *, current: str | None) -> str:
    """One line a profile; ``*`` marks the one that commands use now."""
    if not checks:
        return "No profiles. Next: migrator init --adopt adds env_profiles/."
    width = max(len(check.name) for check in checks)
    return "\n".join(
        f"{'*' if check.name == current else ' '} {check.name:<{width}}  {_in_short(check)}" for check in checks
    )


def _in_short(check: ProfileCheck) -> str:
    if check.profile is None:
        return f"{_count(len(check.problems), 'problem')} (migrator profile check {check.name})"
    return where(check.profile) + ("  protected" if check.profile.protected else "")


def where(profile: Profile) -> str:
    """Where a profile leads."""
    if profile.embedded is not None:
        return f"embedded PostgreSQL {profile.embedded}, database {profile.database}"
    return profile.location


def list_as_json(checks: Sequence[ProfileCheck], *, current: str | None) -> str:
    """Names, which is current, which are protected, where they lead."""
    profiles = [
        {
            "name": check.name,
            "current": check.name == current,
            "protected": check.profile.protected if check.profile else None,
            "location": where(check.profile) if check.profile else None,
            "problems": [str(problem) for problem in check.problems],
        }
        for check in checks
    ]
    return _json({"schema": "migrator/profiles/1", "current": current, "profiles": profiles})


def profile_as_text(profile: Profile) -> str:
    """Each setting with its value and where it came from."""
    rows = [
        (
            shown.name,
            shown.value if shown.value is not None else "-",
            _origin_text(shown.value, shown.note, shown.origin),
        )
        for shown in shown_settings(profile)
    ]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    lines = [f"Profile {profile.name}: {where(profile)}{' (protected)' if profile.protected else ''}"]
    lines += [
        f"  {name:<{widths[0]}}  {value:<{min(widths[1], 40)}}  {origin}".rstrip() for name, value, origin in rows
    ]
    if profile.url_options:
        lines.append(f"  DB_URL also sets, for the driver: {', '.join(profile.url_options)}")
    if profile.overridden:
        lines.append(
            f"Note: the process environment overrides {', '.join(profile.overridden)} of this protected profile"
        )
    return redact("\n".join(lines))


def _origin_text(value: str | None, note: str | None, origin: object) -> str:
    return note or "not set" if value is None else str(origin)


def profile_as_json(profile: Profile) -> str:
    """All settings with their origins."""
    settings = [
        {
            "name": shown.name,
            "value": shown.value,
            "origin": {
                "kind": shown.origin.kind,
                "file": shown.origin.file,
                "line": shown.origin.line,
                "name": shown.origin.name,
            },
        }
        for shown in shown_settings(profile)
    ]
    return redact(
        _json(
            {
                "schema": "migrator/profile/1",
                "name": profile.name,
                "source": profile.source,
                "location": where(profile),
                "protected": profile.protected,
                "overridden": list(profile.overridden),
                "settings": settings,
            }
        )
    )


def checks_as_text(checks: Sequence[ProfileCheck], connections: Connections) -> str:
    """Each profile with what is wrong, what is risky and whether its login works."""
    return redact("\n".join(line for check in checks for line in _check_lines(check, connections)))


def _check_lines(check: ProfileCheck, connections: Connections) -> list[str]:
    if check.problems:
        lines = [f"{check.name}: {_count(len(check.problems), 'problem')}"]
        lines += [f"  - {problem}" for problem in check.problems]
    elif (error := connections.get(check.name)) is not None:
        lines = [f"{check.name}: {error.message}", *(f"  - {detail}" for detail in error.details)]
        lines += [f"  Next: {error.remedy}"] if error.remedy else []
    else:
        lines = [f"{check.name}: ok{', logged in' if check.name in connections else ''}"]
    if check.findings:
        lines += [f"  {line}" for line in findings_as_text(check.findings).splitlines()]
    return lines


def checks_as_json(checks: Sequence[ProfileCheck], connections: Connections) -> str:
    """The same for a program."""
    profiles = [
        {
            "name": check.name,
            "problems": [
                {"file": problem.file, "line": problem.line, "message": problem.message} for problem in check.problems
            ],
            "findings": [finding_as_dict(finding) for finding in check.findings],
            "connected": None if check.name not in connections else connections[check.name] is None,
            "failure": error.message if (error := connections.get(check.name)) else None,
        }
        for check in checks
    ]
    code = checks_exit_code(checks, connections)
    return redact(_json({"schema": "migrator/profile-check/1", "exit_code": int(code), "profiles": profiles}))


def checks_exit_code(checks: Sequence[ProfileCheck], connections: Connections) -> ExitCode:
    """The gravest of what was found."""
    if any(check.problems for check in checks):
        return ExitCode.CONFIGURATION
    failures = [error for error in connections.values() if error is not None]
    if failures:
        return failures[0].exit_code
    if any(finding.severity is not Severity.NOTICE for check in checks for finding in check.findings):
        return ExitCode.FINDINGS
    return ExitCode.DONE


def url_as_json(profile: Profile, url: str) -> str:
    """A URL with the profile that it belongs to."""
    return _json({"schema": "migrator/profile-url/1", "name": profile.name, "url": url})


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _json(body: dict[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False)
