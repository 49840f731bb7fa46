"""The password at the moment when it is needed: the one that was given, or what ``DB_PASS_COMMAND`` prints."""

from __future__ import annotations

import shlex
import subprocess
import time
from pathlib import Path

from migrator.errors import ConfigurationError
from migrator.profiles.address import parse_address
from migrator.profiles.model import Origin, Profile, Secret
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


def may_change(profile: Profile) -> bool:
    """Whether the password of a later connection may be another one: a command or a secret file gives it."""
    return profile.password_command is not None or _secret_file(profile) is not None


def current_password(profile: Profile) -> str | None:
    """Return the password as it is now: the command is run and the secret file read again, each time.

    For the connections of an application, which go on being made while tokens expire and secrets are rotated.

    Raises:
        ConfigurationError: the command failed or printed nothing; the file cannot be read, or holds none.

    """
    if profile.password_command is not None:
        secret = Secret(_run(profile, profile.password_command))
    elif (origin := _secret_file(profile)) is not None:
        secret = Secret(_read(profile, origin))
    else:
        return None if profile.password is None else profile.password.reveal()
    remember(secret)
    return secret.reveal()


def _secret_file(profile: Profile) -> Origin | None:
    """Where the password comes from, if that is a file that is mounted for it."""
    origin = profile.origins.get("DB_PASS")
    return origin if origin is not None and origin.kind == "secret-file" and profile.password is not None else None


def _read(profile: Profile, origin: Origin) -> str:
    """The password in a secret file, which may hold a whole address."""
    try:
        text = ((profile.root or Path()) / str(origin.file)).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise _unreadable(profile, origin, f"cannot be read again: {why}") from None
    text = text.removesuffix("\n").removesuffix("\r")
    if origin.name == "DB_URL_FILE":
        try:
            text = parse_address(text).password or ""
        except ValueError as error:
            raise _unreadable(profile, origin, str(error)) from None
    if not text:
        raise _unreadable(profile, origin, "holds no password any more")
    return text


def _unreadable(profile: Profile, origin: Origin, what: str) -> ConfigurationError:
    return ConfigurationError(
        f"{origin.name} of the profile {profile.name!r} ({origin.file}) {what}.",
        where=str(origin),
        state="the connections that are open stay open; no new one can be made",
        remedy="mount the secret again, then: migrator profile check",
    )


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
