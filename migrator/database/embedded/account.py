"""The operating system account that the embedded server runs as, since PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from migrator.errors import ConfigurationError

UNPRIVILEGED = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Who owns the data and runs the server."""

    uid: int
    gid: int
    name: str

    @property
    def is_other(self) -> bool:
        """Whether the server runs as somebody else than this process."""
        return self.uid != os.geteuid()

    @property
    def process_settings(self) -> dict[str, Any]:
        """Arguments of ``subprocess.run`` that start a program as this account."""
        identity = {"user": self.uid, "group": self.gid, "extra_groups": []} if self.is_other else {}
        return {"umask": 0o077, **identity}

    def can(self, test: str, path: Path) -> bool:
        """Whether this account passes ``test(1)``, such as ``-r`` or ``-x``, for a path."""
        try:
            outcome = subprocess.run(
                ["/bin/sh", "-c", 'test "$1" "$2"', "sh", test, str(path)],
                check=False,
                capture_output=True,
                env={},
                cwd="/",
                **self.process_settings,
            )
        except PermissionError as error:
            raise _cannot_change_account(self, error) from error
        return outcome.returncode == 0

    def own(self, path: Path) -> None:
        """Give this account a file or folder that was just made for it."""
        if self.is_other:
            os.chown(path, self.uid, self.gid)


def account_for(data: Path, root: Path) -> Account:
    """Choose the account for a server whose data is (or will be) in ``data``.

    Root hands over to the owner of existing data, else to the owner of the project folder, else to ``nobody``; anybody
    else runs the server under the own account.

    Raises:
        ConfigurationError: the data belongs to somebody else.

    """
    mine = os.geteuid()
    owner = data.stat().st_uid if data.exists() else None
    if mine != 0:
        if owner not in (None, mine):
            raise ConfigurationError(
                f"The embedded server's data belongs to {_name_of(owner)}, not to {_name_of(mine)}.",
                where=str(data),
                remedy=f"run the command as that user, or remove the data: sudo rm -r {data}",
            )
        return Account(uid=mine, gid=os.getegid(), name=_name_of(mine))
    for uid in (owner, root.stat().st_uid):
        if uid and (entry := _entry(uid)):
            return Account(uid=uid, gid=entry.pw_gid, name=entry.pw_name)
    try:
        entry = pwd.getpwnam(UNPRIVILEGED)
    except KeyError as error:
        raise ConfigurationError(
            f"PostgreSQL does not run as root, and there is no account {UNPRIVILEGED!r} to run it as.",
            remedy="run migrator as an ordinary user, or set DB_HOST to a server of your own",
        ) from error
    return Account(uid=entry.pw_uid, gid=entry.pw_gid, name=entry.pw_name)


def _entry(uid: int) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwuid(uid)
    except KeyError:
        return None


def _name_of(uid: int | None) -> str:
    entry = _entry(uid) if uid is not None else None
    return entry.pw_name if entry else f"uid {uid}"


def _cannot_change_account(account: Account, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"PostgreSQL does not run as root, and this process may not change to {account.name}: {error.strerror}.",
        remedy="run migrator as an ordinary user, or allow the capabilities SETUID and SETGID",
    )
