"""The password at the moment when it is needed: the one that was given, or what ``DB_PASS_COMMAND`` prints."""

from __future__ import annotations

import shlex
import subprocess
import time

from migrator.errors import ConfigurationError
from migrator.profiles.model import Profile, Secret
from migrator.profiles.remembering import remember
from migrator.redaction import redact

_FRESH_SECONDS = 60.0
"""A token is asked for again after this; the shortest-lived ones in use last several minutes."""
_LONGEST_SECONDS = 60.0
_LONGEST_COMPLAINT = 500

_fetched: dict[tuple[str, str], tuple[float, Secret]] = {}


def password_of(profile: Profile) -> str | None:
    """Return the password to log in with, running ``DB_PASS_COMMAND`` where one is set.

    Raises:
        ConfigurationError: the command failed or printed nothing.

    """
    if profile.password is not None:
        return profile.password.reveal()
    if profile.password_command is None:
        return None
    key = (profile.password_command, str(profile.root))
    before = _fetched.get(key)
    if before is not None and time.monotonic() - before[0] < _FRESH_SECONDS:
        return before[1].reveal()
    secret = Secret(_run(profile, profile.password_command))
    remember(secret)
    _fetched[key] = (time.monotonic(), secret)
    return secret.reveal()


def _run(profile: Profile, command: str) -> str:
    words = shlex.split(command)
    try:
        done = subprocess.run(
            words,
            cwd=profile.root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=_LONGEST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise _failure(profile, words[0], f"gave no answer within {_LONGEST_SECONDS:g} s") from None
    except OSError as error:
        raise _failure(profile, words[0], f"cannot be started: {error.strerror}") from None
    if done.returncode:
        complaint = redact(done.stderr.strip())[-_LONGEST_COMPLAINT:]
        raise _failure(profile, words[0], f"exited with {done.returncode}", complaint)
    password = done.stdout.removesuffix("\n").removesuffix("\r")
    if not password:
        raise _failure(profile, words[0], "printed nothing")
    return password


def _failure(profile: Profile, program: str, what: str, complaint: str = "") -> ConfigurationError:
    origin = profile.origins.get("DB_PASS_COMMAND")
    return ConfigurationError(
        f"DB_PASS_COMMAND of the profile {profile.name!r} ({program}) {what}.",
        where=None if origin is None else str(origin),
        details=[f"it said: {line}" for line in complaint.splitlines()],
        remedy="run the command by itself, then: migrator profile check --env " + profile.name
        if profile.source == "file"
        else "run the command by itself, then: migrator profile check",
    )
