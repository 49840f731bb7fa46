"""Where the embedded server of a project keeps its data, its lock and its socket.

The data lies in ``<root>/.migrator/postgres-<major>``. Where the server's account can't enter that folder (root's
home), or where nothing can be written, it lies in the machine's folder for state, and a symbolic link in ``.migrator``
says so.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
from pathlib import Path

from migrator.database.embedded.account import Account
from migrator.errors import ConfigurationError

PORT = 5432
_SOCKET_NAME = f".s.PGSQL.{PORT}"
_LONGEST_SOCKET_PATH = 103
"""Bytes: 107 on Linux, 103 on macOS."""
_PLAIN_PATH = re.compile(r"/[A-Za-z0-9/._+-]*")
"""What every driver and ``unix_socket_directories`` take without quoting."""


def inside(root: Path, major: int) -> Path:
    """Where the data, or the link to it, is in the project."""
    return root / ".migrator" / f"postgres-{major}"


def find_data(root: Path, major: int) -> Path | None:
    """The folder with the server's data, or None when there is none yet. Writes nothing."""
    here = inside(root, major)
    if here.is_symlink():
        linked = here.resolve()
        return linked if linked.is_dir() and _is_of(linked.parent, root) else _existing_outside(root, major)
    return here if here.is_dir() else _existing_outside(root, major)


def _is_of(folder: Path, root: Path) -> bool:
    """Whether a linked folder is this project's, and not that of the project it was copied from."""
    try:
        recorded = Path((folder / "root").read_text().strip())
    except OSError:
        return True
    return recorded == root.resolve() or not (recorded / ".migrator").is_dir()


def _existing_outside(root: Path, major: int) -> Path | None:
    places = (folder / _key(root) / f"postgres-{major}" for folder in _state_folders())
    return next((place for place in places if place.is_dir()), None)


def choose_data(root: Path, major: int, account: Account) -> Path:
    """Choose and prepare the place for a new server's data; the folder itself is not made.

    Raises:
        ConfigurationError: no place can be written to.

    """
    here = inside(root, major)
    try:
        here.parent.mkdir(mode=0o755, exist_ok=True)
        if here.parent.stat().st_uid == os.geteuid():
            account.own(here.parent) if root.stat().st_uid == account.uid else None
        usable = os.access(here.parent, os.W_OK) and (not account.is_other or account.can("-x", here.parent))
    except OSError:
        usable = False
    if usable and not here.is_symlink():
        return here
    data = _prepare_outside(root, major)
    _link(here, data)
    return data


def _prepare_outside(root: Path, major: int) -> Path:
    problems = []
    for folder in _state_folders():
        place = folder / _key(root)
        try:
            place.mkdir(mode=0o755, parents=True, exist_ok=True)
            refuse_foreign(place, {os.geteuid()})
            (place / "root").write_text(f"{root.resolve()}\n")
        except OSError as error:
            problems.append(f"{place}: {error.strerror}")
        else:
            return place / f"postgres-{major}"
    raise ConfigurationError(
        "No folder can be written to for the embedded server's data.",
        where=str(inside(root, major)),
        details=problems,
        remedy=f"make {root / '.migrator'} writable, or set DB_HOST to a server of your own",
    )


def _link(here: Path, data: Path) -> None:
    """Record the place in the project; a project that can't be written to is found again by its path alone."""
    try:
        here.unlink(missing_ok=True)
        here.symlink_to(data)
    except OSError:
        return


def _state_folders() -> tuple[Path, ...]:
    if os.geteuid() == 0:
        return (Path("/var/lib/migrator"), Path("/var/tmp/migrator"))  # noqa: S108 - owner is checked
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return (Path(state).expanduser() / "migrator", Path(f"/var/tmp/migrator-{os.geteuid()}"))  # noqa: S108


def binaries_folder() -> Path:
    """Where a copy of the binaries goes when the server's account can't read the installed ones."""
    return next((folder for folder in _state_folders() if folder.is_dir()), _state_folders()[0]) / "binaries"


def _keep_out_of_git(folder: Path) -> None:
    """A project that was never asked to ignore the folder must not find it among its changes."""
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n")


def lock_file(root: Path, major: int) -> Path:
    """The file that a starting command locks; its folder is made."""
    for folder in (root / ".migrator", *(state / _key(root) for state in _state_folders())):
        try:
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            _keep_out_of_git(folder)
            return folder / f"postgres-{major}.lock"
    raise ConfigurationError(
        "No folder can be written to for the embedded server.",
        where=str(root / ".migrator"),
        remedy="make it writable, or set DB_HOST to a server of your own",
    )


def short_socket_folder(data: Path) -> Path:
    """Where the socket goes: with the data, or in a short place when that path is too long or too odd for drivers."""
    path = os.fspath(data)
    if _PLAIN_PATH.fullmatch(path) and len(os.fsencode(path)) + 1 + len(_SOCKET_NAME) <= _LONGEST_SOCKET_PATH:
        return data
    return Path(f"/tmp/migrator-{hashlib.sha256(os.fsencode(path)).hexdigest()[:12]}")  # noqa: S108 - checked below


def socket_folder(data: Path, account: Account) -> Path:
    """Make the folder for the socket, which only the server's account can enter."""
    folder = short_socket_folder(data)
    if folder == data:
        return folder
    try:
        folder.mkdir(mode=0o700)
        account.own(folder)
    except FileExistsError:
        refuse_foreign(folder, {account.uid})
    return folder


def socket_path(folder: Path) -> Path:
    """The socket itself."""
    return folder / _SOCKET_NAME


def refuse_foreign(folder: Path, owners: set[int]) -> None:
    """Refuse a folder in a place where anybody can write that somebody else made.

    Raises:
        ConfigurationError: it is a link, no folder, or belongs to another account.

    """
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in owners:
        raise ConfigurationError(
            "A folder that the embedded server needs belongs to somebody else.",
            where=str(folder),
            remedy=f"look at it, and remove it: rm -r {folder}",
        )


def _key(root: Path) -> str:
    return hashlib.sha256(os.fsencode(root.resolve())).hexdigest()[:12]
