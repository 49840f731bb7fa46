"""Finding the profile that was asked for, and reading the files and variables that it is made of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from migrator.errors import ConfigurationError
from migrator.profiles.model import Profile
from migrator.profiles.problems import Problem, configuration_error

FOLDER: Final = "env_profiles"
DEFAULT_NAME: Final = "local"
PROCESS_NAME: Final = "process"
"""Name of the profile that the process environment alone makes."""

_SAFE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_LOCAL_SUFFIX = ".local"
_MAKES_A_PROFILE: Final = ("DB_URL", "DB_NAME", "DB_HOST", "DB_USER", "DB_EMBEDDED")
"""Names of the process environment that say that a database is meant here."""


def list_profiles(root: Path) -> tuple[str, ...]:
    """The names of the profiles of a project, sorted; a profile may consist of its git-ignored file alone."""
    names = {path.name.removesuffix(".env").removesuffix(_LOCAL_SUFFIX) for path in (root / FOLDER).glob("*.env")}
    return tuple(sorted(name for name in names if _SAFE_NAME.fullmatch(name)))


def load_profile(
    name: str | None, *, root: Path, environ: Mapping[str, str], overrides: Mapping[str, str] | None = None
) -> Profile | None:
    """Load the profile to use.

    Args:
        name: what ``--env`` said; None leaves it to ``MIGRATOR_ENV``, then ``local``.
        root: the project's folder, which holds ``env_profiles/``.
        environ: the process environment.
        overrides: settings from the command line, by name (``DB_NAME``).

    Returns:
        None where nothing was asked for and nothing is there: no profiles and no ``DB_`` settings of the process.

    Raises:
        ConfigurationError: with every problem of the profile, one a line.

    """
    profile, problems, chosen = read_profile(name, root=root, environ=environ, overrides=overrides or {})
    if problems:
        raise configuration_error(chosen, problems)
    return profile


def require_profile(name: str | None, *, root: Path, environ: Mapping[str, str]) -> Profile:
    """Load the profile to use, where there has to be one; see `load_profile`.

    Raises:
        ConfigurationError: also where nothing was asked for and nothing is there.

    """
    profile = load_profile(name, root=root, environ=environ)
    if profile is None:
        raise ConfigurationError(
            f"No connection: there is no {FOLDER}/ folder and no DB_ setting in the environment",
            where=str(root),
            remedy="run `migrator init --adopt` there, or set DB_HOST, DB_NAME, DB_USER and DB_PASS",
        )
    return profile


def read_profile(
    name: str | None, *, root: Path, environ: Mapping[str, str], overrides: Mapping[str, str]
) -> tuple[Profile | None, tuple[Problem, ...], str]:
    """Like `load_profile`, with the problems as values: the profile (None with problems), they, and the name chosen.

    Raises:
        ConfigurationError: there is no such profile.

    """
    chosen = _choose(name, root=root, environ=environ, overrides=overrides)
    if chosen is None:
        return None, (), DEFAULT_NAME
    from migrator.profiles.assembling import assemble
    from migrator.profiles.envfile import read_env_file
    from migrator.profiles.layers import FILE, LOCAL_FILE, Layers

    layers = Layers(root)
    layers.add_flags(overrides)
    layers.add_process(environ)
    path = None
    if chosen != PROCESS_NAME or PROCESS_NAME in list_profiles(root):
        path = root / FOLDER / f"{chosen}.env"
        for file, layer in ((root / FOLDER / f"{chosen}{_LOCAL_SUFFIX}.env", LOCAL_FILE), (path, FILE)):
            if file.exists():
                layers.add_file(read_env_file(file, shown=f"{FOLDER}/{file.name}"), layer)
    profile = assemble(layers, name=chosen, path=path)
    problems = sorted(layers.problems, key=lambda problem: (problem.file or "", problem.line or 0))
    return (None if problems else profile), tuple(problems), chosen


def _choose(name: str | None, *, root: Path, environ: Mapping[str, str], overrides: Mapping[str, str]) -> str | None:
    """The name of the profile to load; None when there is nothing to load and nothing was asked for."""
    asked = name or environ.get("MIGRATOR_ENV") or None
    known = list_profiles(root)
    by = "--env" if name else "MIGRATOR_ENV"
    if asked is not None:
        if not _SAFE_NAME.fullmatch(asked) or asked.endswith((_LOCAL_SUFFIX, ".env")):
            raise ConfigurationError(
                f"{asked!r} ({by}) is no name of a profile.",
                remedy=f"a name such as prod, without folder and ending; there are: {', '.join(known) or 'none'}",
            )
        if asked in known:
            return asked
        raise _unknown(asked, by=by, known=known)
    if DEFAULT_NAME in known:
        return DEFAULT_NAME
    given = {**environ, **overrides}
    if any(given.get(key) or given.get(f"{key}_FILE") for key in _MAKES_A_PROFILE):
        return PROCESS_NAME
    if not known:
        return None
    raise ConfigurationError(
        f"No profile was chosen, and there is no {FOLDER}/{DEFAULT_NAME}.env.",
        remedy=f"add --env with one of: {', '.join(known)}",
    )


def _unknown(asked: str, *, by: str, known: tuple[str, ...]) -> ConfigurationError:
    import difflib

    if not known:
        return ConfigurationError(
            f"There is no profile {asked!r} ({by}): this project has no {FOLDER}/ yet.",
            where=f"{FOLDER}/{asked}.env",
            remedy=f"migrator init --adopt adds {FOLDER}/ and nothing else; or set DB_HOST, DB_NAME, ... without {by}",
        )
    near = difflib.get_close_matches(asked, known, n=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return ConfigurationError(
        f"There is no profile {asked!r} ({by}).{hint}",
        where=f"{FOLDER}/{asked}.env",
        remedy=f"use {by}{' ' if by == '--env' else '='}{near[0] if near else known[0]}; there are: {', '.join(known)}",
    )
