"""Where a project keeps its revisions, as ``alembic.ini`` and ``pyproject.toml`` say; nothing is imported for it."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from migrator.chain.settings import AlembicSettings, alembic_table, read_settings
from migrator.errors import ConfigurationError

DEFAULT_FILE_TEMPLATE = "%(rev)s_%(slug)s"
DEFAULT_SLUG_LENGTH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The folders of one Alembic project; every path is absolute."""

    root: Path
    """Folder of the project: where ``env_profiles/`` and ``[tool.migrator]`` are looked for."""
    ini: Path | None
    toml: Path | None
    """``pyproject.toml`` when it holds ``[tool.alembic]`` or was named with ``-c``."""
    section: str
    script_location: Path
    version_locations: tuple[Path, ...]
    """Folders of revision files in the order in which they are read; they may not exist."""
    recursive: bool
    sourceless: bool
    file_template: str
    truncate_slug_length: int
    prepend_sys_path: tuple[Path, ...]
    timezone: str | None = None
    output_encoding: str = "utf-8"

    @property
    def env_py(self) -> Path:
        """The project's ``env.py``; it may not exist."""
        return self.script_location / "env.py"


def find_layout(
    start: Path, *, config: Sequence[str] = (), section: str = "alembic", environ: Mapping[str, str] | None = None
) -> Layout:
    """Find the Alembic project of a folder.

    Without ``config`` the folder itself is looked at first, then its parents up to the one that holds ``.git``.

    Args:
        start: the folder that relative settings refer to, normally the working directory.
        config: ini file and/or ``pyproject.toml`` as given with ``-c``.
        section: section of the ini file.
        environ: where ``ALEMBIC_CONFIG`` is looked up; the process environment when None.

    Raises:
        ConfigurationError: there is no Alembic project here, or its settings cannot be used.

    """
    start = start.absolute()
    environ = os.environ if environ is None else environ
    named = tuple(config) or tuple(filter(None, (environ.get("ALEMBIC_CONFIG"),)))
    if named:
        ini, toml = _named_files(start, named)
        origin = start
        root = _root_of_named(start, ini, toml)
    else:
        origin, ini, toml = _search(start)
        root = origin
    settings = read_settings(ini=ini, toml=toml, section=section)
    prepend = tuple(_absolute(part, origin) for part in settings.prepend_sys_path())
    script_location = _script_location(settings, origin, prepend)
    locations = tuple(_located(part, origin, prepend, settings) for part in settings.version_locations())
    return Layout(
        root=root,
        ini=ini,
        toml=toml,
        section=section,
        script_location=script_location,
        version_locations=locations or (script_location / "versions",),
        recursive=settings.flag("recursive_version_locations"),
        sourceless=settings.flag("sourceless"),
        file_template=settings.text("file_template") or DEFAULT_FILE_TEMPLATE,
        truncate_slug_length=settings.number("truncate_slug_length", DEFAULT_SLUG_LENGTH),
        prepend_sys_path=prepend,
        timezone=settings.text("timezone"),
        output_encoding=settings.text("output_encoding") or "utf-8",
    )


def _root_of_named(start: Path, ini: Path | None, toml: Path | None) -> Path:
    """The folder of a named configuration file, or the working directory where the project reaches up to it."""
    folder = (ini or toml or start).parent
    below = all(start in path.parents for path in (ini, toml) if path)
    return start if below and not (folder / "env_profiles").is_dir() else folder


def _named_files(start: Path, named: Sequence[str]) -> tuple[Path | None, Path | None]:
    ini: Path | None = None
    toml: Path | None = None
    for name in named:
        path = Path(os.path.normpath(start / name))
        if not path.is_file():
            raise ConfigurationError(f"The configuration file {name} does not exist.", where=str(path))
        if path.name == "pyproject.toml":
            if toml is not None:
                raise ConfigurationError("-c names pyproject.toml more than once.")
            toml = path
        elif ini is not None:
            raise ConfigurationError(f"-c names two ini files, {ini.name} and {path.name}; one is allowed.")
        else:
            ini = path
    # Alembic reads the other file of the pair from the working directory, so the same is done here.
    if ini is None and (start / "alembic.ini").is_file():
        ini = start / "alembic.ini"
    if toml is None and alembic_table(start / "pyproject.toml"):
        toml = start / "pyproject.toml"
    return ini, toml


def _search(start: Path) -> tuple[Path, Path | None, Path | None]:
    for folder in (start, *start.parents):
        ini = folder / "alembic.ini"
        toml = folder / "pyproject.toml"
        has_table = bool(alembic_table(toml))
        if ini.is_file() or has_table:
            return folder, ini if ini.is_file() else None, toml if has_table else None
        flask = folder / "migrations" / "alembic.ini"
        if flask.is_file() and flask.with_name("env.py").is_file():
            return folder, flask, None
        if (folder / ".git").exists():
            break
    raise ConfigurationError(
        f"There is no Alembic project in {start}: no alembic.ini and no [tool.alembic] in pyproject.toml.",
        where=str(start),
        remedy="migrator init (new project), or name the file: migrator -c path/to/alembic.ini ...",
    )


def _script_location(settings: AlembicSettings, origin: Path, prepend: tuple[Path, ...]) -> Path:
    written = settings.text("script_location")
    if written:
        location = _located(written, origin, prepend, settings)
        if not location.is_dir():
            raise ConfigurationError(
                f"script_location = {written} points to {location}, which is not a folder.",
                where=settings.source,
                remedy="Correct script_location, or create the folder: migrator init",
            )
        return location
    beside = [settings.ini.absolute().parent] if settings.ini else []
    for folder in (*beside, origin / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    missing_section = settings.ini is not None and not settings.parser.has_section(settings.section)
    raise ConfigurationError(
        f"{settings.source} has no [{settings.section}] section."
        if missing_section
        else f"{settings.source} does not set script_location in [{settings.section}].",
        where=settings.source,
        details=[f"sections: {', '.join(settings.parser.sections())}"] if missing_section else [],
        remedy="migrator -n SECTION ..." if missing_section else "Add: script_location = %(here)s/migrations",
    )


def _located(written: str, origin: Path, prepend: tuple[Path, ...], settings: AlembicSettings) -> Path:
    """A path, or ``package:folder``, as Alembic takes it: relative to the working directory."""
    if ":" in written and not Path(written).is_absolute():
        return _in_package(written, origin, prepend, settings)
    candidates = [written]
    if "#" in written:
        candidates.append(written.split("#", 1)[0].strip())
    folders = [origin] + ([settings.ini.absolute().parent] if settings.ini else [])
    for candidate in candidates:
        for folder in folders:
            if (path := _absolute(candidate, folder)).is_dir():
                return path
    return _absolute(written, origin)


def _in_package(written: str, origin: Path, prepend: tuple[Path, ...], settings: AlembicSettings) -> Path:
    package, *parts = written.split(":")
    top, *inner = package.split(".")
    for folder in (*prepend, origin, *map(Path, sys.path)):
        path = folder.joinpath(top, *inner, *parts)
        if path.is_dir():
            return _absolute(str(path), origin)
    from importlib.util import find_spec

    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        spec = None
    for folder_name in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(folder_name).joinpath(*inner, *parts)
        if path.is_dir():
            return path
    raise ConfigurationError(
        f"{written!r} names the package {top!r}, "
        + ("which has no such folder." if spec else "which cannot be found on the Python path."),
        where=settings.source,
        remedy="Install the package in this environment, or add its folder to prepend_sys_path.",
    )


def _absolute(written: str, folder: Path) -> Path:
    return Path(os.path.normpath(folder / written))
