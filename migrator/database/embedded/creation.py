"""Create the data folder of an embedded server, all or nothing."""

from __future__ import annotations

import shutil
import uuid
from pathlib import Path

from migrator.database.embedded.account import Account
from migrator.database.embedded.programs import not_started, run_program
from migrator.database.embedded.running import SUPERUSER
from migrator.errors import ConfigurationError


def ensure_data(data: Path, account: Account, programs: Path, major: int) -> None:
    """Create the data folder, all or nothing: a killed ``initdb`` leaves only a folder that the next one removes."""
    if data.is_dir() and any(data.iterdir()):
        _require_version(data, major)
        return
    for leftover in data.parent.glob(f"{data.name}.new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    # A name of its own: the initdb of a killed command goes on, and must not meet the next one.
    unfinished = data.with_name(f"{data.name}.new-{uuid.uuid4().hex[:8]}")
    try:
        unfinished.mkdir(mode=0o700)
        account.own(unfinished)
    except OSError as error:
        raise ConfigurationError(
            f"The embedded server's data folder can't be made: {error.strerror}.",
            where=str(unfinished),
            remedy="make the folder writable, or set DB_HOST to a server of your own",
        ) from error
    initdb = [str(programs / "initdb"), "-D", unfinished.name, *_locale(major), "-U", SUPERUSER, "-A", "trust"]
    outcome = run_program(initdb, account, folder=unfinished.parent)
    if outcome.returncode:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise not_started("PostgreSQL could not create its data folder.", data, outcome.stdout.splitlines())
    if data.is_dir():
        data.rmdir()
    unfinished.rename(data)


def _locale(major: int) -> list[str]:
    """Settings that give the same order and the same letters on each machine."""
    newer = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] if major >= 17 else []  # noqa: PLR2004
    return ["--encoding=UTF8", "--locale=C", *newer]


def _require_version(data: Path, major: int) -> None:
    try:
        found = (data / "PG_VERSION").read_text().strip()
    except FileNotFoundError:
        found = "no version at all"
    if found != str(major):
        raise ConfigurationError(
            f"The embedded server's data is of PostgreSQL {found}, not {major}.",
            where=str(data),
            remedy=f"move the folder away, or delete it and its databases: migrator local reset --major {major}",
        )
