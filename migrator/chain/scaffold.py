"""What ``migrator init`` writes: a migrations folder and profiles, or profiles alone in an existing Alembic project.

Planned first as a value, then written; nothing that exists is ever overwritten.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path

from migrator.chain.adoption import profiles_at
from migrator.chain.envfile import read_environment_file
from migrator.chain.layout import Layout
from migrator.errors import Refused, UsageError
from migrator.profiles.address import Address

PROFILES = ("local", "ci", "prod")
IGNORED = (".migrator/", "env_profiles/*.local.env")


class Style(StrEnum):
    """How the generated ``env.py`` talks to the database."""

    ASYNC = "async"
    SYNC = "sync"

    @property
    def driver(self) -> str:
        """The PostgreSQL driver that new profiles name."""
        return "asyncpg" if self is Style.ASYNC else "psycopg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scaffold:
    """Files that are to be written below a folder."""

    root: Path
    files: tuple[tuple[str, str], ...]
    """Path relative to ``root`` and content of each file to create."""
    ignored: tuple[str, ...]
    """Lines to add to ``.gitignore``."""
    env_py: Path | None = None
    """The existing ``env.py`` of an adopted project, which stays as it is."""

    @property
    def existing(self) -> tuple[str, ...]:
        """Files of the plan that are already there."""
        return tuple(name for name, _ in self.files if (self.root / name).exists())


def plan_project(
    root: Path, *, directory: str = "migrations", style: Style = Style.ASYNC, package: bool = False
) -> Scaffold:
    """Plan a new project: ``alembic.ini``, a migrations folder and profiles.

    Args:
        root: folder that becomes the project's root.
        directory: migrations folder, relative to ``root``.
        style: kind of ``env.py``.
        package: add ``__init__.py`` to the migrations folder and to ``versions/``.

    Raises:
        UsageError: ``directory`` is not below ``root``.
        Refused: ``pyproject.toml`` says that there is an Alembic project already.

    """
    _refuse_second_project(root)
    target = (root / directory).absolute()
    if target == root.absolute() or not target.resolve().is_relative_to(root.resolve()):
        raise UsageError(
            f"The migrations folder must lie below {root}, and {directory} does not",
            remedy="cd to the project's root and give a relative path: migrator init migrations",
        )
    folder = target.resolve().relative_to(root.resolve()).as_posix()
    planned = [
        ("alembic.ini", _template("alembic.ini.txt").format(directory=folder.replace("%", "%%"))),
        (f"{folder}/env.py", _template(f"{style.value}/env.py.txt")),
        (f"{folder}/script.py.mako", _template("script.py.mako")),
        (f"{folder}/versions/.gitkeep", ""),
    ]
    if package:
        planned += [(f"{folder}/__init__.py", ""), (f"{folder}/versions/__init__.py", "")]
    return Scaffold(root=root, files=(*planned, *_profiles(root, style)), ignored=_missing_ignores(root))


def plan_adoption(layout: Layout, address: Address | None) -> Scaffold:
    """Plan the profiles for a project whose Alembic files stay as they are.

    Args:
        layout: where it is.
        address: of the database that it uses now, for the local profile; None leaves that at an embedded server.

    """
    root, env_py = layout.root, layout.env_py
    style = Style.ASYNC if read_environment_file(env_py).asynchronous else Style.SYNC
    profiles = dict(_profiles(root, style))
    if address is not None and address.database:
        profiles = profiles_at(address, profiles)
    return Scaffold(root=root, files=tuple(profiles.items()), ignored=_missing_ignores(root), env_py=env_py)


def write_scaffold(scaffold: Scaffold, *, dry_run: bool = False) -> None:
    """Write every planned file; with ``dry_run`` only make sure that it could be done.

    Raises:
        Refused: one of the files exists; nothing is written then.

    """
    if scaffold.existing:
        adopt = any(name == "alembic.ini" or name.endswith("env.py") for name in scaffold.existing)
        raise Refused(
            f"Nothing was written: {len(scaffold.existing)} of the files to create exist already",
            where=str(scaffold.root),
            details=scaffold.existing,
            remedy="migrator init --adopt adds profiles to a project that has Alembic files"
            if adopt
            else "edit these files, or move them away and run the same command again",
        )
    if dry_run:
        return
    for name, content in scaffold.files:
        path = scaffold.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as new:
            new.write(content)
    _extend_gitignore(scaffold)


def wiring(env_py: Path) -> tuple[str, ...]:
    """Lines that make an existing ``env.py`` take the connection of the profile when plain ``alembic`` runs it."""
    file = read_environment_file(env_py)
    if file.flask:
        return (
            "# Flask-Migrate connects to the application's SQLALCHEMY_DATABASE_URI: let it lead where the profile does",
        )
    style = Style.ASYNC if file.asynchronous else Style.SYNC
    function = "async_engine" if style is Style.ASYNC else "engine"
    replaced = "async_engine_from_config" if style is Style.ASYNC else "engine_from_config"
    return (
        f"from migrator.execution.environment_file import {function}",
        f"connectable = {function}(context.config)  # in place of {replaced}(...)",
        'handed_over = context.config.attributes.get("connection")  # unless None, in place of connectable.connect()',
    )


def _refuse_second_project(root: Path) -> None:
    pyproject = root / "pyproject.toml"
    if pyproject.exists() and re.search(r"(?m)^\[tool\.alembic\]", pyproject.read_text(encoding="utf-8")):
        raise Refused(
            "Nothing was written: pyproject.toml has a [tool.alembic] section, so this is an Alembic project already",
            where=str(pyproject),
            remedy="migrator init --adopt",
        )


def _profiles(root: Path, style: Style) -> tuple[tuple[str, str], ...]:
    database = re.sub(r"[^a-z0-9]+", "_", root.absolute().name.lower()).strip("_") or "app"
    return tuple(
        (
            f"env_profiles/{name}.env",
            _template(f"profiles/{name}.env.txt").format(driver=style.driver, database=database),
        )
        for name in PROFILES
    )


def _template(name: str) -> str:
    return (files("migrator") / "templates" / name).read_text(encoding="utf-8")


def _missing_ignores(root: Path) -> tuple[str, ...]:
    gitignore = root / ".gitignore"
    present = gitignore.read_text(encoding="utf-8").split() if gitignore.exists() else []
    return tuple(line for line in IGNORED if line not in present and f"/{line}" not in present)


def _extend_gitignore(scaffold: Scaffold) -> None:
    if not scaffold.ignored:
        return
    gitignore = scaffold.root / ".gitignore"
    before = gitignore.read_bytes() if gitignore.exists() else b""
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    joint = newline if before and not before.endswith(b"\n") else b""
    with gitignore.open("ab") as file:
        file.write(joint + b"".join(line.encode() + newline for line in scaffold.ignored))
